import type { Random } from './random.ts';

/** What an input is, which decides how it is changed. */
export type InputKind = 'bytes' | 'text' | 'json' | 'json-lines';

const longest = 400_000;

/** One of the corpus, changed a few times. */
export function mutated(random: Random, corpus: readonly Uint8Array[], kind: InputKind, words: readonly string[]) {
  let bytes: Uint8Array = random.pick(corpus);
  const times = 1 + random.below(random.chance(0.1) ? 30 : 4);
  for (let i = 0; i < times; i++) {
    if (kind === 'json' && random.chance(0.7)) bytes = changedJson(random, bytes);
    else if (kind !== 'bytes' && random.chance(0.6)) bytes = changedText(random, bytes, words, corpus);
    else bytes = changedBytes(random, bytes, corpus);
    if (bytes.length > longest) bytes = bytes.subarray(0, longest);
  }
  return bytes;
}

const spliced = (bytes: Uint8Array, at: number, drop: number, insert: Uint8Array): Uint8Array => {
  const result = new Uint8Array(bytes.length - drop + insert.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(at + drop), at + insert.length);
  return result;
};

function changedBytes(random: Random, bytes: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = Math.min(bytes.length - at, 1 + random.below(random.chance(0.2) ? 4096 : 16));
  switch (random.below(8)) {
    case 0: {
      // Not slice(): of a Buffer that is a view, and the corpus itself would be changed.
      const changed = new Uint8Array(bytes);
      if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
      return changed;
    }
    case 1:
      return spliced(bytes, at, length, Uint8Array.of());
    case 2:
      return spliced(
        bytes,
        at,
        0,
        Uint8Array.from({ length: 1 + random.below(8) }, () => random.below(256)),
      );
    case 3:
      return bytes.slice(0, at);
    case 4: {
      // Lengths and counts lie in whole numbers of 1, 2, 4 and 8 bytes.
      const number = new DataView(new ArrayBuffer(8));
      number.setBigInt64(
        0,
        random.pick([0n, -1n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 62n, 65_535n, 255n]),
        random.chance(0.5),
      );
      const width = random.pick([1, 2, 4, 8]);
      return spliced(bytes, at, Math.min(width, bytes.length - at), new Uint8Array(number.buffer, 8 - width, width));
    }
    case 5: {
      const other = random.pick(corpus);
      const from = random.below(other.length + 1);
      return spliced(bytes, at, length, other.subarray(from, from + 1 + random.below(2048)));
    }
    case 6: {
      const piece = bytes.subarray(at, at + length);
      const times = 1 + random.below(random.chance(0.1) ? 20_000 : 20);
      const repeated = new Uint8Array(Math.min(longest, piece.length * times));
      for (let i = 0; i < repeated.length; i++) repeated[i] = piece[i % piece.length] ?? 0;
      return spliced(bytes, at, 0, repeated);
    }
    default: {
      const fill = random.pick([0, 0xff, 0x20, 0x0a, 0x0d, 0x80, 0xed, 0xf0, 0x5b, 0x22]);
      return spliced(bytes, at, length, new Uint8Array(random.below(64)).fill(fill));
    }
  }
}

/** Pieces that text formats trip over, whichever they are. */
const oddTexts = [
  '\0',
  '\uFEFF',
  '\u202E',
  '\u2028',
  '\u0085',
  '\uFFFD',
  '\uD800',
  '🦊',
  'e\u0301'.repeat(40),
  '\r',
  '\r\n',
  '\n\n\n',
  '\t',
  '  ',
  '\\',
  '"',
  "'",
  '[',
  ']',
  '{}',
  '__proto__',
  'constructor',
  '-0',
  '1e999',
  '9007199254740993',
  'NaN',
  'null',
  '%s%n',
  '../../etc/passwd',
];

