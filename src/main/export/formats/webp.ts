import { z } from 'zod';
import { writeFileAtomically } from '../../files/index.ts';
import { createStage, type Stage } from '../pictures/stage.ts';
import type { FilmFrame, FrameFormat, FrameJob, FrameSink, Written } from './format.ts';
import { delays, refuseLong } from './gif.ts';
import { heightOption } from './motion-options.ts';
import { animatedWebp } from './webp-container.ts';

const options = z.strictObject({
  height: heightOption.default(480),
  quality: z.int().min(1).max(100).default(80),
  loop: z.boolean().default(true),
});
type Options = z.infer<typeof options>;

/** An animated WebP at the model's own frame rate. */
export const webp: FrameFormat<Options> = {
  ...{
    id: 'webp',
    label: 'Animated WebP',
    ending: '.webp',
    mime: 'image/webp',
    defaultFps: null,
    needs: 'frames',
    options,
  },
  open: async (job) => {
    refuseLong(job, 'WebP');
    return new WebpSink(job);
  },
};

class WebpSink implements FrameSink {
  readonly #job: FrameJob<Options>;
  readonly #stage: Stage;
  readonly #frames: Uint8Array[] = [];

  constructor(job: FrameJob<Options>) {
    this.#job = job;
    this.#stage = createStage({ source: job.source, height: job.options.height, aspect: 'film', fit: 'letterbox' });
  }

  async add({ rgb, part }: FilmFrame): Promise<void> {
    if (part !== 'shown') return;
    this.#stage.show(rgb);
    this.#frames.push(await this.#stage.canvas.encode('webp', this.#job.options.quality));
  }

  async finish(): Promise<Written> {
    const { target, source, options } = this.#job;
    const durationsMs = delays(this.#frames.length, source.fps, 1000);
    const frames = this.#frames.map((still, i) => ({ still, durationMs: durationsMs[i] as number }));
    const bytes = animatedWebp(frames, this.#stage.size, options.loop);
    return { path: await writeFileAtomically(target, bytes), notes: [] };
  }

  async abort(): Promise<void> {}
}
