import { type FrameSizes, frameSideStep, isFrameSize, leastFrameSide } from '../../../shared/frame-size.ts';
import type { DeviceName } from '../../../shared/render.ts';
import type { RunLimits } from '../memory/host.ts';
import { layoutOf, type MemoryFootprint, type MemoryModule } from '../memory/module.ts';
import { memoryModule } from '../memory/registry.ts';
import { geometryOf, type ModelConfig } from '../model/config.ts';
import type { ModelFolder } from '../model/model-folder.ts';
import type { TensorEntry } from '../model/safetensors.ts';
import { mostLogitsBytes } from './model-graphs.ts';

/** What the weights of a model take where they are computed with, in bytes. */
export interface WeightSizes {
  readonly dits: number;
  readonly decoder: number;
  readonly text: number;
}

/** Where and how a model is to run, as far as memory is concerned. */
export interface MemoryUse {
  readonly device: DeviceName;
  /** Attention's logits are written out, so many bytes of them at once; null where it is computed without them. */
  readonly logitsBytes: number | null;
  /** K/V pages kept on the device at most, in bytes; null: all of them. What is beyond lies in a file. */
  readonly pageBudgetBytes: number | null;
}

export interface MemoryPart {
  readonly name: string;
  readonly bytes: number;
}

/** Memory that a model needs at most at one time. */
export interface MemoryPlan {
  readonly parts: readonly MemoryPart[];
  readonly totalBytes: number;
}

const float = Float32Array.BYTES_PER_ELEMENT;
/** Rows of width `dim` that a block has at hand at once for each token of the pass: x, normed, q, k, v, their roped forms, sums. */
const rowsOfBlock = 10;

/** Sums are in fp32, so stored halves are widened; whole numbers in blocks stay as they are. */
export function weightSizes({ config, dit, memoryDit, decoder, text }: ModelFolder): WeightSizes {
  const widened = (entries: ReadonlyMap<string, TensorEntry> | null): number =>
    [...(entries?.values() ?? [])].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1) * float, 0);
  const table = config.text.vocabSize * config.text.dim;
  const asStored = [...text.entries()]
    .filter(([name]) => name !== 'token_embedding.weight') // read row by row
    .reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0);
  return {
    dits: widened(dit) + widened(memoryDit),
    decoder: widened(decoder),
    text: config.text.quantized ? asStored : Math.max(widened(text), table * float),
  };
}

const moduleOf = (config: ModelConfig): MemoryModule => memoryModule(config.memory.mode, layoutOf(config));
const footprintOf = (config: ModelConfig): MemoryFootprint => moduleOf(config).footprint(config.memory);

/** Frames in memory that a chunk attends to at most, as far as the model's own settings say. */
export function attendedFrames(config: ModelConfig): number {
  return footprintOf(config).attended;
}

/** K and V of one frame for all layers as they lie on the device, in bytes. */
function frameBytesOf({ dit, ...config }: ModelConfig): number {
  return 2 * dit.layers * geometryOf({ dit, ...config }).tokens * dit.dim * float;
}

/** Keys and values of one prompt for all layers, in bytes. */
function promptBytes({ dit, text }: ModelConfig): number {
  return 2 * dit.layers * text.textLength * dit.dim * float;
}

/** What prompts that are kept ready may take together, in bytes; at the published size one takes 189 MB. */
const mostPromptBytes = 600 * 1024 ** 2;

/** Prompts kept ready, since a story goes back and forth between few: the one at work, one before it, the empty one, and more where they are small. */
export function keptPrompts(config: ModelConfig): number {
  return Math.max(3, Math.min(32, Math.floor(mostPromptBytes / promptBytes(config))));
}

/** Pages that must be on the device at the same time, in bytes: those attended to and those just made. */
export function leastPageBytes(config: ModelConfig): number {
  return (footprintOf(config).attended + config.sampler.chunkFrames) * frameBytesOf(config);
}

/**
 * What one run of a memory's own graphs may take, so that it never needs more than was planned.
 * @param pageBudgetBytes for pages on the device; null where all of them are there anyway
 * @param valueBytes most that a value may take
 */
export function runLimits(config: ModelConfig, pageBudgetBytes: number | null, valueBytes: number): RunLimits {
  if (pageBudgetBytes === null) return { pages: Number.POSITIVE_INFINITY, valueBytes };
  const pageBytes = frameBytesOf(config) / config.dit.layers;
  return { pages: Math.floor(Math.max(pageBudgetBytes, leastPageBytes(config)) / pageBytes), valueBytes };
}

/**
 * What running a model takes, part by part, from its sizes alone. It counts what is there at the same time at the worst
 * moment, a step of a full context; what onnxruntime takes besides is small.
 */
