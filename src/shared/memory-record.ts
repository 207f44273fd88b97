import { z } from 'zod';
import { memoryToldSchema } from './memories/index.ts';
import { memorySettingsSchema } from './memory-settings.ts';
import { limits } from './project/limits.ts';
import { transitionSchema } from './story.ts';

const frame = z.int().min(0);
/** A frame of the film, or a picture: see `pictureFrame`. */
const remembered = z.int().min(-limits.pictures);
const framesPerLayer = z.array(z.array(remembered));
const milliseconds = z.number().min(0);

/**
 * What the model remembered for one chunk, and why. Made by the engine as it happens, kept with the chunk.
 * Frames are latent frames counted from the story's root. Scores are shares of attention mass in 0..1 in
 * `paper` mode (they sum to 1 over the candidates of a layer), scaled dot products in `released` mode.
 */
export const memoryRecordSchema = z.strictObject({
  version: z.literal(2),
  chunkIndex: z.int().min(0),
  /** First latent frame of the chunk. */
  firstFrame: frame,
  frames: z.int().min(1),
  prompt: z.string(),
  /** The prompt's words as the tokenizer split them; `known` is false for those that map to the unknown token. */
  words: z.array(z.strictObject({ text: z.string(), known: z.boolean() })),
  transition: transitionSchema,
  settings: memorySettingsSchema,
  /** The window's K/V were recomputed under a new prompt before this chunk. */
  recached: z.boolean(),
  sink: z.array(frame),
  window: z.array(frame),
  /** Per layer, the frames attended in the bank for the chunk before, and for this chunk. */
  bankBefore: framesPerLayer,
  bank: framesPerLayer,
  /** The frames that could have been retrieved, and each one's score per layer: [layers][candidates]. */
  candidates: z.array(remembered),
  scores: z.array(z.array(z.number())),
  /** Pictures in memory: what the negative numbers among the frames stand for. */
  pictures: z.array(z.strictObject({ frame: remembered, asset: z.string(), name: z.string() })),
  /**
   * Of a memory that packs frames (FramePack): what became how coarse, the furthest back first. `rate` frames are one, in patches
   * `side` times as large each way (`rate` times where it is left out); `tokens` of the context stand for them. Left out by other
   * memories.
   */
  packs: z
    .array(
      z.strictObject({
        rate: z.int().min(1),
        side: z.int().min(1).optional(),
        frames: z.array(frame).min(1),
        tokens: z.int().min(1),
      }),
    )
    .optional(),
  /** What only this memory has to tell; left out by those that have nothing of their own. */
  told: memoryToldSchema.optional(),
  /** Bytes of the state that are no frames' keys and values; left out where there are none. */
  keptBytes: z.int().min(0).optional(),
  /** The frame this chunk adds to memory; null if it adds none. */
  prototype: frame.nullable(),
  /** Prototypes forgotten for good after this chunk. */
  evicted: z.array(frame),
  /**
   * Sparse activation: counts[layer][head][i] = in how many of the denoising steps pool[layer][i] was
   * activated by that head. Null where the policy does not select.
   */
  activation: z
    .strictObject({ steps: z.int().min(1), pool: framesPerLayer, counts: z.array(z.array(z.array(z.int().min(0)))) })
    .nullable(),
  /** pull[word][candidate], mean of layers and heads: how much each word drew each candidate in. Empty in `released` mode. */
  pull: z.array(z.array(z.number())),
  /** For the best candidates: where in the frame the prompt looked. One byte a token (0..255 of the frame's peak), row by row, base64. */
  spatial: z.array(
    z.strictObject({ frame: remembered, rows: z.int(), columns: z.int(), peak: z.number(), map: z.string() }),
  ),
  timings: z.strictObject({
    retrieveMs: milliseconds,
    recacheMs: milliseconds,
    denoiseMs: z.array(milliseconds),
    commitMs: milliseconds,
    decodeMs: milliseconds,
  }),
});
export type MemoryRecord = z.infer<typeof memoryRecordSchema>;
