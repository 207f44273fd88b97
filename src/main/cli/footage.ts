import { InvalidArgumentError, Option } from 'commander';
import { ThroughlineError } from '../../shared/errors.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { Story } from '../../shared/story.ts';
import { footageName, spanOf } from '../footage/index.ts';
import type { Size } from '../pictures/index.ts';
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
  /** What the given chunks show, an asset each. */
  readonly assets: readonly string[];
  /** Frames of the clip after those that are given. */
  readonly truthFrames: number;
  readonly #clip: Clip;
  readonly #chunkFrames: number;
  readonly #decoded = new Map<string, Uint8Array>();

  private constructor(clip: Clip, assets: readonly string[], chunkFrames: number) {
    this.#clip = clip;
    this.assets = assets;
    this.#chunkFrames = chunkFrames;
    this.truthFrames = clip.count - spanOf(assets.length, chunkFrames).first;
  }

  /**
   * @param path an MP4, or a folder of PNG frames
   * @throws ThroughlineError `bad-input` for what cannot be read, has too few frames, or a story with fewer shots; CancelledError
   */
  static async open(
    path: string,
    { shots }: Pick<Story, 'shots'>,
    given: number,
    { chunkFrames, video }: Pick<ModelInfo, 'chunkFrames' | 'video'>,
    signal?: AbortSignal,
  ): Promise<Footage> {
    if (given > shots.length)
      throw bad(`--given ${given} shots, and the story has ${shots.length}.`, 'Give fewer, or write a longer story.');
    const chunksOf = (some: Story['shots']): number => some.reduce((sum, shot) => sum + shot.chunks, 0);
    const chunks = chunksOf(shots.slice(0, given));
    const needed = spanOf(chunks, chunkFrames).first;
    const clip = await openClip(path, { video, mostFrames: spanOf(chunksOf(shots), chunkFrames).first, signal });
    if (clip.count < needed)
      throw bad(
        `${path} has ${clip.count} ${clip.what}, and the ${chunks} chunks that show it need ${needed}.`,
        'Give more frames, or fewer shots with --given.',
      );
    const assets: string[] = [];
    for (let chunk = 0; chunk < chunks; chunk++) {
      const { first, count } = spanOf(chunk, chunkFrames);
      assets.push(footageName(await clip.digestsOf(first, count)));
    }
    return new Footage(clip, assets, chunkFrames);
  }

  /** For the engine: the frames of a given chunk, one below the other; null for an asset that is none of them. */
  async pictureOf(asset: string, width: number, height: number): Promise<Uint8Array | null> {
    const chunk = this.assets.indexOf(asset);
    if (chunk < 0) return null;
    const { count } = spanOf(chunk, this.#chunkFrames);
    return this.framesOf(chunk, { width, height: height / count });
  }

  /** What the clip shows in a chunk's place: [frames, height, width, 3], fewer where it ends; null where it is over. */
  async framesOf(chunk: number, size: Size): Promise<Uint8Array | null> {
    const name = `${chunk} ${size.width}x${size.height}`;
    const known = this.#decoded.get(name);
    if (known) return known;
    const { first, count } = spanOf(chunk, this.#chunkFrames);
    if (first >= this.#clip.count) return null;
    const pixels = await this.#clip.pixelsOf(first, Math.min(count, this.#clip.count - first), size);
    this.#decoded.set(name, pixels);
    return pixels;
  }
}

function bad(message: string, hint: string): ThroughlineError {
  return new ThroughlineError('bad-input', message, hint);
}
