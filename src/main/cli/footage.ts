import { InvalidArgumentError, Option } from 'commander';
import { ThroughlineError } from '../../shared/errors.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { Story } from '../../shared/story.ts';
import { apart, footageName, opaque, spanOf } from '../footage/index.ts';
import { coverRgb, type Size } from '../pictures/index.ts';
import { type Clip, openClip } from './footage-clip.ts';

export interface FootageFlags {
  readonly footage?: string;
  readonly given?: number;
}

export function footageOptions(): Option[] {
  return [
    new Option(
      '--footage <clip>',
      'an MP4, or a folder of PNG frames at the model’s rate in the order of their names: the first shots show it, and what follows is compared with the rest',
    ),
    new Option('--given <n>', 'so many shots show the footage instead of being generated (default: 1)').argParser(
      (text) => {
        if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
        throw new InvalidArgumentError('It takes a number of shots.');
      },
    ),
  ];
}

/** A clip: what its first chunks show is given, and the rest is what a film that goes on from there is held against. */
export class Footage {
  /** Frames of the clip after those that are given. */
  readonly truthFrames: number;
  readonly #clip: Clip;
  readonly #model: Pick<ModelInfo, 'chunkFrames' | 'video'>;
  /** What chunks show, as far as somebody asked. */
  readonly #frames = new Map<number, Uint8Array>();
  #assets: readonly string[] = [];

  private constructor(clip: Clip, given: number, model: Pick<ModelInfo, 'chunkFrames' | 'video'>) {
    this.#clip = clip;
    this.#model = model;
    this.truthFrames = clip.count - spanOf(given, model.chunkFrames).first;
  }

  /**
   * @param path an MP4, or a folder of PNG frames
   * @throws ThroughlineError `bad-input` for what cannot be read, has too few frames, or a story with fewer shots; CancelledError
   */
  static async open(
    path: string,
    { shots }: Pick<Story, 'shots'>,
    given: number,
    model: Pick<ModelInfo, 'chunkFrames' | 'video'>,
    signal?: AbortSignal,
  ): Promise<Footage> {
    if (given > shots.length)
      throw bad(`--given ${given} shots, and the story has ${shots.length}.`, 'Give fewer, or write a longer story.');
    const { chunkFrames, video } = model;
    const chunksOf = (some: Story['shots']): number => some.reduce((sum, shot) => sum + shot.chunks, 0);
    const chunks = chunksOf(shots.slice(0, given));
    const needed = spanOf(chunks, chunkFrames).first;
    const clip = await openClip(path, { video, mostFrames: spanOf(chunksOf(shots), chunkFrames).first, signal });
    if (clip.count < needed)
      throw bad(
        `${path} has ${clip.count} ${clip.what}, and the ${chunks} chunks that show it need ${needed}.`,
        'Give more frames, or fewer shots with --given.',
      );
    const footage = new Footage(clip, chunks, model);
    await footage.#name(chunks);
    return footage;
  }

  /** What the given chunks show, an asset each: named by its pixels at the size of the model's films, as in a project. */
  get assets(): readonly string[] {
    return this.#assets;
  }

  /** For the engine: the frames of a given chunk, one below the other; null for an asset that is none of them. */
  async pictureOf(asset: string, width: number, height: number): Promise<Uint8Array | null> {
    const chunk = this.#assets.indexOf(asset);
    if (chunk < 0) return null;
    const { count } = spanOf(chunk, this.#model.chunkFrames);
    return this.framesOf(chunk, { width, height: height / count });
  }

  /** What the clip shows in a chunk's place: [frames, height, width, 3], fewer where it ends; null where it is over. */
  async framesOf(chunk: number, size: Size): Promise<Uint8Array | null> {
    const frames = await this.#framesOf(chunk);
    const { width, height } = this.#model.video;
    if (!frames || (size.width === width && size.height === height)) return frames;
    // A model may look at smaller pictures than it makes. What it sees follows from the pixels that name the chunk.
    const each = apart(frames, frames.length / (width * height * 3));
    return Buffer.concat(each.map((rgb) => coverRgb(opaque(rgb), { width, height }, size)));
  }

  /** As large as the model's films. */
  async #framesOf(chunk: number): Promise<Uint8Array | null> {
    const known = this.#frames.get(chunk);
    if (known) return known;
    const { first, count } = spanOf(chunk, this.#model.chunkFrames);
    if (first >= this.#clip.count) return null;
    const frames = await this.#clip.framesOf(first, Math.min(count, this.#clip.count - first));
    this.#frames.set(chunk, frames);
    return frames;
  }

  async #name(chunks: number): Promise<void> {
    const assets: string[] = [];
    for (let chunk = 0; chunk < chunks; chunk++) {
      const { count } = spanOf(chunk, this.#model.chunkFrames);
      assets.push(footageName(apart((await this.#framesOf(chunk)) as Uint8Array, count)));
    }
    this.#assets = assets;
  }
}

function bad(message: string, hint: string): ThroughlineError {
  return new ThroughlineError('bad-input', message, hint);
}
