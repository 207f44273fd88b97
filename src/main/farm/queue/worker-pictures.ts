import { ThroughlineError } from '../../../shared/errors.ts';
import type { FrameSize } from '../../../shared/frame-size.ts';
import { type RunPictures, tooManyPictures } from '../run-pictures.ts';
import type { StoredPictures } from '../store/stored-pictures.ts';

/** A picture that stays at hand is asked for again after so long, in milliseconds, so that the store knows that it is in use. */
const askAgainMs = 3_600_000;

interface Kept extends FrameSize {
  readonly pixels: Uint8Array;
  /** When the store was last asked for it. */
  readonly askedAt: number;
}

/** The pictures and footage of the run in hand: brought from the farm's store before it begins, and given to the engine. */
export class WorkerPictures {
  readonly #stored: StoredPictures;
  #kept = new Map<string, Kept>();

  constructor(stored: StoredPictures) {
    this.#stored = stored;
  }

  /**
   * Brings what a run may look at, and lets go of the others.
   * @throws ThroughlineError `farm` naming one that is not there, `bad-input` for more than a story can have
   */
  async bring(wanted: RunPictures, onRefused: (error: ThroughlineError) => void): Promise<void> {
    const tooMany = tooManyPictures(wanted);
    if (tooMany)
      throw new ThroughlineError(
        'bad-input',
        `A run was refused: with what comes before it, ${tooMany}.`,
        'See who puts work into this queue.',
      );
    const brought = new Map<string, Kept>();
    for (const [asset, { words, width, height }] of wanted) {
      const picture = { asset, width, height };
      const kept = this.#kept.get(asset);
      const isAtHand = kept !== undefined && kept.width === width && kept.height === height;
      if (isAtHand && performance.now() - kept.askedAt < askAgainMs) {
        brought.set(asset, kept);
        continue;
      }
      // One that was taken away meanwhile is brought there again.
      if (isAtHand && !(await this.#stored.has(picture))) await this.#stored.write(picture, kept.pixels);
      const pixels = isAtHand ? kept.pixels : await this.#stored.find(picture, onRefused);
      if (!pixels)
        throw new ThroughlineError(
          'farm',
          `The ${words}, which this run looks at, is not in ${this.#stored.place}.`,
          'Whoever wants the film brings it there when the story is asked for again.',
        );
      brought.set(asset, { pixels, width, height, askedAt: performance.now() });
    }
    this.#kept = brought;
  }

  /** For the engine: RGB, [height, width, 3]; null where the run in hand has no such picture. */
  readonly pictureOf = async (asset: string, width: number, height: number): Promise<Uint8Array | null> => {
    const kept = this.#kept.get(asset);
    return kept?.width === width && kept.height === height ? kept.pixels : null;
  };
}
