import { type ShotFrames, shownPart, type Trim } from '../trim.ts';

/** A part of a film, in frames at the model's rate, counted along everything that the film would show once it is made. */
export interface FilmRange {
  readonly first: number;
  /** The frame after the last. */
  readonly end: number;
}

/** What there is of a shot, in frames at the model's rate. */
export interface ShotSource {
  /** Of the whole shot, at least 1. */
  readonly frames: number;
  readonly trim?: Trim | undefined;
  /** Stretches of it that there are, in order; left off: all of it. */
  readonly runs?: readonly { readonly first: number; readonly count: number }[];
}

/** Where each shot lies in the film that shows all of them, trimmed. */
export function spansOfShots(shots: readonly Omit<ShotSource, 'runs'>[]): FilmRange[] {
  let at = 0;
  return shots.map(({ frames, trim }) => {
    const first = at;
    at += shownPart(trim, frames).shown;
    return { first, end: at };
  });
}

/**
 * What a film shows of each of its shots, and what lies around that: trimmed off, or outside the range.
 * @param range null: all that is not trimmed off
 */
export function framesOfShots(shots: readonly ShotSource[], range: FilmRange | null): ShotFrames[] {
  const spans = spansOfShots(shots);
  return shots.map(({ frames, trim, runs = [{ first: 0, count: frames }] }, i) => {
    const { head, shown } = shownPart(trim, frames);
    const span = spans[i] as FilmRange;
    const first = head + clamped((range?.first ?? 0) - span.first, shown);
    const end = range ? head + clamped(range.end - span.first, shown) : head + shown;
    const before = (frame: number): number => runs.reduce((sum, run) => sum + clamped(frame - run.first, run.count), 0);
    const all = runs.reduce((sum, { count }) => sum + count, 0);
    return { head: before(first), shown: before(end) - before(first), tail: all - before(end) };
  });
}

function clamped(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
