import { z } from 'zod';
import { choicesOf, type ModelMemories, memoryChoice, memoryKind, memoryModes } from '../memories/index.ts';
import type { MemoryRecord } from '../memory-record.ts';
import { type MemorySettings, policyNameSchema } from '../memory-settings.ts';
import type { ModelInfo } from '../render.ts';
import { seedSchema, storySchema } from '../story.ts';

const count = z.int().min(0);
const ratio = z.number().min(0).nullable();

const fidelitiesSchema = z
  .array(z.strictObject({ psnrDb: z.number(), ssim: z.number(), gradientDistance: z.number() }))
  .readonly();

const measuresSchema = z.strictObject({
  returns: fidelitiesSchema,
  sharpnessDrift: ratio,
  saturationDrift: ratio,
  backgroundDrift: ratio,
  flicker: ratio,
  given: fidelitiesSchema.exactOptional(),
  truth: fidelitiesSchema.exactOptional(),
});

/** Memories of one comparison at most. */
export const mostCompared = 16;

/** One film of a comparison: a story under one memory, with one seed. */
export const comparedFilmSchema = z.strictObject({
  /** As options spell it: `nam+sma`. */
  memory: z.string().min(1),
  policy: policyNameSchema,
  seed: seedSchema,
  /** Of every chunk, in order. */
  keys: z.array(z.string()),
  measures: measuresSchema,
  /**
   * Median time of the chunks that this run made, or that this machine made since the project was opened, in seconds, without those
   * that were given. Null where there are none, and where a farm was asked to make them.
   */
  secondsPerChunk: z.number().min(0).nullable(),
  /** Frames that a chunk could look back on, at most, and the bytes of their keys and values. */
  framesReachable: count,
  stateBytes: count,
});
export type ComparedFilm = z.infer<typeof comparedFilmSchema>;

