import { type ByteSource, damaged, truncated, unsupported } from '../byte-source.ts';

/** A name that a pickle asks for. It is only compared with the allow-list, never looked up. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What a pickle names as kept outside of itself: torch's storages. */
export class PersistentId {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** What an allowed call makes of its arguments. */
export type PickleCall = (args: readonly unknown[]) => unknown;

/** All that pickles of weights hold; whatever else they may name ends in an error. */
export interface PickleAllowed {
  /** By full name, such as `collections.OrderedDict`. */
  readonly calls: ReadonlyMap<string, PickleCall>;
  /** Names that may stand as values, such as classes of storages. */
  isValue(name: string): boolean;
}

/** A pickle of weights names each tensor in some 200 bytes; none comes near. */
const mostBytes = 64 * 1024 ** 2;
const mostItems = 4_000_000;
const blockBytes = 64 * 1024;

/** Marks the start of a run of values on the stack. */
const mark = Symbol('mark');

/** Reads one pickle from a position on. `position` stands behind it afterwards. */
export class PickleReader {
  readonly #source: ByteSource;
  readonly #allowed: PickleAllowed;
  readonly #start: number;
  #position: number;
  #block: Buffer = Buffer.alloc(0);
  #blockAt = 0;

  constructor(source: ByteSource, offsetBytes: number, allowed: PickleAllowed) {
    this.#source = source;
    this.#allowed = allowed;
    this.#start = offsetBytes;
    this.#position = offsetBytes;
  }

  get position(): number {
    return this.#position;
  }

