import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import type { TextTokenizer, Token } from './text-tokenizer.ts';
import { wordStart } from './unigram.ts';

const endToken = '</s>';
const unknownToken = '<unk>';

const vocabularySchema = z.record(z.string(), z.int().min(0));
const fileSchema = z.object({
  added_tokens: z.array(z.object({ id: z.int().min(0), content: z.string().min(1) })).default([]),
  model: z.object({ type: z.enum(['WordLevel', 'BPE', 'WordPiece']), vocab: vocabularySchema }),
});

/** Any other kind of `tokenizer.json`, read by Hugging Face's library. */
export class LibraryTokenizer implements TextTokenizer {
  readonly unknownId: number;
  readonly endId: number;
  readonly largestId: number;
  readonly #tokenizer: Tokenizer;

  /** @param json the whole file, parsed. @throws Error saying what is wrong with it */
  constructor(json: unknown) {
    const file = fileSchema.safeParse(json);
    if (!file.success) {
      const issue = file.error.issues[0];
      throw new Error(`${issue?.path.join('.')}: ${issue?.message}`);
    }
    const ids = [...Object.values(file.data.model.vocab), ...file.data.added_tokens.map(({ id }) => id)];
    this.largestId = ids.reduce((most, id) => Math.max(most, id), 0);
    this.#tokenizer = new Tokenizer(json as ConstructorParameters<typeof Tokenizer>[0], {});
    this.endId = this.#idOf(endToken);
    this.unknownId = this.#idOf(unknownToken);
  }

  encode(text: string): Token[] {
    const encoding = this.#tokenizer.encode(text, { add_special_tokens: true });
    const { ids, tokens }: { ids: (number | undefined)[]; tokens: string[] } = encoding;
    const subwords = tokens.some((token) => token.startsWith(wordStart));
    const made = tokens.map((token, i) => ({
      // The library leaves words outside a word-level vocabulary without an id.
      id: ids[i] ?? this.unknownId,
      text: token,
      startsWord: !subwords || token.startsWith(wordStart),
    }));
    if (made.at(-1)?.id === this.endId) made.pop();
    return made;
  }

  #idOf(token: string): number {
    const id = this.#tokenizer.token_to_id(token);
    if (id === undefined) throw new Error(`it has no ${token}`);
    return id;
  }
}
