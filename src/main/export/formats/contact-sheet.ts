import { z } from 'zod';
import { type EditShot, shotName } from '../../../shared/edit/edit-plan.ts';
import { timeCode } from '../../../shared/timing.ts';
import { blankSheet, writeContactSheet } from '../contact-sheet.ts';
import type { SheetFrame, SheetRow } from '../sheet-layout.ts';
import {
  type FilmFrame,
  type FrameFormat,
  type FrameJob,
  type FrameSink,
  shownFramesOf,
  type Written,
} from './format.ts';

const sheetOptions = z.strictObject({
  /** Pictures of each shot, evenly spread over it; a shot with fewer frames shows all of them. */
  panels: z.int().min(1).max(12).default(3),
});
type SheetOptions = z.infer<typeof sheetOptions>;

/** The whole film on one PNG: a row a shot, with its words at the left and pictures with their times at the right. */
export const contactSheet: FrameFormat<SheetOptions> = {
  ...{
    id: 'contact-sheet',
    label: 'Contact sheet (PNG)',
    ending: '.png',
    mime: 'image/png',
    defaultFps: null,
    needs: 'frames',
    options: sheetOptions,
  },
  open: async (job) => {
    const { plan, frames, source } = job;
    // A sheet that nothing could open is refused before its pictures are made. Its frames all have the same size.
    blankSheet({
      ...titleOf(job),
      rows: plan.shots.map((shot, i) => ({
        ...rowOf(shot, i),
        frames: wantedFrames(job, i).map(() => ({ width: source.width, height: source.height })),
      })),
    });
    return new ContactSheetSink(job, frames);
  },
};

class ContactSheetSink implements FrameSink {
  readonly #job: FrameJob<SheetOptions>;
  readonly #rows: { readonly wanted: readonly number[]; readonly frames: SheetFrame[]; seen: number }[];
  /** Frames shown so far. */
  #at = 0;

  constructor(job: FrameJob<SheetOptions>, frames: FrameJob<SheetOptions>['frames']) {
    this.#job = job;
    this.#rows = frames.map((_, shot) => ({ wanted: wantedFrames(job, shot), frames: [], seen: 0 }));
  }

  async add({ rgb, shot, part }: FilmFrame): Promise<void> {
    const row = this.#rows[shot];
    if (part !== 'shown' || !row) return;
    const { width, height, fps } = this.#job.source;
    const label = timeCode(this.#at++ / fps);
    if (row.wanted.includes(row.seen++)) row.frames.push({ rgb: rgb.slice(), width, height, label });
  }

  async finish(): Promise<Written> {
    const { plan, target } = this.#job;
    const rows = plan.shots.map((shot, i): SheetRow => ({ ...rowOf(shot, i), frames: this.#rows[i]?.frames ?? [] }));
    const { path, note } = await writeContactSheet(target, { ...titleOf(this.#job), rows });
    return { path, notes: note === null ? [] : [note] };
  }

  async abort(): Promise<void> {
    for (const { frames } of this.#rows) frames.length = 0;
  }
}

function titleOf(job: FrameJob<SheetOptions>): { readonly title: string; readonly subtitle: string } {
  const shown = shownFramesOf(job.frames);
  const count = job.plan.shots.length;
  const { fps, width, height } = job.source;
  return {
    title: job.plan.title,
    subtitle: `${count} ${count === 1 ? 'shot' : 'shots'}, ${timeCode(shown / fps)} at ${fps} frames a second, ${width} × ${height}`,
  };
}

/** A shot's words: its prompt, and what its fields say. */
function rowOf(shot: EditShot, index: number): Omit<SheetRow, 'frames'> {
  const { scene, action, dialogue, camera, notes } = shot.fields;
  const name = shot.title !== shot.prompt && !shot.prompt.startsWith(shot.title.replace(/(\.\.\.|…)$/, ''));
  const said = [scene, name ? shot.prompt : '', action, dialogue, camera, notes];
  return {
    number: shotName(shot, index),
    caption: name ? shot.title : shot.prompt,
    note: said.filter((text) => text.trim() !== '').join('\n'),
  };
}

/** Frames of a shot that stand on the sheet, counted among those it shows: the middles of as many equal parts. */
function wantedFrames({ frames, options: { panels } }: FrameJob<SheetOptions>, shot: number): number[] {
  const shown = frames[shot]?.shown ?? 0;
  const count = Math.min(panels, shown);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * shown) / count));
}
