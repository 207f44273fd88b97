import { ThroughlineError } from '../errors.ts';

/**
 * A frame number as SMPTE timecode without dropped frames, `HH:MM:SS:FF`. Wraps after 24 hours, as timecode does.
 * @param frame counted from 00:00:00:00, 0 or more
 * @param fps whole frames a second, 1 to 99
 */
export function timecodeOf(frame: number, fps: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(frame / fps);
  const hours = Math.floor(seconds / 3600) % 24;
  return `${two(hours)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}:${two(frame % fps)}`;
}

/**
 * The frame number of a timecode.
 * @throws ThroughlineError `bad-input` if it is not `HH:MM:SS:FF`, or has a field beyond its range
 */
export function frameOfTimecode(timecode: string, fps: number): number {
  const match = /^(\d{2}):(\d{2}):(\d{2}):(\d{2})$/.exec(timecode.trim());
  const [hours, minutes, seconds, frames] = (match ?? []).slice(1).map(Number);
  if (
    hours === undefined ||
    minutes === undefined ||
    seconds === undefined ||
    frames === undefined ||
    hours > 23 ||
    minutes > 59 ||
    seconds > 59 ||
    frames >= fps
  ) {
    throw new ThroughlineError(
      'bad-input',
      `"${timecode}" is not a timecode at ${fps} frames a second.`,
      'Write hours, minutes, seconds and frames with two digits each, as in 01:00:00:00.',
    );
  }
  return ((hours * 60 + minutes) * 60 + seconds) * fps + frames;
}
