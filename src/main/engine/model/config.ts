import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';
import { sinkAlphaSchema } from '../../../shared/memories/frame-memory.ts';
import { adapterModeOf, holdsSetting, memoryKind, memoryModes } from '../../../shared/memories/index.ts';
import { policyNameSchema } from '../../../shared/memory-settings.ts';

const count = z.int().min(1).max(1_000_000);

/** Per latent channel, what raw latents of the VAE have: raw = normalised * std + mean. */
const statisticsSchema = z.object({ mean: z.array(z.number()), std: z.array(z.number().positive()) });

const taehvSchema = z.object({
  kind: z.literal('taehv'),
  widths: z.tuple([count, count, count, count]),
  /** Pixels drawn for a pixel of the frame that the latents stand for, each way. */
  outputScale: z.int().min(1).max(4).default(1),
  /** Where the decoder wants raw latents (`lighttaew2_1`). */
  statistics: statisticsSchema.optional(),
});
export type TaehvConfig = z.infer<typeof taehvSchema>;

const wanVaeSchema = z.object({
  kind: z.literal('wan-vae'),
  /** Width of the first and last layers; 96 as published. */
  dim: count,
  statistics: statisticsSchema,
});
export type WanVaeConfig = z.infer<typeof wanVaeSchema>;

/** Folders from before there were several kinds name none. */
const decoderSchema = z.preprocess(
  (value) => (typeof value === 'object' && value !== null && !('kind' in value) ? { kind: 'taehv', ...value } : value),
  z.discriminatedUnion('kind', [taehvSchema, wanVaeSchema]),
);

/** `config.json` of a model folder; every field is described in docs/model-format.md. */
export const modelConfigSchema = z
  .object({
    format: z.literal('throughline-model'),
    formatVersion: z.literal(1),
    name: z.string().min(1),
    video: z.object({ width: count, height: count, fps: z.number().positive() }),
    latent: z.object({ channels: count, temporalStride: z.literal(4), spatialStride: z.literal(8) }),
    text: z.object({
      vocabSize: count,
      dim: count,
      heads: count,
      headDim: count,
      ffnDim: count,
      layers: count,
      buckets: count,
      maxDistance: count,
      textLength: count,
      /** Real tokens of a prompt at most, the end token included; `textLength` unless said. */
      maxTokens: count.optional(),
      /**
       * Matrices of the encoder in blocks of 32 whole numbers. Such an encoder is loaded for new prompts only and reads just the
       * rows of its table that a prompt needs.
       */
      quantized: z.enum(['int4', 'int8']).optional(),
      /** How prompts are cleaned before they are encoded; white space collapsed unless said. */
      cleaning: z.enum(['whitespace', 'published']).optional(),
    }),
    dit: z.object({
      dim: count,
      heads: count,
      layers: count,
      ffnDim: count,
      freqDim: count,
      eps: z.number().positive(),
      ropeTheta: z.number().positive(),
      ropeTableLength: count,
    }),
    decoder: decoderSchema,
    sampler: z.object({
      kind: z.enum(['renoise', 'euler']),
      steps: z.array(z.int().min(1).max(1000)).min(1),
      shift: z.number().positive(),
      chunkFrames: count,
    }),
    memory: z.object({
      mode: z.enum(memoryModes),
      policy: policyNameSchema,
      sinkFrames: z.int().min(0),
      windowFrames: count,
      bankFrames: count,
      activatedFrames: count,
      capacity: count,
      recordInterval: count,
      pipeline: z.enum(['interactive', 'single']).default('interactive'),
      sinkAlpha: sinkAlphaSchema.optional(),
      positions: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('relative'), sink: z.int().min(0), bank: z.int().min(0), current: count }),
        z.object({ kind: z.literal('absolute') }),
        z.object({ kind: z.literal('slots') }),
      ]),
    }),
  })
  .superRefine((config, context) => {
    const need = (holds: boolean, message: string): void => {
      if (!holds) context.addIssue({ code: 'custom', message });
    };
    need(config.dit.dim % config.dit.heads === 0, 'dit.dim must be a multiple of dit.heads');
    need(
      (config.text.maxTokens ?? 1) <= config.text.textLength,
      'text.maxTokens must not be more than text.textLength',
    );
    need((config.dit.dim / config.dit.heads) % 2 === 0, 'the head width dit.dim / dit.heads must be even');
    need(config.dit.freqDim % 2 === 0, 'dit.freqDim must be even');
    need(
      config.video.width % 16 === 0 && config.video.height % 16 === 0,
      'video.width and video.height must be multiples of 16',
    );
    need(
      memoryKind(config.memory.mode).needs.weights !== null && adapterModeOf(config.memory.policy, config) === null,
      `memory.mode "${config.memory.mode}" with the policy "${config.memory.policy}" is had by an adapter: name here what the weights were trained with`,
    );
    const { positions: counted } = memoryKind(config.memory.mode).needs;
    need(
      counted === null || config.memory.positions.kind === counted,
      `memory.mode "${config.memory.mode}" needs ${counted === 'slots' ? 'positions of kind "slots"' : 'absolute positions'}`,
    );
    need(
      counted === 'slots' || config.memory.positions.kind !== 'slots',
      `memory.mode "${config.memory.mode}" cannot have positions of kind "slots"`,
    );
    need(
      holdsSetting(config.memory.mode, 'sinkAlpha') === (config.memory.sinkAlpha !== undefined),
      `memory.sinkAlpha must be there where the memory has a sink that moves, and nowhere else; memory.mode is "${config.memory.mode}"`,
    );
    const { statistics } = config.decoder;
    need(
      !statistics || [statistics.mean, statistics.std].every(({ length }) => length === config.latent.channels),
      'decoder.statistics must have a mean and a std for every latent channel',
    );
    const { positions, windowFrames } = config.memory;
    if (positions.kind === 'relative') {
      need(positions.current >= windowFrames, 'memory.positions.current must leave room for windowFrames before it');
    }
    need(
      config.sampler.steps.every((step, i, all) => i === 0 || step < (all[i - 1] as number)),
      'sampler.steps must fall',
    );
  });

