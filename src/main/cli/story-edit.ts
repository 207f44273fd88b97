import { type EditPlan, planEdit } from '../../shared/edit/edit-plan.ts';
import { type FilmRange, framesOfShots, spansOfShots } from '../../shared/edit/film-frames.ts';
import { rangeOf } from '../../shared/edit/film-point.ts';
import { memoryFrom } from '../../shared/edit/memory-from.ts';
import type { Shot, Story } from '../../shared/story.ts';
import { cutText } from '../../shared/text.ts';
import { shotPixelFrames } from '../../shared/timing.ts';
import type { ShotFrames } from '../../shared/trim.ts';
import type { FilmFrame } from '../export/index.ts';
import type { ModelTiming } from '../studio/export/model-timing.ts';

/** A story as an edit, or the part of it that is wanted. */
export interface StoryEdit {
  readonly plan: EditPlan;
  /** Frames of each shot of the plan, at the model's rate. */
  readonly frames: readonly ShotFrames[];
  /** The story as far as it must be made: what comes after the part that is wanted is left off. */
  readonly story: Story;
  /** First frame of the story's film that the edit shows, at the model's rate. */
  readonly firstFrame: number;
  /** Shots of the story before the first of the plan. */
  readonly skippedShots: number;
}

/** As the command line takes them: `--from` and `--to`. */
export interface Points {
  readonly from?: string;
  readonly to?: string;
}

type Timing = Pick<ModelTiming, 'chunkFrames' | 'video'>;

/** Frames of each whole shot of a story. */
function sourcesOf(shots: readonly Shot[], { chunkFrames }: Pick<Timing, 'chunkFrames'>) {
  let chunks = 0;
  return shots.map(({ chunks: length, trim }) => {
    const frames = shotPixelFrames(chunks, length, chunkFrames);
    chunks += length;
    return { frames, trim };
  });
}

/**
 * The part of a story's film that `--from` and `--to` name; null: all of it.
 * @param fps of the export, which its timecodes count; null: the model's own
 * @throws ThroughlineError `bad-input` for points that are not in the film
 */
export function rangeOfStory(story: Story, model: Timing, points: Points, fps: number | null): FilmRange | null {
  const modelFps = model.video.fps;
  return rangeOf(points.from ?? null, points.to ?? null, {
    spans: spansOfShots(sourcesOf(story.shots, model)),
    numbers: story.shots.map(({ fields }, i) => fields?.number || String(i + 1)),
    ...{ modelFps, fps: fps ?? modelFps },
  });
}

/**
 * @param fps frames a second; null: the model's own
 * @param range what of the film is wanted, of some shot something; null: all
 */
export function editOfStory(story: Story, model: Timing, fps: number | null, range: FilmRange | null): StoryEdit {
  const all = framesOfShots(sourcesOf(story.shots, model), range);
  const from = all.findIndex(({ shown }) => shown > 0);
  const end = all.findLastIndex(({ shown }) => shown > 0) + 1;
  const frames = all.slice(from, end);
  const leftOut = story.shots.slice(0, from).reduce((sum, { chunks }) => sum + chunks, 0) * model.chunkFrames;
  const shots = story.shots.slice(from, end).map(({ prompt, fields, memory, firstFrame, footage, ...recipe }, i) => ({
    title: cutText(prompt, 80),
    prompt,
    fields: fields ?? {},
    frameCount: frames[i]?.shown ?? 0,
    headFrames: frames[i]?.head ?? 0,
    tailFrames: frames[i]?.tail ?? 0,
    recipe: {
      ...recipe,
      ...(firstFrame && from + i === 0 ? { firstFrame } : {}),
      ...(footage && from + i === 0 ? { footage } : {}),
      ...(memory ? { memory: memoryFrom(memory, leftOut) } : {}),
    },
  }));
  const { seed, model: named, frameSize, prompts, memory } = story;
  const modelFps = model.video.fps;
  const plan = planEdit(shots, {
    title: story.title,
    size: model.video,
    modelFps,
    fps: fps ?? modelFps,
    story: {
      seed,
      ...(named ? { model: named } : {}),
      ...(frameSize ? { frameSize } : {}),
      ...(prompts ? { prompts } : {}),
      ...(memory ? { memory: memoryFrom(memory, leftOut) } : {}),
    },
  });
  return {
    plan,
    frames,
    firstFrame: range?.first ?? 0,
    story: { ...story, shots: story.shots.slice(0, end) },
    skippedShots: from,
  };
}

/** Says of every frame of a story, in the order they are made, which shot of the edit it belongs to and whether it is shown. */
export class StoryFrames {
  readonly #edit: StoryEdit;
  /** Frames seen of each shot. */
  readonly #seen = new Map<number, number>();

  constructor(edit: StoryEdit) {
    this.#edit = edit;
  }

  /** Null for a frame of a shot that is not in the edit. @param shotIndex in the story */
  next(shotIndex: number): Pick<FilmFrame, 'shot' | 'part'> | null {
    const shot = shotIndex - this.#edit.skippedShots;
    const frames = this.#edit.frames[shot];
    if (!frames) return null;
    const index = this.#seen.get(shot) ?? 0;
    this.#seen.set(shot, index + 1);
    if (index < frames.head) return { shot, part: 'head' };
    return { shot, part: index < frames.head + frames.shown ? 'shown' : 'tail' };
  }
}
