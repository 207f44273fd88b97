import { ThroughlineError } from '../errors.ts';
import type { FilmRange } from './film-frames.ts';
import { frameOfTimecode } from './timecode.ts';

/** What in and out points are told against. */
export interface PointScale {
  /** Where each shot lies in the film, in frames at the model's rate. */
  readonly spans: readonly FilmRange[];
  /** What each shot is called: its number, or its place counted from 1. */
  readonly numbers: readonly string[];
  readonly modelFps: number;
  /** Of the export: what its timecodes count. */
  readonly fps: number;
}

/** In words, for hints and help. */
export const pointForms = 'a timecode (01:00:02:12), a time (0:02.5), a frame (20) or a shot (shot:12A)';

/**
 * The part of a film between two points, both included.
 * @param from null: from the beginning. @param to null: to the end
 * @throws ThroughlineError `bad-input` for a point that is none, or is not in the film, or an out point before the in point
 */
export function rangeOf(from: string | null, to: string | null, scale: PointScale): FilmRange | null {
  if (from === null && to === null) return null;
  const end = scale.spans.at(-1)?.end ?? 0;
  const first = from === null ? 0 : pointOf('--from', from, scale).first;
  const last = to === null ? end : pointOf('--to', to, scale).end;
  if (first < last) return { first, end: last };
  throw new ThroughlineError(
    'bad-input',
    `The film would end (${to}) before it begins (${from}).`,
    'Give an out point that comes after the in point.',
  );
}

/** The frames that a point names: one, or those of a shot. */
function pointOf(option: string, text: string, scale: PointScale): FilmRange {
  const { spans, numbers, modelFps, fps } = scale;
  const frames = spans.at(-1)?.end ?? 0;
  const shot = /^shot:\s*(.+)$/i.exec(text.trim())?.[1];
  if (shot !== undefined) {
    const span = spans[numbers.indexOf(shot)];
    if (span && span.first < span.end) return span;
    throw new ThroughlineError(
      'bad-input',
      span ? `${option}: nothing is shown of shot ${shot}.` : `${option}: there is no shot ${shot} in this film.`,
      `Its shots are ${listed(numbers)}.`,
    );
  }
  const frame = frameOf(option, text.trim(), modelFps, fps);
  if (frame >= 0 && frame < frames) return { first: frame, end: frame + 1 };
  throw new ThroughlineError(
    'bad-input',
    `${option} ${text}: the film has ${frames} frames at ${modelFps} a second, and this is not one of them.`,
    `Timecodes begin at 01:00:00:00, times at 0:00.0, and frames at 1.`,
  );
}

/** The frame of the film, from 0, that is on the screen at a point. */
function frameOf(option: string, text: string, modelFps: number, fps: number): number {
  if (/^\d+$/.test(text)) return Number(text) - 1;
  const time = /^(\d+):(\d{1,2}(?:\.\d+)?)$/.exec(text);
  // A hair more, so that a time printed with one digit finds its own frame.
  if (time) return Math.floor((Number(time[1]) * 60 + Number(time[2])) * modelFps + 1e-6);
  if (/^\d{2}:\d{2}:\d{2}:\d{2}$/.test(text)) {
    const atFps = frameOfTimecode(text, fps) - 3600 * fps;
    return Math.floor(((atFps + 0.5) * modelFps) / fps);
  }
  throw new ThroughlineError('bad-input', `${option} ${text}: this is no point of a film.`, `Give ${pointForms}.`);
}

function listed(numbers: readonly string[]): string {
  return numbers.length > 12
    ? `${numbers.slice(0, 12).join(', ')} and ${numbers.length - 12} more`
    : numbers.join(', ');
}