/** What `throughline compare` writes as JSON, and what the editor shows. Version 1. */
export const comparisonSchema = z.strictObject({
  format: z.literal('throughline-comparison'),
  version: z.literal(1),
  story: storySchema,
  model: z.strictObject({ name: z.string(), digest: z.string(), device: z.string() }),
  /** Places the story comes back to: the last shot of the first visit and the first of the return, from 0. */
  returns: z.array(z.strictObject({ place: z.string(), shot: count, back: count })),
  films: z.array(comparedFilmSchema),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** The memories that a model can be asked for, as `--memories` spells them. */
export function memoriesOf(model: ModelMemories): readonly string[] {
  return choicesOf(model).map(({ id }) => id);
}

/**
 * The frames a chunk could have looked back on: what it attended to, and what it could have retrieved.
 * @returns latent frames, ascending
 */
export function framesWithinReach({ sink, window, bank, candidates, packs = [] }: MemoryRecord): number[] {
  const packed = packs.flatMap(({ frames }) => frames);
  return [...new Set([...sink, ...window, ...bank.flat(), ...candidates, ...packed])].sort((a, b) => a - b);
}

/** Keys and values that each head of a layer reads besides those of the chunk and of its prompt, in tokens. */
export function contextTokens(
  { sink, window, bank, packs, told, activation, settings }: MemoryRecord,
  { tokenGrid: { rows, columns } }: Pick<ModelInfo, 'tokenGrid'>,
): number {
  const long = told && 'tokens' in told ? told.tokens : 0;
  if (packs) return long + packs.reduce((sum, { tokens }) => sum + tokens, 0);
  const pool = activation?.pool[0]?.length ?? 0;
  const passedOver = Math.max(0, pool - settings.activatedFrames);
  return long + (sink.length + window.length + (bank[0]?.length ?? 0) - passedOver) * rows * columns;
}

/** A column of the table. */
export interface MeasureColumn {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** What it says, in a sentence. */
  readonly says: string;
  /** What is good: more, less, near 1, or neither. */
  readonly better: 'more' | 'less' | 'one' | null;
  readonly digits: number;
  /** Why a film may have no number for it, in a sentence; not given where every film has one. */
  readonly absent?: string;
  /** The numbers that a film has for it; none where it was not measured. */
  of(film: ComparedFilm): readonly number[];
}

const noReturn = 'No place of the story returns, or no return is chosen.';
const noStretch = 'Every stretch without a cut is one chunk long.';

const one = (value: number | null): readonly number[] => (value === null ? [] : [value]);

export const measureColumns: readonly MeasureColumn[] = [
  {
    id: 'return-psnr',
    title: 'Return, PSNR',
    unit: 'dB',
    says: 'How like the first visit a place looks on return: peak signal to noise of the backgrounds.',
    better: 'more',
    digits: 1,
    absent: noReturn,
    of: ({ measures }) => measures.returns.map(({ psnrDb }) => psnrDb),
  },
  {
    id: 'return-ssim',
    title: 'Return, SSIM',
    unit: '',
    says: 'The same by structural similarity: 1 is the same picture.',
    better: 'more',
    digits: 3,
    absent: noReturn,
    of: ({ measures }) => measures.returns.map(({ ssim }) => ssim),
  },
  {
    id: 'return-gradients',
    title: 'Return, structure',
    unit: '',
    says: 'How far the outlines of a place are from those of the first visit (gradient magnitude similarity deviation): 0 is no difference.',
    better: 'less',
    digits: 3,
    absent: noReturn,
    of: ({ measures }) => measures.returns.map(({ gradientDistance }) => gradientDistance),
  },
  {
    id: 'sharpness-drift',
    title: 'Sharpness drift',
    unit: '×',
    says: 'Sharpness at the end of the longest stretch without a cut, over that at its start (15 % each): 1 is no drift.',
    better: 'one',
    digits: 2,
    absent: noStretch,
    of: ({ measures }) => one(measures.sharpnessDrift),
  },
  {
    id: 'saturation-drift',
    title: 'Saturation drift',
    unit: '×',
    says: 'Saturation at the end of the longest stretch without a cut, over that at its start (15 % each): 1 is no drift.',
    better: 'one',
    digits: 2,
    absent: noStretch,
    of: ({ measures }) => one(measures.saturationDrift),
  },
  {
    id: 'background-drift',
    title: 'Background drift',
    unit: '',
    says: 'How much the background changes from the start to the end of the same stretch, 0 to 1.',
    better: 'less',
    digits: 3,
    absent: noStretch,
    of: ({ measures }) => one(measures.backgroundDrift),
  },
  {
    id: 'flicker',
    title: 'Flicker',
    unit: '×',
    says: 'Change across the borders of chunks over change within them: 1 is no flicker.',
    better: 'one',
    digits: 2,
    absent: noStretch,
    of: ({ measures }) => one(measures.flicker),
  },
  {
    id: 'seconds',
    title: 'Time a chunk',
    unit: 's',
    says: 'Median time a chunk, of those that this machine made now: in this run, or since the project was opened. Given chunks, chunks that were there before and those of a farm do not count: their times say nothing of memories.',
    // One memory's chunks may have been made while the machine was busy.
    better: null,
    digits: 2,
    absent: 'None of its chunks was made by this machine in this run, or since the project was opened.',
    of: ({ secondsPerChunk }) => one(secondsPerChunk),
  },
  {
    id: 'frames',
    title: 'Frames in reach',
    unit: '',
    says: 'Latent frames that a chunk could look back on, at most.',
    better: null,
    digits: 0,
    of: ({ framesReachable }) => [framesReachable],
  },
  {
    id: 'state',
    title: 'State',
    unit: 'MB',
    says: 'Keys and values of those frames, as they are stored. Packed frames have none: they are packed anew for every chunk.',
    better: 'less',
    digits: 1,
    of: ({ stateBytes }) => [stateBytes / 1e6],
  },
];

/** What is measured besides where the first shots show footage. */
export const footageColumns: readonly MeasureColumn[] = [
  {
    id: 'truth-psnr',
    title: 'Truth, PSNR',
    unit: 'dB',
    says: 'How like the rest of the footage the chunks after the given ones look, frame by frame: peak signal to noise.',
    better: 'more',
    digits: 1,
    of: ({ measures }) => (measures.truth ?? []).map(({ psnrDb }) => psnrDb),
  },
  {
    id: 'truth-ssim',
    title: 'Truth, SSIM',
    unit: '',
    says: 'The same by structural similarity.',
    better: 'more',
    digits: 3,
    of: ({ measures }) => (measures.truth ?? []).map(({ ssim }) => ssim),
  },
  {
    id: 'truth-gradients',
    title: 'Truth, structure',
    unit: '',
    says: 'The same by outlines (gradient magnitude similarity deviation): 0 is no difference.',
    better: 'less',
    digits: 3,
    of: ({ measures }) => (measures.truth ?? []).map(({ gradientDistance }) => gradientDistance),
  },
  {
    id: 'given-psnr',
    title: 'Given, PSNR',
    unit: 'dB',
    says: 'How like itself the given footage looks through the model’s encoder and decoder: the best that Truth can be.',
    better: null,
    digits: 1,
    of: ({ measures }) => (measures.given ?? []).map(({ psnrDb }) => psnrDb),
  },
];

/** The columns that a comparison has. */
export function columnsOf(films: readonly ComparedFilm[]): readonly MeasureColumn[] {
  return films.some(({ measures }) => measures.given) ? [...footageColumns, ...measureColumns] : measureColumns;
}

/** A cell: the mean of what was measured, and its 95 % interval where that is more than a guess. */
export interface MeasureCell {
  readonly mean: number;
  readonly count: number;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

/** Fewer values than this have no interval. */
const leastForInterval = 4;

/** The table: a row for each memory, in the order the films name them; cells in the order of {@link columnsOf}. */
export function comparisonTable(
  films: readonly ComparedFilm[],
): readonly { readonly memory: string; readonly name: string; readonly cells: readonly (MeasureCell | null)[] }[] {
  const columns = columnsOf(films);
  const memories = [...new Set(films.map(({ memory }) => memory))];
  return memories.map((memory) => {
    const own = films.filter((film) => film.memory === memory);
    return {
      memory,
      name: nameOf(memory),
      cells: columns.map(({ of }) => cellOf(own.flatMap(of))),
    };
  });
}

/** The name of a memory for a person, from its spelling in options. */
export function nameOf(memory: string): string {
  for (const mode of memoryModes) {
    const choice = memoryKind(mode).choices.find(({ id }) => id === memory);
    if (choice) return choice.name;
  }
  return memory;
}

function cellOf(values: readonly number[]): MeasureCell | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, count: values.length, interval: values.length < leastForInterval ? null : bootstrap(values) };
}

const resamples = 2000;

/** 95 % interval of the mean: what 2,000 draws from the values say, always the same draws. */
function bootstrap(values: readonly number[]): { low: number; high: number } {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes' generator: enough to pick indices
    return state / 2 ** 32;
  };
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)] as number;
    return sum / values.length;
  }).sort((a, b) => a - b);
  const at = (share: number): number => means[Math.round(share * (resamples - 1))] as number;
  return { low: at(0.025), high: at(0.975) };
}