function changedText(
  random: Random,
  bytes: Uint8Array,
  words: readonly string[],
  corpus: readonly Uint8Array[],
): Uint8Array {
  const text = Buffer.from(bytes).toString('utf8');
  const at = random.below(text.length + 1);
  const word = () => random.pick(random.chance(0.7) && words.length > 0 ? words : oddTexts);
  const insert = (piece: string) => Buffer.from(text.slice(0, at) + piece + text.slice(at), 'utf8');
  switch (random.below(6)) {
    case 0:
      return insert(word());
    case 1:
      return insert(word().repeat(1 + random.below(random.chance(0.1) ? 50_000 : 50)));
    case 2: {
      const lines = text.split('\n');
      const line = random.below(lines.length);
      if (random.chance(0.5)) lines.splice(line, 1);
      else lines.splice(random.below(lines.length), 0, lines[line] ?? '');
      return Buffer.from(lines.join('\n'), 'utf8');
    }
    case 3: {
      const other = Buffer.from(random.pick(corpus)).toString('utf8').split('\n');
      const from = random.below(other.length);
      return insert(`\n${other.slice(from, from + 1 + random.below(6)).join('\n')}\n`);
    }
    case 4:
      return Buffer.from(
        random.chance(0.5) ? text.toUpperCase() : text.replaceAll('\n', random.pick(['\r', '\r\n', ' '])),
      );
    default:
      return random.chance(0.2)
        ? Buffer.from(text, random.pick(['utf16le', 'latin1'] as const))
        : insert(`\n${word()}\n`);
  }
}

/** Values that a schema should refuse or survive. */
function oddValue(random: Random): unknown {
  return random.pick([
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 53,
    1e300,
    -1e300,
    '',
    'a'.repeat(5000),
    '\u0000\uD800',
    [],
    {},
    [[[]]],
    { length: 1e9 },
    Array(2000).fill(0),
  ]);
}

/** JSON with one value of another kind, gone, doubled or nested; as it was where it is no JSON, or too deep for us. */
function changedJson(random: Random, bytes: Uint8Array): Uint8Array {
  try {
    return bytesOfChanged(random, JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return bytes;
  }
}

/** @throws RangeError for what is nested too deep to be copied or written */
function bytesOfChanged(random: Random, value: unknown): Uint8Array {
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const root = { value };
  const stack: object[] = [root];
  for (let holder = stack.pop(); holder && places.length < 5000; holder = stack.pop()) {
    for (const [key, inside] of Object.entries(holder)) {
      places.push({ holder: holder as Record<string, unknown>, key });
      if (inside !== null && typeof inside === 'object') stack.push(inside);
    }
  }
  const { holder, key } = random.pick(places);
  const other = random.pick(places);
  switch (random.below(6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      if (typeof holder[key] === 'number') holder[key] = random.pick([0, -1, 1e9, 2 ** 31, 2 ** 32, 0.1, 1e308]);
      else holder[key] = oddValue(random);
      break;
    case 2:
      holder[key] = structuredClone(other.holder[other.key]);
      break;
    case 3:
      if (Array.isArray(holder)) {
        // No more than an input may be long: a large item three thousand times over would hold us, not the parser.
        const room = Math.floor(longest / ((JSON.stringify(holder[Number(key)])?.length ?? 0) + 1));
        holder.push(...Array(Math.min(room, random.pick([1, 1, 100, 3000]))).fill(holder[Number(key)]));
      } else
        Object.defineProperty(holder, '__proto__', { value: oddValue(random), enumerable: true, configurable: true });
      break;
    case 4: {
      let nested: unknown = holder[key];
      for (let depth = random.below(random.chance(0.1) ? 5000 : 5); depth > 0; depth--) {
        nested = random.chance(0.5) ? [nested] : { [key]: nested };
      }
      holder[key] = nested;
      break;
    }
    default:
      holder[key] = oddValue(random);
  }
  return Buffer.from(JSON.stringify(root.value) ?? 'null', 'utf8');
}
