import { basename, dirname, join } from 'node:path';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { DitSizes, Family, TaehvSizes, TextSizes, WanVaeSizes } from './families.ts';
import type { SurveyedFile } from './survey.ts';

/** What the weights do not say: how their authors run them. */
export interface ModelSettings {
  readonly video: { readonly width: number; readonly height: number; readonly fps: number };
  readonly sampler: ModelConfig['sampler'];
  readonly memory: ModelConfig['memory'];
  readonly textLength: number;
}

/** One file of the model folder, and where it comes from. */
export interface Part {
  readonly target: 'text_encoder.safetensors' | 'dit.safetensors' | 'memory_dit.safetensors' | 'decoder.safetensors';
  readonly path: string;
  readonly family: Family;
  /** Merged into it. */
  readonly lora: string | null;
}

export interface ChosenParts {
  readonly parts: readonly Part[];
  readonly tokenizer: string;
  readonly dit: DitSizes;
  readonly text: TextSizes;
  readonly decoder: TaehvSizes | WanVaeSizes;
  /** Files that one may have expected in the model and that are not in it, a sentence each. */
  readonly notUsed: readonly string[];
}

/** Files that a person gave for one purpose. */
export interface GivenFor {
  /** Of a model with two DiTs, the file of the one that remembers, or its folder. */
  readonly memoryModel?: string | undefined;
  /** The LoRA; where none is given, the one that lies beside the generator or was named among the files. */
  readonly lora?: string | undefined;
}

/** Statistics of the latents of Wan 2.1's VAE, per channel (model reference A). */
export const wanStatistics = {
  mean: [
    -0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508, 0.4134, -0.0715, 0.5517, -0.3632, -0.1922,
    -0.9497, 0.2503, -0.2921,
  ],
  std: [
    2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743, 3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253,
    2.8251, 1.916,
  ],
};

/** What each part is called where it is published. */
export const wantedNames = {
  dit: 'the generator, for example base.pt of KlingTeam/MemFlow or self_forcing_dmd.pt of gdhe17/Self-Forcing',
  text: 'the text encoder, models_t5_umt5-xxl-enc-bf16.pth of Wan-AI/Wan2.1-T2V-1.3B',
  tokenizer: 'the tokenizer, google/umt5-xxl/tokenizer.json of Wan-AI/Wan2.1-T2V-1.3B',
  decoder: 'a decoder, Wan2.1_VAE.pth of Wan-AI/Wan2.1-T2V-1.3B or taew2_1.safetensors',
} as const;

/** Of files that cannot be used, so many are told where something is missing. */
const mostTold = 3;

/**
 * Chooses the parts of one model among files.
 * @throws ThroughlineError `model-missing` naming what is missing, `bad-input` where there are several of one kind, or
 *   what was given as a LoRA is none
 */
export function chooseParts(
  files: readonly SurveyedFile[],
  { memoryModel, lora: givenLora }: GivenFor = {},
): ChosenParts {
  const of = <F extends Family['family']>(
    family: F,
  ): { path: string; named: boolean; family: Extract<Family, { family: F }> }[] =>
    files.flatMap(({ path, named, content }) =>
      content.kind === 'weights' && content.family.family === family
        ? [{ path, named, family: content.family as Extract<Family, { family: F }> }]
        : [],
    );
  const only = <T extends { path: string }>(found: readonly T[], what: string): T | undefined => {
    if (found.length > 1) {
      throw new ThroughlineError(
        'bad-input',
        `There are ${found.length} files that could be ${what}: ${found.map(({ path }) => basename(path)).join(', ')}.`,
        'Name the files one by one.',
      );
    }
    return found[0];
  };
  const remembers = ({ path }: { path: string }): boolean => memoryModel !== undefined && isAt(path, memoryModel);
  const dit = only(
    of('dit').filter((found) => !remembers(found)),
    'the generator',
  );
  const memory = only(of('dit').filter(remembers), 'the model that remembers');
  if (dit && memoryModel !== undefined) checkMemory(dit, memory);
  const text = only(of('text'), 'the text encoder');
  // The small decoder is as many times faster as the VAE is better; the VAE is what the person came with on purpose.
  const decoder = only(of('wan-vae'), 'the VAE') ?? only(of('taehv'), 'the decoder');
  if (givenLora !== undefined) checkLora(files, givenLora);
  const beside = ({ path, named }: { path: string; named: boolean }): boolean =>
    givenLora === undefined ? named || dirname(path) === dirname(dit?.path ?? '') : isAt(path, givenLora);
  const lora = only(of('lora').filter(beside), 'the LoRA');
  const tokenizer = only(
    files.filter(({ content }) => content.kind === 'tokenizer'),
    'the tokenizer',
  );
  if (!dit || !text || !decoder || !tokenizer) {
    const lacking = Object.entries({ dit, text, tokenizer, decoder }).flatMap(([kind, found]) =>
      found ? [] : [wantedNames[kind as keyof typeof wantedNames]],
    );
    throw new ThroughlineError(
      'model-missing',
      [...unusable(files), `Missing: ${lacking.join('; ')}.`].join(' '),
      'Add the missing files, and import all of them together.',
    );
  }
  if (text.family.dim !== dit.family.textDim) {
    throw new ThroughlineError(
      'model-inconsistent',
      `${basename(dit.path)} reads prompts of width ${dit.family.textDim}, and ${basename(text.path)} makes ${text.family.dim}.`,
      'Use the text encoder that belongs to the generator.',
    );
  }
  return {
    parts: [
      { target: 'text_encoder.safetensors', path: text.path, family: text.family, lora: null },
      { target: 'dit.safetensors', path: dit.path, family: dit.family, lora: lora?.path ?? null },
      ...(memory
        ? [{ target: 'memory_dit.safetensors', path: memory.path, family: memory.family, lora: null } as const]
        : []),
      { target: 'decoder.safetensors', path: decoder.path, family: decoder.family, lora: null },
    ],
    tokenizer: tokenizer.path,
    dit: dit.family,
    text: text.family,
    decoder: decoder.family,
    notUsed: [
      ...files.flatMap(({ named, content }) => (named && content.kind === 'unusable' ? [content.why.message] : [])),
      ...of('lora')
        .filter(({ path }) => path !== lora?.path)
        .map(({ path }) => `${basename(path)} is a LoRA that does not lie beside the generator: name it to merge it.`),
      ...of('taehv')
        .filter(({ path }) => path !== decoder.path)
        .map(({ path }) => `${basename(path)} is the fast decoder: ${basename(decoder.path)} is better and is used.`),
    ],
  };
}

