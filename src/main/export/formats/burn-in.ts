import type { SKRSContext2D } from '@napi-rs/canvas';
import { type EditPlan, shotName } from '../../../shared/edit/edit-plan.ts';
import { timecodeOf } from '../../../shared/edit/timecode.ts';
import { wrap } from '../boards/layout.ts';
import { families } from '../pictures/fonts.ts';
import type { Stage } from '../pictures/stage.ts';
import { type Cue, cuesOf } from '../scripts/subtitles.ts';
import type { BurnInField } from './film-options.ts';

/** Text height as a share of the picture's. */
const textShare = 0.034;
const edgeShare = 0.05;

/** Draws scene, shot, timecode and dialogue into a film's frames: over the picture, not over the bars beside it. */
export class BurnIn {
  readonly #plan: EditPlan;
  readonly #fields: ReadonlySet<BurnInField>;
  readonly #cues: readonly Cue[];

  constructor(plan: EditPlan, fields: readonly BurnInField[]) {
    this.#plan = plan;
    this.#fields = new Set(fields);
    this.#cues = this.#fields.has('dialogue') ? cuesOf(plan) : [];
  }

  /**
   * @param shot index of the frame's shot in the plan
   * @param frame of the film, at the plan's rate
   */
  draw({ context, picture }: Stage, shot: number, frame: number): void {
    const of = this.#plan.shots[shot];
    if (!of) return;
    const text = picture.height * textShare;
    const edge = picture.height * edgeShare;
    const top = picture.y + edge + text;
    context.font = `600 ${text}px ${families}`;
    const left = [this.#fields.has('scene') ? of.fields.scene : '', this.#fields.has('shot') ? shotName(of, shot) : ''];
    write(context, left.filter((part) => part !== '').join('  ·  '), picture.x + edge, top, text);
    if (this.#fields.has('timecode')) {
      const timecode = timecodeOf(this.#plan.startTimecodeFrame + frame, this.#plan.fps);
      const right = picture.x + picture.width - edge;
      write(context, timecode, right - context.measureText(timecode).width, top, text);
    }
    this.#drawCue(context, picture, frame, text, edge);
  }

  #drawCue(context: SKRSContext2D, picture: Stage['picture'], frame: number, text: number, edge: number): void {
    const sec = frame / this.#plan.fps;
    const cue = this.#cues.find(({ startSec, endSec }) => sec >= startSec - 1e-9 && sec < endSec - 1e-9);
    if (!cue) return;
    const lines = wrap(cue.text, picture.width - 2 * edge, (part) => context.measureText(part).width);
    for (const [i, line] of lines.entries()) {
      const x = picture.x + (picture.width - context.measureText(line).width) / 2;
      const y = picture.y + picture.height - edge - (lines.length - 1 - i) * text * 1.3;
      write(context, line, x, y, text);
    }
  }
}

/** White with a dark edge: legible over anything. */
function write(context: SKRSContext2D, text: string, x: number, y: number, size: number): void {
  if (text === '') return;
  context.lineJoin = 'round';
  context.lineWidth = size * 0.22;
  context.strokeStyle = 'rgba(0, 0, 0, 0.75)';
  context.strokeText(text, x, y);
  context.fillStyle = '#fff';
  context.fillText(text, x, y);
}
