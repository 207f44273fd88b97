import { z } from 'zod';
import { PrecompiledNormalizer } from './precompiled.ts';
import type { TextTokenizer, Token } from './text-tokenizer.ts';

/** SentencePiece marks the start of a word with this. */
export const wordStart = '\u2581';
/** An unknown character costs so much more than the rarest piece. */
const unknownPenalty = 10;
/** No published piece comes near; what is longer would make encoding slow. */
const longestPiece = 512;
const endToken = '</s>';

const addedTokenSchema = z.object({
  id: z.int().min(0),
  content: z.string().min(1).max(longestPiece),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
});
const normalizerSchema = z.object({ type: z.string() }).loose();
const fileSchema = z.object({
  added_tokens: z.array(addedTokenSchema).max(10_000).default([]),
  normalizer: normalizerSchema.nullable().default(null),
  pre_tokenizer: z.unknown().optional(),
  model: z.object({
    type: z.literal('Unigram'),
    unk_id: z.int().min(0),
    byte_fallback: z.boolean().default(false),
    vocab: z.array(z.unknown()).min(1),
  }),
});

type Normalize = (text: string) => string;

/**
 * A SentencePiece unigram model in the form that T5 and UMT5 have in `tokenizer.json`: precompiled normaliser, words split at
 * white space and marked at their start, the most probable pieces, bytes for characters without a piece.
 */
export class UnigramTokenizer implements TextTokenizer {
  readonly unknownId: number;
  readonly endId: number;
  /** Largest id that can come out. */
  readonly largestId: number;
  readonly #normalize: readonly Normalize[];
  /** Pieces that text may become, by their text; special ones and bytes are not among them. */
  readonly #pieces = new Map<string, { readonly id: number; readonly score: number }>();
  readonly #longest: number;
  readonly #unknownScore: number;
  /** Ids of the 256 byte pieces; null without byte fallback. */
  readonly #bytes: readonly number[] | null;
  readonly #added: ReadonlyMap<string, z.infer<typeof addedTokenSchema>>;
  readonly #addedPattern: RegExp | null;

  /** @param json the whole file, parsed. @throws Error saying what is wrong with it */
  constructor(json: unknown) {
    const file = parsed(json);
    const { model } = file;
    this.#normalize = normalizers(file.normalizer);
    checkPreTokenizer(file.pre_tokenizer);
    this.#added = new Map(file.added_tokens.map((token) => [token.content, token]));
    this.#addedPattern = patternOf([...this.#added.keys()]);
    const byteIds = new Map<number, number>();
    let [least, longest, end] = [0, 1, -1];
    for (const [id, entry] of model.vocab.entries()) {
      const [text, score] = pieceOf(entry, id);
      least = Math.min(least, score);
      if (text === endToken) end = id;
      const byte = /^<0x([0-9A-F]{2})>$/.exec(text)?.[1];
      if (model.byte_fallback && byte) byteIds.set(Number.parseInt(byte, 16), id);
      else if (!this.#added.has(text) && id !== model.unk_id && text !== endToken) {
        this.#pieces.set(text, { id, score });
        longest = Math.max(longest, text.length);
      }
    }
    if (end < 0) throw new Error(`it has no ${endToken}`);
    if (model.unk_id >= model.vocab.length) throw new Error('its unknown token is outside the vocabulary');
    if (model.byte_fallback && byteIds.size !== 256) throw new Error(`it has ${byteIds.size} of the 256 byte pieces`);
    this.unknownId = model.unk_id;
    this.endId = end;
    this.largestId = Math.max(model.vocab.length - 1, ...file.added_tokens.map(({ id }) => id));
    this.#longest = longest;
    this.#unknownScore = least - unknownPenalty;
    this.#bytes = model.byte_fallback ? Array.from({ length: 256 }, (_, byte) => byteIds.get(byte) as number) : null;
  }