/** Whether a file is the one of this path, or lies in the folder of this path. */
function isAt(path: string, place: string): boolean {
  return path === place || path.startsWith(join(place, '/'));
}

/** What is wrong with files that cannot be used, those first that were named. */
function unusable(files: readonly SurveyedFile[]): string[] {
  const found = [...files]
    .sort((a, b) => Number(b.named) - Number(a.named))
    .flatMap(({ content }) => (content.kind === 'unusable' ? [content.why.message] : []));
  const more = found.length - mostTold;
  return [...found.slice(0, mostTold), ...(more > 0 ? [`${more} more of the files cannot be used.`] : [])];
}

/** A LoRA that was asked for is merged or the import is refused: a model without it would look like one with it. */
function checkLora(files: readonly SurveyedFile[], given: string): void {
  const there = files.filter(({ path }) => isAt(path, given));
  if (there.some(({ content }) => content.kind === 'weights' && content.family.family === 'lora')) return;
  const [first] = there;
  const why = first?.content.kind === 'unusable' ? `: ${first.content.why.message}` : ', but it is none.';
  throw new ThroughlineError(
    'bad-input',
    `${basename(given)} was given as the LoRA${why}`,
    'Give a file of low-rank matrices (lora_A and lora_B), or leave the LoRA out.',
  );
}

/** Both DiTs read the same keys and values: their sizes are the same. */
function checkMemory(
  dit: { readonly path: string; readonly family: DitSizes },
  memory: { readonly path: string; readonly family: DitSizes } | undefined,
): void {
  const [one, other] = [JSON.stringify(dit.family), JSON.stringify(memory?.family)];
  if (one === other) return;
  throw new ThroughlineError(
    memory ? 'model-inconsistent' : 'model-missing',
    memory
      ? `${basename(memory.path)} and ${basename(dit.path)} are of different sizes, and a model that remembers is of its generator's.`
      : 'The model that remembers is missing.',
    'Use the two that were published together.',
  );
}

/** The configuration: sizes from the weights, the rest from the settings. */
export function configOf(
  name: string,
  settings: ModelSettings,
  { dit, text, decoder }: ChosenParts,
  textBits: 4 | 8 | null,
): ModelConfig {
  const { vocabSize, dim, heads, headDim, ffnDim, layers, buckets } = text;
  return {
    format: 'throughline-model',
    formatVersion: 1,
    name,
    video: { ...settings.video },
    latent: { channels: dit.channels, temporalStride: 4, spatialStride: 8 },
    text: {
      vocabSize,
      dim,
      heads,
      headDim,
      ffnDim,
      layers,
      buckets,
      maxDistance: 128,
      textLength: settings.textLength,
      cleaning: 'published',
      ...(textBits === null ? {} : { quantized: textBits === 4 ? 'int4' : 'int8' }),
    },
    dit: {
      dim: dit.dim,
      heads: dit.heads,
      layers: dit.layers,
      ffnDim: dit.ffnDim,
      freqDim: dit.freqDim,
      eps: 1e-6,
      ropeTheta: 10_000,
      ropeTableLength: 1024,
    },
    decoder:
      decoder.family === 'wan-vae'
        ? { kind: 'wan-vae', dim: decoder.dim, statistics: wanStatistics }
        : { kind: 'taehv', widths: [...decoder.widths], outputScale: 1 },
    sampler: settings.sampler,
    memory: settings.memory,
  };
}
