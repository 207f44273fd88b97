import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { ThroughlineError } from '../../../shared/errors.ts';

/** A prompt as the encoder takes it. */
export interface EncodedPrompt {
  /** [textLength], padded with 0. */
  readonly ids: readonly number[];
  /** Real tokens, the end token included. */
  readonly length: number;
  /** The words that the tokens stand for, in order, without the end token. */
  readonly words: readonly { readonly text: string; readonly known: boolean; readonly tokens: readonly number[] }[];
}

const endToken = '</s>';
const unknownToken = '<unk>';
/** SentencePiece marks the start of a word with this. */
const wordStart = '\u2581';

/** Wraps a model's `tokenizer.json` (Hugging Face format). */
export class PromptTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #textLength: number;
  readonly #maxTokens: number;
  readonly #endId: number;
  readonly #unknownId: number;

  private constructor(tokenizer: Tokenizer, textLength: number, maxTokens: number, endId: number, unknownId: number) {
    this.#tokenizer = tokenizer;
    this.#textLength = textLength;
    this.#maxTokens = maxTokens;
    this.#endId = endId;
    this.#unknownId = unknownId;
  }

  /**
   * @param maxTokens of a prompt, the end token included
   * @throws ThroughlineError `model-inconsistent` if the file is not a tokenizer
   */
  static open(file: string, textLength: number, maxTokens: number = textLength): PromptTokenizer {
    try {
      const tokenizer = new Tokenizer(JSON.parse(readFileSync(file, 'utf8')), {});
      const endId = tokenizer.token_to_id(endToken);
      if (endId === undefined) throw new Error(`it has no ${endToken}`);
      const unknownId = tokenizer.token_to_id(unknownToken);
      if (unknownId === undefined) throw new Error(`it has no ${unknownToken}`);
      return new PromptTokenizer(tokenizer, textLength, maxTokens, endId, unknownId);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ThroughlineError(
        'model-inconsistent',
        `${file} is not a usable tokenizer: ${why}.`,
        'Get the model again.',
        { cause },
      );
    }
  }

  /** Cleans the prompt (whitespace collapsed) and encodes it; too long a prompt is cut, its last token the end token. */
  encode(prompt: string): EncodedPrompt {
    const text = prompt.replaceAll(/\s+/g, ' ').trim();
    const encoding = this.#tokenizer.encode(text, { add_special_tokens: true });
    // The library leaves words outside a word-level vocabulary without an id.
    let ids = encoding.ids.map((id: number | undefined) => id ?? this.#unknownId);
    if (ids.at(-1) !== this.#endId) ids.push(this.#endId);
    if (ids.length > this.#maxTokens) ids = [...ids.slice(0, this.#maxTokens - 1), this.#endId];
    const length = ids.length;
    return {
      ids: [...ids, ...new Array<number>(this.#textLength - length).fill(0)],
      length,
      words: this.#words(ids.slice(0, -1), encoding.tokens),
    };
  }

  #words(ids: readonly number[], tokens: readonly string[]): EncodedPrompt['words'] {
    const words: { text: string; known: boolean; tokens: number[] }[] = [];
    const subwords = tokens.some((token) => token.startsWith(wordStart));
    ids.forEach((id, index) => {
      const token = tokens[index] ?? '';
      const known = id !== this.#unknownId;
      const last = words.at(-1);
      if (subwords && last && !token.startsWith(wordStart)) {
        last.text += token;
        last.tokens.push(index);
        last.known &&= known;
      } else {
        words.push({ text: token.replaceAll(wordStart, ''), known, tokens: [index] });
      }
    });
    return words;
  }
}
