import { z } from 'zod';
import { createStage, type Stage } from '../pictures/stage.ts';
import { FolderWriter } from './folder-sink.ts';
import type { FilmFrame, FrameFormat, FrameJob, FrameSink, Written } from './format.ts';
import { heightOption } from './motion-options.ts';
import { shotFileName } from './shot-file-name.ts';

const stillOptions = z.strictObject({
  height: heightOption.default(720),
  /** The middle frame of each shot; or its first, middle and last, numbered as panels. */
  panels: z.literal([1, 3]).default(1),
});
type StillOptions = z.infer<typeof stillOptions>;

const sequenceOptions = z.strictObject({ height: heightOption.default(720) });
type SequenceOptions = z.infer<typeof sequenceOptions>;

/** A folder of PNG pictures, one or three a shot, named by place, scene, shot and panel. */
export const stills: FrameFormat<StillOptions> = {
  ...{
    id: 'png',
    label: 'Stills (PNG, a folder)',
    ending: '',
    mime: 'image/png',
    defaultFps: null,
    needs: 'frames',
    options: stillOptions,
  },
  open: async (job) =>
    new PictureFolderSink(job, await FolderWriter.create(job.target), (shot, index) => {
      const last = (job.frames[shot]?.shown ?? 0) - 1;
      const wanted = job.options.panels === 1 ? [Math.ceil(last / 2)] : [0, Math.ceil(last / 2), last];
      const panel = wanted.indexOf(index);
      const of = job.plan.shots[shot];
      if (panel < 0 || !of) return null;
      return `${shotFileName(of, shot)}${job.options.panels === 1 ? '' : ` panel ${panel + 1}`}.png`;
    }),
};

/** A folder of PNG pictures, one a frame at the model's own rate, numbered from 1. */
export const sequence: FrameFormat<SequenceOptions> = {
  ...{
    id: 'png-sequence',
    label: 'Every frame (PNG, a folder)',
    ending: '',
    mime: 'image/png',
    defaultFps: null,
    needs: 'frames',
    options: sequenceOptions,
  },
  open: async (job) => {
    let frame = 0;
    return new PictureFolderSink(job, await FolderWriter.create(job.target), () => {
      frame++;
      return `frame ${String(frame).padStart(6, '0')}.png`;
    });
  },
};

class PictureFolderSink implements FrameSink {
  readonly #folder: FolderWriter;
  readonly #stage: Stage;
  readonly #nameOf: (shot: number, index: number) => string | null;
  readonly #seen = new Map<number, number>();

  /** @param nameOf the file of a shot's frame, counted from 0; null for one that is not kept */
  constructor(
    { source, options }: FrameJob<{ readonly height: number }>,
    folder: FolderWriter,
    nameOf: (shot: number, index: number) => string | null,
  ) {
    this.#folder = folder;
    this.#nameOf = nameOf;
    this.#stage = createStage({ source, height: options.height, aspect: 'film', fit: 'letterbox' });
  }

  async add({ rgb, shot, part }: FilmFrame): Promise<void> {
    if (part !== 'shown') return;
    const index = this.#seen.get(shot) ?? 0;
    this.#seen.set(shot, index + 1);
    const name = this.#nameOf(shot, index);
    if (name === null) return;
    this.#stage.show(rgb);
    await this.#folder.write(name, await this.#stage.canvas.encode('png'));
  }

  async finish(): Promise<Written> {
    return { path: await this.#folder.finish(), notes: [] };
  }

  abort(): Promise<void> {
    return this.#folder.abort();
  }
}
