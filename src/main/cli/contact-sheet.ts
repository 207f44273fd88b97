import type { Report } from '../../shared/report.ts';
import { latentFrameToSec, timeCode } from '../../shared/timing.ts';
import type { SheetContent, SheetFrame } from '../export/index.ts';
import type { FilmChunk } from '../studio/generation/render-story.ts';
import { recalledFrames } from './recall.ts';

/** Collects a frame of every chunk while a film is made. */
export class SheetCollector {
  readonly #stills = new Map<number, Uint8Array>();

  /** Copies the chunk's middle frame. */
  add({ plan, frames, frameCount }: FilmChunk): void {
    const size = frames.length / frameCount;
    const start = Math.floor(frameCount / 2) * size;
    this.#stills.set(plan.recipe.chunkIndex, frames.slice(start, start + size));
  }

  /** A row for each shot; chunks that a later one remembered are marked, and rows say what they remembered. */
  sheet(report: Report): SheetContent {
    const { width, height, fps } = report.model.video;
    const timeOf = (latentFrame: number) => timeCode(latentFrameToSec(latentFrame, fps));
    const everRecalled = new Set(
      report.chunks.flatMap((chunk) => recalledFrames(chunk.memory).map(({ frame }) => frame)),
    );
    const rows = report.story.shots.map((shot, shotIndex) => {
      const chunks = report.chunks.filter((chunk) => chunk.shotIndex === shotIndex);
      const recalled = new Set(chunks.flatMap((chunk) => recalledFrames(chunk.memory).map(({ frame }) => frame)));
      const pictures = new Map(chunks.flatMap(({ memory }) => memory.pictures.map(({ frame, name }) => [frame, name])));
      const note = [...recalled].sort((a, b) => a - b).map((frame) => pictures.get(frame) ?? timeOf(frame));
      return {
        caption: shot.prompt,
        ...(note.length > 0 ? { note: `remembers ${note.join(', ')}` } : {}),
        frames: chunks.flatMap(({ memory }): SheetFrame[] => {
          const rgb = this.#stills.get(memory.chunkIndex);
          if (!rgb) return [];
          const marked = memory.prototype !== null && everRecalled.has(memory.prototype);
          return [{ rgb, width, height, label: timeOf(memory.firstFrame), ...(marked ? { mark: 'remembered' } : {}) }];
        }),
      };
    });
    const { policy } = report.chunks[0]?.memory.settings ?? {};
    return { title: report.story.title, subtitle: [report.model.name, policy].filter(Boolean).join(' · '), rows };
  }
}
