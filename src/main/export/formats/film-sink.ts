import { type EditPlan, shotName } from '../../../shared/edit/edit-plan.ts';
import { conversionSentence } from '../../../shared/edit/frame-rate.ts';
import { sampleOfFrame } from '../../../shared/sound/frame-samples.ts';
import type { Target } from '../../files/index.ts';
import type { Chapter } from '../chapters.ts';
import { type FilmSummary, type FilmWriter, openFilm } from '../film-writer.ts';
import { filmSize, type PictureSize } from '../geometry.ts';
import { registerFonts } from '../pictures/fonts.ts';
import { createStage, type Stage, stageSize } from '../pictures/stage.ts';
import { BurnIn } from './burn-in.ts';
import type { FilmOptions } from './film-options.ts';
import type { FilmFrame, FrameJob } from './format.ts';
import { RateConverter } from './rate-converter.ts';

/** What one film file is made of. */
export interface FilmPart {
  readonly path: string | Target;
  readonly title: string;
  readonly chapters: readonly Chapter[];
  /** Frames that will come, at the model's rate. */
  readonly frames: number;
  /** Frame of the whole film that this file begins at, at the plan's rate: for burnt-in timecode. */
  readonly startFrame: number;
}

/** One MP4 at a job's rate, aspect and burn-in, written frame by frame. */
export class FilmSink {
  readonly #writer: FilmWriter;
  readonly #converter: RateConverter;
  readonly #stage: Stage | null;
  readonly #burnIn: BurnIn;
  #frame: number;

  private constructor(job: FrameJob<FilmOptions>, part: FilmPart, writer: FilmWriter, stage: Stage | null) {
    this.#writer = writer;
    this.#stage = stage;
    this.#converter = new RateConverter(part.frames, job.source.fps, job.plan.fps, job.options.frames);
    this.#burnIn = new BurnIn(job.plan, job.options.burnIn);
    this.#frame = part.startFrame;
  }

  static async open(job: FrameJob<FilmOptions>, part: FilmPart): Promise<FilmSink> {
    const { source, options, plan, signal } = job;
    // Without anything to draw, the film's own thread enlarges.
    const isPlain = options.aspect === 'film' && options.burnIn.length === 0;
    if (!isPlain) registerFonts();
    const stage = isPlain
      ? null
      : createStage({
          source,
          height: Math.max(options.height, source.height),
          aspect: options.aspect,
          fit: options.fit,
        });
    const writer = await openFilm({
      path: part.path,
      source: stage?.size ?? source,
      fps: plan.fps,
      targetHeight: stage?.size.height ?? options.height,
      ...(job.sound ? { sound: { ...job.sound, fromSample: sampleOfFrame(part.startFrame, plan.fps) } } : {}),
      metadata: { title: part.title, chapters: [...part.chapters] },
      ...(signal ? { signal } : {}),
    });
    return new FilmSink(job, part, writer, stage);
  }

  async add({ rgb, shot }: FilmFrame): Promise<void> {
    for (const frame of this.#converter.take(rgb)) {
      await this.#writer.addFrames(this.#drawn(frame, shot), 1);
      this.#frame++;
    }
  }

  finish(): Promise<FilmSummary> {
    return this.#writer.finish();
  }

  abort(): Promise<void> {
    return this.#writer.abort();
  }

  #drawn(rgb: Uint8Array, shot: number): Uint8Array {
    if (!this.#stage) return rgb;
    this.#stage.show(rgb);
    this.#burnIn.draw(this.#stage, shot, this.#frame);
    return this.#stage.rgb();
  }
}

/** Size of the pictures of a film with these options. */
export function filmSizeOf(
  source: PictureSize,
  { height, aspect }: Pick<FilmOptions, 'height' | 'aspect'>,
): PictureSize {
  if (aspect === 'film') return filmSize(source, height);
  const stage = stageSize({ source, height: Math.max(height, source.height), aspect });
  return filmSize(stage, stage.height);
}

/** A chapter for each shot that is seen. */
export function chaptersOf(plan: EditPlan): Chapter[] {
  return plan.shots.flatMap((shot, i) =>
    shot.frameCount === 0
      ? []
      : [{ title: `${shotName(shot, i)} ${shot.title}`.trim(), startSec: shot.startFrame / plan.fps }],
  );
}

/** What a person should know of the frames: nothing where each is shown once. */
export function rateNote({ plan, source, options }: FrameJob<FilmOptions>): string[] {
  return plan.fps === source.fps ? [] : [conversionSentence(source.fps, plan.fps, options.frames)];
}
