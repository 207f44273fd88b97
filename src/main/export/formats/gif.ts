import { createRequire } from 'node:module';
import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';
import { writeFileAtomically } from '../../files/index.ts';
import { createStage, type Stage } from '../pictures/stage.ts';
import {
  type FilmFrame,
  type FrameFormat,
  type FrameJob,
  type FrameSink,
  shownFramesOf,
  type Written,
} from './format.ts';
import { heightOption, mostMotionFrames } from './motion-options.ts';

const options = z.strictObject({
  height: heightOption.default(288),
  /** Plays again from the start when it ends. */
  loop: z.boolean().default(true),
});
type Options = z.infer<typeof options>;

// Its ES module and its CommonJS module export different things; everybody gets this one.
const gifenc: typeof import('gifenc').default = createRequire(import.meta.url)('gifenc');

/** Colours of a GIF's palette. */
const paletteSize = 256;

/**
 * An animated GIF at the model's own frame rate: 256 colours chosen for each frame. A GIF counts time in hundredths of a second,
 * so delays are rounded with the error carried on, and the whole lasts as long as the film.
 */
export const gif: FrameFormat<Options> = {
  ...{
    id: 'gif',
    label: 'Animated GIF',
    ending: '.gif',
    mime: 'image/gif',
    defaultFps: null,
    needs: 'frames',
    options,
  },
  open: async (job) => {
    refuseLong(job, 'GIF');
    return new GifSink(job);
  },
};

/** @throws ThroughlineError `bad-input` for films longer than a moving picture should be */
export function refuseLong(job: Pick<FrameJob<unknown>, 'frames'>, what: string): void {
  const frames = shownFramesOf(job.frames);
  if (frames <= mostMotionFrames) return;
  throw new ThroughlineError(
    'bad-input',
    `This film has ${frames} frames; a ${what} takes up to ${mostMotionFrames}.`,
    'Export one shot, or an MP4.',
  );
}

/** Delays of frames in whole units, so that after every frame the sum is the true time rounded. */
export function delays(frames: number, fps: number, unitsPerSec: number): number[] {
  const at = (frame: number): number => Math.round((frame * unitsPerSec) / fps);
  return Array.from({ length: frames }, (_, i) => at(i + 1) - at(i));
}

class GifSink implements FrameSink {
  readonly #job: FrameJob<Options>;
  readonly #stage: Stage;
  readonly #gif = gifenc.GIFEncoder();
  readonly #delays: readonly number[];
  #frames = 0;

  constructor(job: FrameJob<Options>) {
    this.#job = job;
    this.#stage = createStage({ source: job.source, height: job.options.height, aspect: 'film', fit: 'letterbox' });
    this.#delays = delays(shownFramesOf(job.frames), job.source.fps, 100);
  }

  async add({ rgb, part }: FilmFrame): Promise<void> {
    if (part !== 'shown') return;
    const { context, size } = this.#stage;
    this.#stage.show(rgb);
    const { data } = context.getImageData(0, 0, size.width, size.height);
    const palette = gifenc.quantize(data, paletteSize);
    this.#gif.writeFrame(gifenc.applyPalette(data, palette), size.width, size.height, {
      palette,
      delay: (this.#delays[this.#frames] ?? 0) * 10,
      repeat: this.#job.options.loop ? 0 : -1,
    });
    this.#frames++;
  }

  async finish(): Promise<Written> {
    this.#gif.finish();
    return { path: await writeFileAtomically(this.#job.target, this.#gif.bytes()), notes: [] };
  }

  async abort(): Promise<void> {}
}