/** `24.1 dB`, or `24.1 (22.0 to 26.3) dB`; a dash where nothing was measured. */
export function cellText(cell: MeasureCell | null, { digits, unit }: MeasureColumn, withInterval = false): string {
  if (!cell) return '–';
  const number = (value: number): string => value.toFixed(digits);
  const { interval } = cell;
  const between = withInterval && interval ? ` (${number(interval.low)} to ${number(interval.high)})` : '';
  return `${number(cell.mean)}${between}${unit && ` ${unit}`}`;
}

/** Which rows are best in a column; none where no value is good, fewer than two were measured, or all are alike. */
export function bestRows(
  cells: readonly (MeasureCell | null)[],
  { better, digits }: MeasureColumn,
): readonly boolean[] {
  const distance = (cell: MeasureCell | null): number => {
    if (!cell || better === null) return Number.POSITIVE_INFINITY;
    const shown = Number(cell.mean.toFixed(digits));
    return better === 'more' ? -shown : better === 'less' ? shown : Math.abs(shown - 1);
  };
  const distances = cells.map(distance);
  const least = Math.min(...distances);
  const alike = distances.every((value) => value === least) || distances.filter(Number.isFinite).length < 2;
  return distances.map((value) => !alike && Number.isFinite(value) && value === least);
}

/** One line a film, as a spreadsheet reads it; the mean over its returns. */
export function comparisonCsv(films: readonly ComparedFilm[]): string {
  const columns = columnsOf(films);
  const head = ['memory', 'seed', ...columns.map(({ id, unit }) => (unit && unit !== '×' ? `${id} (${unit})` : id))];
  const lines = films.map((film) => [
    film.memory,
    film.seed,
    ...columns.map((column) => cellOf(column.of(film))?.mean ?? ''),
  ]);
  return [head, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** What the settings of a story's chunks are called in a comparison. */
export function memoryIdOf(settings: MemorySettings): string {
  return memoryChoice(settings).id;
}
