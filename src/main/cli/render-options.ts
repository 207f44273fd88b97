import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { DeviceChoice } from '../../shared/devices.ts';
import { pointForms } from '../../shared/edit/film-point.ts';
import type { FrameSize } from '../../shared/frame-size.ts';
import { listedChoices } from '../../shared/memories/index.ts';
import { policyNames } from '../../shared/memory-settings.ts';
import type { RenderOverrides } from '../../shared/recipes.ts';
import type { KvStorage, Precision } from '../../shared/render.ts';
import { type PromptTelling, promptTellingSchema } from '../../shared/story.ts';
import { defaultChunksPerPrompt } from '../../shared/story-import/index.ts';
import { required } from './required-option.ts';
import { sizeOption } from './size-option.ts';

/** The options of `throughline render`, as commander hands them over. */
export interface RenderFlags {
  readonly out: string;
  readonly model: string;
  readonly size?: FrameSize;
  readonly device: DeviceChoice;
  readonly precision: Precision;
  readonly threads?: number;
  readonly kv: KvStorage;
  readonly height?: number;
  readonly story?: number;
  readonly chunksPerPrompt: number;
  readonly prompts?: PromptTelling;
  readonly report?: string;
  readonly contactSheet?: string;
  readonly sound?: string;
  readonly cache: string;
  /** Gigabytes (10^9 bytes). */
  readonly cacheBudget: number;
  readonly quiet?: boolean;
  readonly policy?: RenderOverrides['policy'];
  readonly bank?: number;
  readonly activated?: number;
  readonly capacity?: number;
  readonly from?: string;
  readonly to?: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly sampler?: RenderOverrides['sampler'];
}

/** Some hundred thousand chunks of the built-in model. */
const defaultCacheBudget = 4;

/** Where things are unless said otherwise. */
export interface Defaults {
  readonly modelFolder: string;
  readonly cacheFolder: string;
  /** Where imported models are. */
  readonly modelsFolder: string;
}

/** A parser of whole numbers for commander: `min` to `max`, both included. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(`It takes a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** Options under a heading of `--help`. */
export function group(heading: string, options: Option[]): Option[] {
  return options.map((option) => option.helpGroup(heading));
}

/** In the groups that `--help` shows, in its order. */
export function renderOptions(defaults: Defaults): Option[] {
  return [
    ...group('What to write:', [
      required(new Option('-o, --out <film.mp4>', 'the film')),
      new Option('--report <report.json>', 'a full account of what was remembered, for `throughline inspect`'),
      new Option('--contact-sheet <sheet.png>', 'one picture with a frame of every chunk'),
      soundOption(),
      new Option('--height <px>', 'enlarge the film to this height (default: 720)').argParser(wholeNumber(16, 4320)),
      ...rangeOptions(),
    ]),
    ...storyOptions(),
    ...group('Memory (over what story and shots say):', [
      new Option(
        '--policy <name>',
        listedChoices.map(({ id, name, short }) => `${id} (${name}): ${short}`).join('; '),
      ).choices(policyNames),
      new Option('--bank <n>', 'frames recalled at a time, for each layer').argParser(wholeNumber(0, 64)),
      new Option('--activated <n>', 'recalled frames that each head attends to (nam+sma)').argParser(
        wholeNumber(1, 64),
      ),
      new Option('--capacity <n>', 'frames that stay in memory to be recalled').argParser(wholeNumber(1, 4096)),
    ]),
    ...group('Generating:', [
      new Option('--seed <n>', 'another seed than the story’s').argParser(wholeNumber(0, 2 ** 32 - 1)),
      new Option('--steps <n>', 'denoising steps for each chunk').argParser(wholeNumber(1, 1000)),
      new Option('--sampler <kind>', 'renoise: fresh noise between steps; euler: none').choices(['renoise', 'euler']),
    ]),
    ...engineOptions(defaults),
  ];
}

/** What is heard under a story's film. */
export function soundOption(): Option {
  return new Option(
    '--sound <file>',
    'a recording that is heard from the story’s beginning on: WAV, MP3, M4A, FLAC, Opus',
  );
}

/** In and out points; `--out` is the file. */
export function rangeOptions(): Option[] {
  return [
    new Option('--from <point>', `begin there: ${pointForms}`),
    new Option('--to <point>', 'end there, with that frame or shot; told like --from'),
  ];
}

/** How a story's file is read. */
export function storyOptions(): Option[] {
  return [
    ...group('Reading the story:', [
      new Option('--story <n>', 'which story of a file that holds several (default: the first)').argParser(
        wholeNumber(1, 1_000_000),
      ),
      new Option('--chunks-per-prompt <n>', 'length of a shot where the file gives none; a chunk is 3 latent frames')
        .argParser(wholeNumber(1, 1000))
        .default(defaultChunksPerPrompt),
      new Option(
        '--prompts <how>',
        'what the model is told: as-written, or completed with who and where from the prompts before (default: what the story says; a text is completed)',
      ).choices(promptTellingSchema.options),
    ]),
  ];
}

/** Where and with what chunks are made, and kept. */
export function engineOptions(defaults: Defaults): Option[] {
  return [
    ...group('Machine:', [
      modelOption(defaults),
      sizeOption('size of the frames that an imported model draws, multiples of 16 (default: its own)'),
      new Option(
        '--device <name>',
        'where to compute; auto: the fastest that agrees with the CPU (throughline devices)',
      )
        .choices(['auto', 'cpu', 'webgpu'])
        .default('auto'),
      new Option('--precision <type>', 'fp16: products in halves where a graphics card can; other results, other keys')
        .choices(['fp32', 'fp16'])
        .default('fp32'),
      new Option('--threads <n>', 'CPU threads (default: one a core, 8 at most)').argParser(wholeNumber(1, 256)),
      new Option('--kv <type>', 'how keys and values are kept').choices(['fp32', 'fp16', 'int8']).default('fp16'),
      new Option('--cache <folder>', 'where finished chunks are kept between runs').default(
        defaults.cacheFolder,
        'the system’s cache folder',
      ),
      new Option('--cache-budget <GB>', 'how much they may take; those used longest ago go first, this film’s stay')
        .argParser(wholeNumber(0, 1_000_000))
        .default(defaultCacheBudget),
      new Option('-q, --quiet', 'say nothing unless something is wrong'),
    ]),
  ];
}

/** What of the flags goes into the recipes. */
export function toOverrides(flags: RenderFlags): RenderOverrides {
  return {
    seed: flags.seed,
    policy: flags.policy,
    bankFrames: flags.bank,
    activatedFrames: flags.activated,
    capacity: flags.capacity,
    steps: flags.steps,
    sampler: flags.sampler,
  };
}

/** The model to run: the name of an imported one, or a folder. */
export function modelOption(defaults: Pick<Defaults, 'modelFolder' | 'modelsFolder'>): Option {
  return new Option('--model <name or folder>', 'the model')
    .default(defaults.modelFolder, 'the built-in one')
    .argParser((value) => modelFolderOf(value, defaults));
}

/** @param value the name of an imported model, or a folder */
export function modelFolderOf(value: string, { modelsFolder }: Pick<Defaults, 'modelsFolder'>): string {
  const imported = join(modelsFolder, value);
  return !isAbsolute(value) && existsSync(join(imported, 'config.json')) ? imported : value;
}