  /**
   * Runs the pickle's instructions over plain data: dictionaries become Maps, lists and tuples arrays. Nothing is imported and
   * nothing is called but what is allowed.
   * @throws ThroughlineError naming what the pickle asked for
   */
  read(): unknown {
    const stack: unknown[] = [];
    const memo = new Map<number, unknown>();
    const pop = (): unknown => {
      if (stack.length === 0 || stack.at(-1) === mark) throw this.#bad('it takes a value that is not there');
      return stack.pop();
    };
    const top = (): unknown => {
      if (stack.length === 0 || stack.at(-1) === mark) throw this.#bad('it takes a value that is not there');
      return stack.at(-1);
    };
    const toMark = (): unknown[] => {
      const at = stack.lastIndexOf(mark);
      if (at < 0) throw this.#bad('it takes values back to a mark that is not there');
      return stack.splice(at).slice(1);
    };
    const remember = (id: number, value: unknown): void => {
      if (memo.size >= mostItems) throw this.#bad('it remembers too much');
      memo.set(id, value);
    };
    const recall = (id: number): unknown => {
      if (!memo.has(id)) throw this.#bad('it recalls a value that is not there');
      return memo.get(id);
    };
    const setItems = (pairs: readonly unknown[], target: unknown): void => {
      if (!(target instanceof Map) || pairs.length % 2 !== 0)
        throw this.#bad('it fills something that is no dictionary');
      for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]);
    };
    for (;;) {
      if (stack.length > mostItems) throw this.#bad('it piles up too much');
      const code = this.#byte();
      switch (String.fromCharCode(code)) {
        case '\x80': // PROTO
          if (this.#byte() > 5) throw this.#bad('it is of a version that is not known');
          break;
        case '\x95': // FRAME
          this.#bytes(8);
          break;
        case '.': // STOP
          return pop();
        case '(':
          stack.push(mark);
          break;
        case '0': // POP
          if (stack.pop() === undefined) throw this.#bad('it takes a value that is not there');
          break;
        case '1': // POP_MARK
          toMark();
          break;
        case '2': // DUP
          stack.push(top());
          break;
        case 'N':
          stack.push(null);
          break;
        case '\x88':
          stack.push(true);
          break;
        case '\x89':
          stack.push(false);
          break;
        case 'J':
          stack.push(this.#bytes(4).readInt32LE());
          break;
        case 'K':
          stack.push(this.#byte());
          break;
        case 'M':
          stack.push(this.#bytes(2).readUInt16LE());
          break;
        case '\x8a': // LONG1
          stack.push(integer(this.#bytes(this.#byte())));
          break;
        case 'G':
          stack.push(this.#bytes(8).readDoubleBE());
          break;
        case 'X':
          stack.push(this.#text(this.#bytes(4).readUInt32LE()));
          break;
        case '\x8c': // SHORT_BINUNICODE
          stack.push(this.#text(this.#byte()));
          break;
        case 'U': // SHORT_BINSTRING
          stack.push(this.#text(this.#byte()));
          break;
        case 'T': // BINSTRING
          stack.push(this.#text(this.#bytes(4).readUInt32LE()));
          break;
        case 'C': // SHORT_BINBYTES
          stack.push(this.#bytes(this.#byte()));
          break;
        case 'B': // BINBYTES
          stack.push(this.#bytes(this.#bytes(4).readUInt32LE()));
          break;
        case '}':
          stack.push(new Map());
          break;
        case 'd': {
          const made = new Map();
          setItems(toMark(), made);
          stack.push(made);
          break;
        }
        case ']':
        case ')':
          stack.push([]);
          break;
        case '\x8f': // EMPTY_SET
          stack.push([]);
          break;
        case 'l':
        case 't':
        case '\x91': // FROZENSET
          stack.push(toMark());
          break;
        case '\x85':
          stack.push([pop()]);
          break;
        case '\x86': {
          const second = pop();
          stack.push([pop(), second]);
          break;
        }
        case '\x87': {
          const [third, second] = [pop(), pop()];
          stack.push([pop(), second, third]);
          break;
        }
        case 's': {
          const value = pop();
          const key = pop();
          setItems([key, value], top());
          break;
        }
        case 'u': {
          const pairs = toMark();
          setItems(pairs, top());
          break;
        }
        case 'a': {
          const value = pop();
          this.#list(top()).push(value);
          break;
        }
        case 'e':
        case '\x90': {
          const values = toMark(); // APPENDS, ADDITEMS
          const list = this.#list(top());
          for (const value of values) list.push(value);
          break;
        }
        case 'q':
          remember(this.#byte(), top());
          break;
        case 'r':
          remember(this.#bytes(4).readUInt32LE(), top());
          break;
        case '\x94': // MEMOIZE
          remember(memo.size, top());
          break;
        case 'h':
          stack.push(recall(this.#byte()));
          break;
        case 'j':
          stack.push(recall(this.#bytes(4).readUInt32LE()));
          break;
        case 'c':
          stack.push(this.#global(`${this.#line()}.${this.#line()}`));
          break;
        case '\x93': {
          const name = pop(); // STACK_GLOBAL
          stack.push(this.#global(`${String(pop())}.${String(name)}`));
          break;
        }
        case 'Q':
          stack.push(new PersistentId(pop()));
          break;
        case 'R': {
          const args = pop();
          stack.push(this.#call(pop(), args));
          break;
        }
        case 'b': {
          const state = pop(); // BUILD: an ordered dictionary's own attributes, which weights do not need
          if (!(top() instanceof Map) || !(state instanceof Map))
            throw this.#bad('it builds something that is no dictionary');
          break;
        }
        default:
          throw this.#bad(`it has an instruction that weights do not need (0x${code.toString(16)})`);
      }
    }
  }

  #global(name: string): PickleGlobal {
    if (this.#allowed.calls.has(name) || this.#allowed.isValue(name)) return new PickleGlobal(name);
    throw unsupported(
      this.#source.name,
      `is not only weights: it asks for ${JSON.stringify(name.slice(0, 200))}, and nothing in a checkpoint is run`,
      'Do not trust this file. Get the weights from their publisher, as safetensors where there are such.',
    );
  }

  #call(callee: unknown, args: unknown): unknown {
    const call = callee instanceof PickleGlobal ? this.#allowed.calls.get(callee.name) : undefined;
    if (!call || !Array.isArray(args)) throw this.#bad('it calls something that cannot be called');
    return call(args);
  }

  #list(value: unknown): unknown[] {
    if (!Array.isArray(value)) throw this.#bad('it adds to something that is no list');
    if (value.length > mostItems) throw this.#bad('it has a list without end');
    return value;
  }

  #text(length: number): string {
    return this.#bytes(length).toString('utf8');
  }

  #line(): string {
    const bytes: number[] = [];
    for (;;) {
      const byte = this.#byte();
      if (byte === 0x0a) return Buffer.from(bytes).toString('utf8');
      if (bytes.push(byte) > 1000) throw this.#bad('it has a name without end');
    }
  }

  #byte(): number {
    return this.#bytes(1)[0] as number;
  }

  #bytes(length: number): Buffer {
    if (this.#position - this.#start + length > mostBytes) throw this.#bad(`it describes more than ${mostBytes} bytes`);
    if (this.#position + length > this.#source.sizeBytes) throw truncated(this.#source);
    if (length > blockBytes) {
      const bytes = this.#source.read(this.#position, length);
      this.#position += length;
      return bytes;
    }
    const from = this.#position - this.#blockAt;
    if (from < 0 || from + length > this.#block.length) {
      this.#blockAt = this.#position;
      this.#block = this.#source.read(this.#position, Math.min(blockBytes, this.#source.sizeBytes - this.#position));
    }
    const start = this.#position - this.#blockAt;
    this.#position += length;
    return this.#block.subarray(start, start + length);
  }

  #bad(what: string): Error {
    return damaged(this.#source.name, `its description of the weights cannot be read: ${what}`);
  }
}

/** Little-endian two's complement; a number where it is a safe one, else a bigint. */
function integer(bytes: Buffer): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  if (bytes.length > 0 && (bytes.at(-1) as number) >= 0x80) value -= 1n << BigInt(8 * bytes.length);
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
