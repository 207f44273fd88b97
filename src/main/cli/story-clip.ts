import { ThroughlineError } from '../../shared/errors.ts';
import { type KeptFootage, stripOfKept } from '../footage/story-footage.ts';
import { type Size, stripPixels } from '../pictures/index.ts';

/** The footage that a story file holds. */
export class StoryClip {
  /** What the given chunks show, an asset each. */
  readonly assets: readonly string[];
  /** Frames of the clip after those that are given. */
  readonly truthFrames: number;
  readonly #kept: KeptFootage;

  /** @param given so many chunks show it */
  constructor(kept: KeptFootage, given: number) {
    this.#kept = kept;
    this.assets = kept.facts.chunks.slice(0, given);
    this.truthFrames = kept.facts.strips.slice(this.assets.length).reduce((sum, { frames }) => sum + frames, 0);
  }

  /** For the engine: the frames of a chunk, one below the other; null for an asset that is none of them. */
  async pictureOf(asset: string, width: number, height: number): Promise<Uint8Array | null> {
    const chunk = this.#kept.facts.chunks.indexOf(asset);
    const strip = chunk < 0 ? null : stripOfKept(this.#kept, chunk);
    if (!strip) return null;
    if (!Number.isInteger(height / strip.frames))
      throw new ThroughlineError(
        'bad-input',
        `The footage "${this.#kept.name}" has ${strip.frames} frames for chunk ${chunk}, and this model shows others in a chunk.`,
        'Render the story with the model that it was made for, or take the footage out.',
      );
    return stripPixels(strip.png, strip.frames, { width, height: height / strip.frames });
  }

  /** What the clip shows in a chunk's place: [frames, height, width, 3], fewer where it ends; null where it is over. */
  async framesOf(chunk: number, size: Size): Promise<Uint8Array | null> {
    const strip = stripOfKept(this.#kept, chunk);
    return strip && stripPixels(strip.png, strip.frames, size);
  }
}
