import { readFileSync, statSync } from 'node:fs';
import { ThroughlineError } from '../../../../shared/errors.ts';
import { LibraryTokenizer } from './library-tokenizer.ts';
import { cleanPrompt, type TextCleaning } from './text-cleaning.ts';
import type { TextTokenizer, Token } from './text-tokenizer.ts';
import { UnigramTokenizer, wordStart } from './unigram.ts';

/** A prompt as the encoder takes it. */
export interface EncodedPrompt {
  /** [textLength], padded with 0. */
  readonly ids: readonly number[];
  /** Real tokens, the end token included. */
  readonly length: number;
  /** The words that the tokens stand for, in order, without the end token. */
  readonly words: readonly { readonly text: string; readonly known: boolean; readonly tokens: readonly number[] }[];
}

export interface PromptTokenizerOptions {
  readonly textLength: number;
  /** Of a prompt, the end token included; `textLength` unless said. */
  readonly maxTokens?: number | undefined;
  /** Rows of the encoder's table: no id may lie beyond. */
  readonly vocabSize?: number | undefined;
  readonly cleaning?: TextCleaning | undefined;
}

/** The largest published file has 17 MB. */
const largestFileBytes = 128 * 1024 ** 2;
/** What a damaged file would stumble over: nothing, one letter, long and unknown words, marks, other scripts, its own words. */
const probes = [
  '',
  'a',
  'x'.repeat(300),
  'Don\u2019t, "stop"! 3.5%',
  '\u6570\u5b57 \u0661\u0662 \u{1f431} \u00ad\u200b',
  '</s> <unk> <pad>',
];

/** A model's `tokenizer.json` (Hugging Face format), tried out when it is opened. */
export class PromptTokenizer {
  readonly #file: string;
  readonly #tokenizer: TextTokenizer;
  readonly #textLength: number;
  readonly #maxTokens: number;
  readonly #cleaning: TextCleaning;

  private constructor(file: string, tokenizer: TextTokenizer, options: PromptTokenizerOptions) {
    this.#file = file;
    this.#tokenizer = tokenizer;
    this.#textLength = options.textLength;
    this.#maxTokens = options.maxTokens ?? options.textLength;
    this.#cleaning = options.cleaning ?? 'whitespace';
  }

  /** @throws ThroughlineError `model-inconsistent` if the file is not a tokenizer, or not one of this model */
  static open(file: string, options: PromptTokenizerOptions): PromptTokenizer {
    try {
      const { size } = statSync(file);
      if (size > largestFileBytes) throw new Error(`it has ${size} bytes`);
      const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
      const unigram = (json as { model?: { type?: unknown } } | null)?.model?.type === 'Unigram';
      const tokenizer = unigram ? new UnigramTokenizer(json) : new LibraryTokenizer(json);
      const { vocabSize = Number.POSITIVE_INFINITY } = options;
      if (tokenizer.largestId >= vocabSize) {
        throw new Error(`it has an id of ${tokenizer.largestId}, and the text encoder knows ${vocabSize}`);
      }
      for (const probe of probes) checkIds(tokenizer.encode(probe), tokenizer.largestId);
      return new PromptTokenizer(file, tokenizer, options);
    } catch (cause) {
      throw unusable(file, cause);
    }
  }

  /**
   * Cleans the prompt and encodes it; too long a prompt is cut, its last token the end token.
   * @throws ThroughlineError `model-inconsistent` where the tokenizer turns out to be damaged
   */
  encode(prompt: string): EncodedPrompt {
    const { endId } = this.#tokenizer;
    const tokens = this.#tokens(cleanPrompt(prompt, this.#cleaning)).slice(0, this.#maxTokens - 1);
    const length = tokens.length + 1;
    return {
      ids: [...tokens.map(({ id }) => id), endId, ...new Array<number>(this.#textLength - length).fill(0)],
      length,
      words: this.#words(tokens),
    };
  }

  #tokens(text: string): Token[] {
    try {
      const tokens = this.#tokenizer.encode(text);
      checkIds(tokens, this.#tokenizer.largestId);
      return tokens;
    } catch (cause) {
      throw unusable(this.#file, cause);
    }
  }

  #words(tokens: readonly Token[]): EncodedPrompt['words'] {
    const words: { text: string; known: boolean; tokens: number[] }[] = [];
    for (const [index, { id, text, startsWord }] of tokens.entries()) {
      const known = id !== this.#tokenizer.unknownId;
      const last = words.at(-1);
      if (last && !startsWord) {
        last.text += text;
        last.tokens.push(index);
        last.known &&= known;
      } else {
        words.push({ text: text.replaceAll(wordStart, ''), known, tokens: [index] });
      }
    }
    return words;
  }
}

function checkIds(tokens: readonly Token[], largestId: number): void {
  const bad = tokens.find(
    ({ id, text }) => !Number.isInteger(id) || id < 0 || id > largestId || typeof text !== 'string',
  );
  if (bad) throw new Error(`it makes the token ${JSON.stringify(bad)}`);
}

function unusable(file: string, cause: unknown): ThroughlineError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ThroughlineError(
    'model-inconsistent',
    `${file} is not a usable tokenizer: ${why}.`,
    'Get the model again.',
    {
      cause,
    },
  );
}
