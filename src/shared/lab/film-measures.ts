import {
  background,
  difference,
  gradientDistance,
  meanOf,
  type Picture,
  psnr,
  saturation,
  sharpness,
  ssim,
} from './picture-measures.ts';
import type { Return } from './returns.ts';

/** Of the longest stretch without a cut, the first and the last chunks that drift is measured between. */
const driftShare = 0.15;

/** What is measured of a film, and over which chunks; the same for every memory of a comparison. */
export interface MeasurePlan {
  /** Chunks of the film. */
  readonly chunks: number;
  /** Chunks that begin with a cut, from 0; the film's first among them. */
  readonly cuts: ReadonlySet<number>;
  /** Last chunk of a first visit, and first chunk of a return; from 0. */
  readonly returns: readonly { readonly place: string; readonly chunk: number; readonly back: number }[];
}

/** How well a place was kept from a first visit to a return. */
export interface ReturnFidelity {
  readonly psnrDb: number;
  readonly ssim: number;
  readonly gradientDistance: number;
}

/** What a film is like; null where it has nothing to measure it on. */
export interface FilmMeasures {
  /** Of each return of the plan, in its order. */
  readonly returns: readonly ReturnFidelity[];
  /**
   * Over the longest stretch without a cut, whose pictures show one thing: sharpness and saturation of its last 15 % over those
   * of its first. 1 is no drift.
   */
  readonly sharpnessDrift: number | null;
  readonly saturationDrift: number | null;
  /** How much the background changes over the same stretch, 0..1. */
  readonly backgroundDrift: number | null;
  /** Change across the borders of chunks over change within them, where there is no cut: 1 is no flicker. */
  readonly flicker: number | null;
  /** Where the first chunks show footage: how near each comes to it through encoder and decoder, which is the best there can be. */
  readonly given?: readonly ReturnFidelity[];
  /** How near each chunk after them comes to what the footage shows there. */
  readonly truth?: readonly ReturnFidelity[];
}

/**
 * How near frames come to what is true: means over those that both have.
 * @param frames [count, height, width, 3] @param truth the same, of as many frames or fewer; one at least
 */
export function fidelityOf(
  frames: Uint8Array,
  truth: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): ReturnFidelity {
  const size = width * height * 3;
  const count = Math.floor(Math.min(frames.length, truth.length) / size);
  const pairs = Array.from({ length: count }, (_, i) => {
    const [from, to] = [i * size, (i + 1) * size];
    return [
      { width, height, rgb: frames.subarray(from, to) },
      { width, height, rgb: truth.subarray(from, to) },
    ] as const;
  });
  return {
    psnrDb: meanOf(pairs.map(([a, b]) => psnr(a, b))),
    ssim: meanOf(pairs.map(([a, b]) => ssim(a, b))),
    gradientDistance: meanOf(pairs.map(([a, b]) => gradientDistance(a, b))),
  };
}

/** @param firstChunks of each shot, from 0 @param chunksOf number of chunks of each shot */
export function measurePlan(
  shots: readonly { readonly chunks: number; readonly transition: 'continue' | 'cut' }[],
  returns: readonly Return[],
): MeasurePlan {
  const first: number[] = [];
  let chunks = 0;
  for (const shot of shots) {
    first.push(chunks);
    chunks += shot.chunks;
  }
  const at = (shot: number): number => first[shot] as number;
  return {
    chunks,
    cuts: new Set([0, ...shots.flatMap(({ transition }, i) => (transition === 'cut' ? [at(i)] : []))]),
    returns: returns.map(({ place, shot, back }) => ({
      place,
      chunk: at(shot) + (shots[shot]?.chunks ?? 1) - 1,
      back: at(back),
    })),
  };
}

/** Measures a film as its chunks come, keeping only the pictures that are compared later. */
export class FilmMeasurer {
  readonly #plan: MeasurePlan;
  readonly #size: { readonly width: number; readonly height: number };
  readonly #stretch: { readonly from: number; readonly to: number };
  readonly #wanted: ReadonlySet<number>;
  readonly #backgrounds = new Map<number, Picture>();
  readonly #sharpness: number[] = [];
  readonly #saturation: number[] = [];
  readonly #across: number[] = [];
  readonly #within: number[] = [];
  #last: Uint8Array | null = null;

