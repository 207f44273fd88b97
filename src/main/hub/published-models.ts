import { z } from 'zod';
import data from './published-models.json' with { type: 'json' };

const fileSchema = z.strictObject({
  part: z.enum(['generator', 'lora', 'text', 'tokenizer', 'decoder']),
  repository: z.string(),
  /** Its path, or the end of it. */
  file: z.string(),
  aboutBytes: z.int().positive(),
});
const schema = z.strictObject({
  shared: z.array(fileSchema),
  models: z.array(
    z.strictObject({
      /** Whose settings it runs with. */
      recipe: z.string(),
      licence: z.string().nullable(),
      note: z.string().optional(),
      files: z.array(fileSchema).min(1),
    }),
  ),
});
export type PublishedFile = z.infer<typeof fileSchema>;
export type PublishedModel = z.infer<typeof schema>['models'][number];

const published = schema.parse(data);

/** Models that can be got by their recipe's name. */
export const publishedModels: readonly PublishedModel[] = published.models;

/** Parts that all of them share. */
export const sharedParts: readonly PublishedFile[] = published.shared;