/**
 * Of packed history: how many rows, and as many columns, of a frame's tokens are one where two frames are one, and where four are.
 * An adapter's kernels say it.
 */
export type PackSides = Readonly<Record<2 | 4, number>>;

/** As published: a pack is as much coarser each way as it is shorter. */
export const publishedPackSides: PackSides = { 2: 2, 4: 4 };

/** With an adapter of packed history, what its kernels say. */
export type ModelConfig = z.infer<typeof modelConfigSchema> & { readonly packSides?: PackSides };

/** Sizes that follow from a configuration. */
export interface Geometry {
  readonly headDim: number;
  readonly latentHeight: number;
  readonly latentWidth: number;
  /** Tokens of one latent frame: rows x columns. */
  readonly rows: number;
  readonly columns: number;
  readonly tokens: number;
}

export function geometryOf(config: ModelConfig): Geometry {
  const latentHeight = config.video.height / config.latent.spatialStride;
  const latentWidth = config.video.width / config.latent.spatialStride;
  const rows = latentHeight / 2;
  const columns = latentWidth / 2;
  return {
    headDim: config.dit.dim / config.dit.heads,
    latentHeight,
    latentWidth,
    rows,
    columns,
    tokens: rows * columns,
  };
}

/** Width and height of the frames that the decoder draws. */
export function pictureSize({ video, decoder }: ModelConfig): { width: number; height: number } {
  const scale = decoder.kind === 'taehv' ? decoder.outputScale : 1;
  return { width: video.width * scale, height: video.height * scale };
}

/** Parses the text of a `config.json`. @throws ThroughlineError `model-inconsistent` naming the first bad field. */
export function parseModelConfig(text: string, path: string): ModelConfig {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ThroughlineError('model-inconsistent', `${path} is not JSON.`, 'Get the model again.', { cause });
  }
  const parsed = modelConfigSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'the file';
  throw new ThroughlineError(
    'model-inconsistent',
    `${path}: ${where}: ${issue?.message ?? 'not valid'}.`,
    'Correct config.json, or get the model again.',
  );
}