  constructor(plan: MeasurePlan, size: { readonly width: number; readonly height: number }) {
    this.#plan = plan;
    this.#size = size;
    this.#stretch = longestStretch(plan);
    const { from, to } = this.#stretch;
    const part = partOf(to - from);
    const ends = Array.from({ length: part }, (_, i) => [from + i, to - 1 - i]).flat();
    this.#wanted = new Set([...ends, ...plan.returns.flatMap(({ chunk, back }) => [chunk, back])]);
  }

  /**
   * Takes the chunks in order.
   * @param frames [count, height, width, 3]; not kept
   */
  add(frames: Uint8Array, count: number): void {
    const chunk = this.#sharpness.length;
    const { width, height } = this.#size;
    const size = width * height * 3;
    const pictures = Array.from({ length: count }, (_, i) => ({
      width,
      height,
      rgb: frames.subarray(i * size, (i + 1) * size),
    }));
    this.#sharpness.push(meanOf(pictures.map(sharpness)));
    this.#saturation.push(meanOf(pictures.map(saturation)));
    const before = this.#last;
    if (before && !this.#plan.cuts.has(chunk)) {
      this.#across.push(difference({ width, height, rgb: before }, pictures[0] as Picture));
      for (let i = 1; i < count; i++) this.#within.push(difference(pictures[i - 1] as Picture, pictures[i] as Picture));
    }
    this.#last = frames.slice((count - 1) * size, count * size);
    if (this.#wanted.has(chunk)) this.#backgrounds.set(chunk, background(frames, count, width, height));
  }

  /** After the last chunk. */
  result(): FilmMeasures {
    const { returns } = this.#plan;
    const picture = (chunk: number): Picture => this.#backgrounds.get(chunk) as Picture;
    return {
      returns: returns.map(({ chunk, back }) => {
        const [a, b] = [picture(chunk), picture(back)];
        return { psnrDb: psnr(a, b), ssim: ssim(a, b), gradientDistance: gradientDistance(a, b) };
      }),
      sharpnessDrift: lastOverFirst(this.#sharpness.slice(this.#stretch.from, this.#stretch.to)),
      saturationDrift: lastOverFirst(this.#saturation.slice(this.#stretch.from, this.#stretch.to)),
      backgroundDrift: this.#backgroundDrift(picture),
      flicker:
        this.#across.length === 0 ? null : (meanOf(this.#across) + leastChange) / (meanOf(this.#within) + leastChange),
    };
  }

  #backgroundDrift(picture: (chunk: number) => Picture): number | null {
    const { from, to } = this.#stretch;
    if (to - from < 2) return null;
    const part = partOf(to - from);
    const mean = (first: number): Picture => meanPicture(Array.from({ length: part }, (_, i) => picture(first + i)));
    return difference(mean(from), mean(to - part));
  }
}

/** So that a film in which nothing moves has a flicker of 1. */
const leastChange = 1e-4;

function partOf(chunks: number): number {
  return Math.max(1, Math.round(driftShare * chunks));
}

/** Null for a stretch of one chunk, or one that begins without any. */
function lastOverFirst(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const part = partOf(values.length);
  const first = meanOf(values.slice(0, part));
  return first > 0 ? meanOf(values.slice(-part)) / first : null;
}

/** The longest run of chunks without a cut, the earliest of equal ones: [from, to). */
function longestStretch({ chunks, cuts }: MeasurePlan): { from: number; to: number } {
  const borders = [...new Set([...cuts, 0, chunks])].sort((a, b) => a - b);
  let best = { from: 0, to: 0 };
  for (const [i, from] of borders.entries()) {
    const to = borders[i + 1] ?? from;
    if (to - from > best.to - best.from) best = { from, to };
  }
  return best;
}

function meanPicture(pictures: readonly Picture[]): Picture {
  const [{ width, height, rgb }] = pictures as [Picture];
  return {
    width,
    height,
    rgb: Float32Array.from(rgb, (_, i) => meanOf(pictures.map((picture) => picture.rgb[i] as number))),
  };
}
