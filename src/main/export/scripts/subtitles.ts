import { type EditPlan, type EditShot, shownShots } from '../../../shared/edit/edit-plan.ts';

/** A line of dialogue on the screen. Times in seconds from the film's start. */
export interface Cue {
  readonly startSec: number;
  readonly endSec: number;
  readonly text: string;
}

/** What a line of a subtitle holds, by custom, and how many lines stand at a time. */
const longestLine = 42;
const mostLines = 2;

/**
 * The dialogue of a film as subtitles: what is spoken in a shot stands over that shot, each line as long as its share of the
 * words. A speaker's name stays, `NAME: words`. Shots without dialogue have none.
 */
export function cuesOf(plan: EditPlan): Cue[] {
  return shownShots(plan).flatMap((shot) => shotCues(shot, plan.fps));
}

/** SubRip: numbered cues, `HH:MM:SS,mmm --> HH:MM:SS,mmm`, an empty line after each. */
export function writeSrt(plan: EditPlan): string {
  return cuesOf(plan)
    .map(({ startSec, endSec, text }, i) => `${i + 1}\n${srtTime(startSec)} --> ${srtTime(endSec)}\n${text}\n`)
    .join('\n');
}

function shotCues(shot: EditShot, fps: number): Cue[] {
  const texts = shot.fields.dialogue
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .flatMap(screensOf);
  const whole = texts.reduce((sum, text) => sum + text.length, 0);
  const frames: number[] = [0];
  let letters = 0;
  for (const text of texts) {
    letters += text.length;
    frames.push(Math.round((shot.frameCount * letters) / whole));
  }
  return texts.map((text, i) => ({
    startSec: (shot.startFrame + (frames[i] as number)) / fps,
    endSec: (shot.startFrame + (frames[i + 1] as number)) / fps,
    text,
  }));
}

/** A spoken line broken into what stands on the screen at a time, at spaces. */
function screensOf(line: string): string[] {
  const lines: string[] = [];
  for (const word of line.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= longestLine) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const screens: string[] = [];
  for (let i = 0; i < lines.length; i += mostLines) screens.push(lines.slice(i, i + mostLines).join('\n'));
  return screens;
}

function srtTime(sec: number): string {
  const ms = Math.round(sec * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${clock},${String(ms % 1000).padStart(3, '0')}`;
}