export function planMemory(config: ModelConfig, weights: WeightSizes, use: MemoryUse): MemoryPlan {
  const { dit, text, sampler } = config;
  const { tokens } = geometryOf(config);
  const frameBytes = frameBytesOf(config);
  const queries = sampler.chunkFrames * tokens;
  const keys = footprintOf(config).attended * tokens + queries;
  const pages = (footprintOf(config).kept + sampler.chunkFrames) * frameBytes;
  const logits = 2 * dit.heads * queries * Math.max(keys, text.textLength) * float;
  const parts: MemoryPart[] = [
    { name: 'weights', bytes: weights.dits + weights.decoder + (text.quantized ? 0 : weights.text) },
    {
      name: 'remembered frames',
      bytes: Math.min(pages, Math.max(use.pageBudgetBytes ?? pages, leastPageBytes(config))),
    },
    { name: 'attention context', bytes: footprintOf(config).attended * frameBytes },
    { name: 'prompts', bytes: keptPrompts(config) * promptBytes(config) },
    {
      name: 'a step',
      bytes:
        queries * (rowsOfBlock * dit.dim + 2 * dit.ffnDim) * float +
        2 * keys * dit.dim * float + // one layer's keys and values, context and own joined
        (use.logitsBytes === null ? 0 : Math.min(logits, 2 * use.logitsBytes)),
    },
    { name: 'decoder', bytes: decoderBytes(config) },
  ];
  // What is not there while a chunk is denoised counts where it takes more than what is there only then.
  const room = (...names: string[]): number =>
    parts.reduce((sum, { name, bytes }) => sum + (names.includes(name) ? bytes : 0), 0);
  const [beside, before] = [room('a step', 'decoder'), room('attention context', 'a step', 'decoder')];
  const runs = moduleOf(config).runs?.(config, runLimits(config, use.pageBudgetBytes, mostLogitsBytes)) ?? [];
  const beyond = [
    // The quantised encoder is there for a new prompt alone.
    { name: 'text encoder', bytes: text.quantized ? weights.text - before : 0 },
    {
      name: 'looking at what is remembered',
      bytes: Math.max(0, ...runs.map(({ when, bytes }) => bytes - (when === 'before context' ? before : beside))),
    },
  ];
  const most = Math.max(0, ...beyond.map(({ bytes }) => bytes));
  const first = beyond.findIndex(({ bytes }) => bytes === most); // they are not there together
  parts.push(...beyond.map(({ name }, i) => ({ name, bytes: i === first ? most : 0 })));
  return { parts, totalBytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** The widest layers at full size: what goes in and what comes out, for the frames of one run. */
function decoderBytes({ video, decoder, sampler }: ModelConfig): number {
  const pixels = video.width * video.height;
  switch (decoder.kind) {
    case 'taehv':
      return 2 * pixels * decoder.outputScale ** 2 * decoder.widths[3] * 4 * sampler.chunkFrames * float;
    case 'wan-vae':
      return 3 * pixels * 2 * decoder.dim * 4 * float; // one latent frame a run
  }
}

/** A smaller setting, in words, with what it takes. */
export interface SmallerSetting {
  readonly what: string;
  readonly totalBytes: number;
}

/** What can be changed of a model, so that advice is of use. */
export interface Changeable {
  /** The sizes it can be loaded for; null where it draws its own alone. */
  readonly frameSizes: FrameSizes | null;
  /** Whether it was imported, and could be with another text encoder. */
  readonly isImported: boolean;
}

/** Sizes tried, as shares of each side. */
const frameShares = [5 / 6, 3 / 4, 2 / 3, 1 / 2, 1 / 3, 1 / 4];

/**
 * The next smaller setting with which a model fits, the least loss first: memory pages kept in a file (the same results), the
 * text encoder in fewer bits, fewer frames to recall, smaller frames. Only what can be changed of this model.
 * @returns null where nothing of that suffices
 */
export function smallerSetting(
  config: ModelConfig,
  weights: WeightSizes,
  use: MemoryUse,
  availableBytes: number,
  can: Changeable,
): SmallerSetting | null {
  for (const { what, plan } of smaller(config, weights, use, can)) {
    if (plan.totalBytes <= availableBytes) return { what, totalBytes: plan.totalBytes };
  }
  return null;
}

function* smaller(
  config: ModelConfig,
  weights: WeightSizes,
  use: MemoryUse,
  { frameSizes, isImported }: Changeable,
): Generator<{ readonly what: string; readonly plan: MemoryPlan }> {
  const { text, video } = config;
  const inFile = { ...use, pageBudgetBytes: 0 };
  if (isImported && !text.quantized && weights.text > 2 ** 30) {
    const quantized: ModelConfig = { ...config, text: { ...text, quantized: 'int4' } };
    const plan = planMemory(quantized, { ...weights, text: weights.text / 6 }, inFile);
    yield { what: 'its text encoder imported with --text int4', plan };
  }
  for (const { what, change } of moduleOf(config).smaller(config.memory))
    yield { what, plan: planMemory({ ...config, memory: { ...config.memory, ...change } }, weights, inFile) };
  if (!frameSizes) return;
  for (const share of frameShares) {
    const side = (pixels: number): number =>
      Math.max(leastFrameSide, Math.round((pixels * share) / frameSideStep) * frameSideStep);
    const [width, height] = [side(video.width), side(video.height)];
    const smaller = width * height < video.width * video.height;
    if (!smaller || width > video.width || height > video.height) continue;
    if (!isFrameSize({ width, height }, frameSizes.most)) continue;
    const plan = planMemory({ ...config, video: { ...video, width, height } }, weights, inFile);
    yield { what: `frames of ${width}x${height}`, plan };
  }
}