  encode(text: string): Token[] {
    const tokens: Token[] = [];
    let at = 0;
    for (const match of this.#addedPattern ? text.matchAll(this.#addedPattern) : []) {
      const added = this.#added.get(match[0]) as z.infer<typeof addedTokenSchema>;
      const before = text.slice(at, match.index);
      tokens.push(...this.#encodePlain(added.lstrip ? before.trimEnd() : before));
      tokens.push({ id: added.id, text: added.content, startsWord: true });
      at = match.index + match[0].length;
      if (added.rstrip) at += text.slice(at).length - text.slice(at).trimStart().length;
    }
    tokens.push(...this.#encodePlain(text.slice(at)));
    return tokens;
  }

  #encodePlain(text: string): Token[] {
    const normal = this.#normalize.reduce((value, normalize) => normalize(value), text);
    return normal
      .split(/\s+/u)
      .filter((word) => word !== '')
      .flatMap((word) => (word.startsWith(wordStart) ? word : wordStart + word).match(markedWords) ?? [])
      .flatMap((word) => this.#encodeWord(word));
  }

  /** The most probable way to cut a word into pieces (Viterbi); of equals, the one with the longer last piece. */
  #encodeWord(word: string): Token[] {
    const best: ({ readonly score: number; readonly from: number; readonly id: number } | undefined)[] = [];
    best[0] = { score: 0, from: 0, id: this.unknownId };
    for (let from = 0; from < word.length; ) {
      const step = (word.codePointAt(from) as number) > 0xffff ? 2 : 1;
      const start = best[from]?.score as number;
      const reach = (to: number, score: number, id: number): void => {
        const known = best[to];
        if (!known || score > known.score) best[to] = { score, from, id };
      };
      let single = false;
      for (let to = from + step; to <= Math.min(word.length, from + this.#longest); to++) {
        const piece = this.#pieces.get(word.slice(from, to));
        if (!piece) continue;
        reach(to, start + piece.score, piece.id);
        single ||= to === from + step;
      }
      if (!single) reach(from + step, start + this.#unknownScore, this.unknownId);
      from += step;
    }
    const cuts: { text: string; id: number }[] = [];
    for (let to = word.length; to > 0; ) {
      const { from, id } = best[to] as { from: number; id: number };
      const last = cuts.at(-1);
      // Unknown characters side by side are one token.
      if (last && last.id === this.unknownId && id === this.unknownId) last.text = word.slice(from, to) + last.text;
      else cuts.push({ text: word.slice(from, to), id });
      to = from;
    }
    return cuts.reverse().flatMap(({ text, id }) => this.#token(text, id));
  }

  #token(text: string, id: number): Token[] {
    const startsWord = text.startsWith(wordStart);
    if (id !== this.unknownId || !this.#bytes) return [{ id, text, startsWord }];
    const bytes = this.#bytes;
    // The first byte stands for the characters, so that joined texts are the word.
    return [...Buffer.from(text, 'utf8')].map((byte, i) => ({
      id: bytes[byte] as number,
      text: i === 0 ? text : '',
      startsWord: startsWord && i === 0,
    }));
  }
}

/** A word that was marked at its start falls into as many as it has marks. */
const markedWords = /\u2581?[^\u2581]+|\u2581/g;

function parsed(json: unknown): z.infer<typeof fileSchema> {
  const result = fileSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(`${issue?.path.join('.')}: ${issue?.message}`);
}

function pieceOf(entry: unknown, id: number): [string, number] {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string' || !Number.isFinite(entry[1])) {
    throw new Error(`piece ${id} of its vocabulary is not a text with a score`);
  }
  const [text, score] = entry as [string, number];
  if (text.length > longestPiece) throw new Error(`piece ${id} of its vocabulary has ${text.length} characters`);
  return [text, score];
}

function normalizers(normalizer: { readonly type: string } | null): Normalize[] {
  if (normalizer === null) return [];
  const fields = normalizer as Readonly<Record<string, unknown>>;
  switch (normalizer.type) {
    case 'Sequence':
      return z
        .array(normalizerSchema)
        .max(32)
        .parse(fields.normalizers)
        .flatMap((inner) => {
          if (inner.type === 'Sequence') throw new Error('its normaliser has a sequence inside a sequence');
          return normalizers(inner);
        });
    case 'Precompiled': {
      const table = new PrecompiledNormalizer(Buffer.from(String(fields.precompiled_charsmap), 'base64'));
      return [(text) => table.normalize(text)];
    }
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD': {
      const form = normalizer.type;
      return [(text) => text.normalize(form)];
    }
    case 'Lowercase':
      return [(text) => text.toLowerCase()];
    case 'Strip':
      return [(text) => text.trim()];
    case 'Replace': {
      const { pattern, content } = fields;
      const { String: plain, Regex: regex } = (pattern ?? {}) as { String?: unknown; Regex?: unknown };
      if (typeof plain === 'string' && plain !== '' && typeof content === 'string') {
        return [(text) => text.replaceAll(plain, content)];
      }
      // Words are split at white space anyway; other patterns are not run: a file could name one that never ends.
      if (regex === ' {2,}' && content === ' ') return [];
      throw new Error(`its normaliser replaces ${JSON.stringify(pattern)}, which is not supported`);
    }
    default:
      throw new Error(`its normaliser is of the kind ${normalizer.type}, which is not supported`);
  }
}

/** Splits at white space and marks word starts, or is refused by name. */
function checkPreTokenizer(json: unknown): void {
  const kinds = z.array(z.object({ type: z.string(), prepend_scheme: z.string().optional() }));
  const list =
    (json as { type?: unknown } | null)?.type === 'Sequence'
      ? (json as { pretokenizers?: unknown }).pretokenizers
      : [json];
  for (const { type, prepend_scheme } of kinds.parse(list)) {
    if (type !== 'WhitespaceSplit' && type !== 'Metaspace') {
      throw new Error(`it splits words by ${type}, which is not supported with a Unigram model`);
    }
    if (prepend_scheme !== undefined && prepend_scheme !== 'always') {
      throw new Error(`it marks word starts by the scheme ${prepend_scheme}, which is not supported`);
    }
  }
}

/** Finds any of the texts, the longest first. */
function patternOf(texts: readonly string[]): RegExp | null {
  if (texts.length === 0) return null;
  const escaped = [...texts]
    .sort((a, b) => b.length - a.length)
    .map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(escaped.join('|'), 'g');
}
