import { exactRate } from '../../../shared/sound/frame-samples.ts';

/** Where the film stands and how fast it runs: a position at a moment, from which every later one follows. */
export interface Transport {
  /** Position at `atMs`, in pixel frames; a frame is shown from its number up to the next. */
  readonly position: number;
  /** A moment of the clock that ticks come from (performance.now()), in milliseconds. */
  readonly atMs: number;
  /** Times true speed; negative runs backwards, 0 stands. */
  readonly rate: number;
}

/** What may be played. */
export interface PlayRange {
  /** First frame, and the one after the last. */
  readonly first: number;
  readonly end: number;
  readonly loop: boolean;
}

export interface TickInput {
  readonly nowMs: number;
  /** Frames a second at true speed, above 0. */
  readonly fps: number;
  readonly range: PlayRange;
  /** Whether a frame can be shown now. One that cannot holds the film until it can. */
  readonly isReady: (frame: number) => boolean;
  /** The frame the last tick showed: frames up to it need not be asked about again. */
  readonly shown?: number;
}

export interface Tick {
  readonly transport: Transport;
  /** The frame to show. */
  readonly frame: number;
  /** `waiting`: the next frame is not ready; the film goes on by itself once it is. */
  readonly state: 'standing' | 'playing' | 'waiting';
}

/** Keeps 2.9999999996 from showing frame 2 a tick too long. */
const rounding = 1e-7;

export const standing: Transport = { position: 0, atMs: 0, rate: 0 };

/** Position of a running transport at a moment. Counted from the anchor, never added up: it cannot drift. */
export function positionAt({ position, atMs, rate }: Transport, fps: number, nowMs: number): number {
  return position + ((nowMs - atMs) / 1000) * exactRate(fps) * rate;
}

/** The frame shown at a position. */
export function frameAt(position: number): number {
  return Math.floor(position + rounding);
}

/** Moves the film on to `nowMs`: runs, loops, stops at the range's end, or waits where it runs dry. */
export function tick(transport: Transport, { nowMs, fps, range, isReady, shown = Number.NaN }: TickInput): Tick {
  const { rate } = transport;
  const last = Math.max(range.first, range.end - 1);
  const held = Math.min(Math.max(frameAt(transport.position), range.first), last);
  if (rate === 0 || range.end <= range.first) return { transport, frame: held, state: 'standing' };

  const position = positionAt(transport, fps, nowMs);
  const direction = rate > 0 ? 1 : -1;
  const target = Math.min(Math.max(frameAt(position), range.first), last);
  const known = (shown - held) * direction > 0 && (target - shown) * direction >= 0;
  for (let frame = known ? shown : held; frame * direction <= target * direction; frame += direction) {
    if (isReady(frame)) continue;
    // Anchored at the missing frame's near edge, so that it plays in full when it comes.
    const edge = direction > 0 ? frame : frame + 1 - 2 * rounding;
    const before = Math.min(Math.max(frame - direction, range.first), last);
    return { transport: { position: edge, atMs: nowMs, rate }, frame: before, state: 'waiting' };
  }

  if (position + rounding >= range.first && position + rounding < range.end) {
    return { transport, frame: target, state: 'playing' };
  }
  if (!range.loop) {
    return { transport: { position: target, atMs: nowMs, rate: 0 }, frame: target, state: 'standing' };
  }
  const length = range.end - range.first;
  const wrapped = range.first + ((((position - range.first) % length) + length) % length);
  return { transport: { position: wrapped, atMs: nowMs, rate }, frame: frameAt(wrapped), state: 'playing' };
}

/** Puts the film at a frame; it goes on at its rate from there. */
export function seek(transport: Transport, frame: number, nowMs: number): Transport {
  // Backwards, a frame is entered at its far edge.
  return { ...transport, position: transport.rate < 0 ? frame + 1 - 2 * rounding : frame, atMs: nowMs };
}

/** Changes the rate without a jump. */
export function setRate(transport: Transport, rate: number, fps: number, nowMs: number): Transport {
  return { position: positionAt(transport, fps, nowMs), atMs: nowMs, rate };
}

/** Fastest shuttle, times true speed. */
const fastest = 8;

/** J and L: a first press plays that way, each further one doubles the speed. */
export function shuttleRate(rate: number, direction: 1 | -1): number {
  return rate * direction > 0 ? direction * Math.min(fastest, Math.abs(rate) * 2) : direction;
}
