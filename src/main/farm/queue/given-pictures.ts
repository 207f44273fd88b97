import { ThroughlineError } from '../../../shared/errors.ts';
import type { Looks, RunPicture, RunPictures } from '../run-pictures.ts';
import type { StoredPictures } from '../store/stored-pictures.ts';

/**
 * A picture of whoever wants chunks, cut and scaled, or the frames of a chunk of footage, one below the other: RGB, [height, width, 3];
 * null for one that they have not.
 */
export type PictureOf = (asset: string, width: number, height: number) => Promise<Uint8Array | null>;

/** Pictures of whoever wants chunks, and how their model looks at them. */
export interface PicturesHere {
  readonly looks: Looks;
  readonly pictureOf: PictureOf;
}

/** Brings pictures of this machine to a farm. */
export class GivenPictures {
  readonly #stored: StoredPictures;
  readonly #here: PicturesHere;
  /** By asset: ends once the farm has it. */
  readonly #given = new Map<string, Promise<void>>();

  constructor(stored: StoredPictures, here: PicturesHere) {
    this.#stored = stored;
    this.#here = here;
  }

  /** Brings those that the farm has not. @throws ThroughlineError `state-missing` naming one that is not here either */
  async share(wanted: RunPictures): Promise<void> {
    for (const [asset, picture] of wanted) {
      // Many runs that begin at once name the same.
      const given = this.#given.get(asset) ?? this.#give(asset, picture);
      this.#given.set(asset, given);
      given.catch(() => this.#given.delete(asset));
      await given;
    }
  }

  /** Brings those again that are not there as they should be. @returns whether anything was brought */
  async mend(wanted: RunPictures, onRefused: (error: ThroughlineError) => void): Promise<boolean> {
    let brought = false;
    for (const [asset, picture] of wanted) {
      if (await this.#stored.find({ ...picture, asset }, onRefused)) continue;
      if (await this.#write(asset, picture)) brought = true;
    }
    return brought;
  }

  async #give(asset: string, picture: RunPicture): Promise<void> {
    if (await this.#stored.has({ ...picture, asset })) return;
    if ((await this.#write(asset, picture)) !== null) return;
    throw new ThroughlineError(
      'state-missing',
      `The ${picture.words} is not there.`,
      picture.what === 'picture'
        ? 'Put it into memory again, or take it out of the story.'
        : 'Choose the footage again, or take it out of the story.',
    );
  }

  /** @returns whether it was written; null where it is not here */
  async #write(asset: string, { width, height }: RunPicture): Promise<boolean | null> {
    const pixels = await this.#here.pictureOf(asset, width, height);
    return pixels && this.#stored.write({ asset, width, height }, pixels);
  }
}
