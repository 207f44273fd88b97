import { ThroughlineError } from '../../../shared/errors.ts';
import type { FrameSize } from '../../../shared/frame-size.ts';
import { type NamedPictures, pictureWords } from '../run-pictures.ts';
import type { WantedPicture } from '../store/picture-format.ts';
import type { StoredPictures } from '../store/stored-pictures.ts';

/** A picture of whoever wants chunks, cut and scaled: RGB, [height, width, 3]; null for one that they have not. */
export type PictureOf = (asset: string, width: number, height: number) => Promise<Uint8Array | null>;

/** Pictures of whoever wants chunks, and how their model looks at them. */
export interface PicturesHere {
  readonly looksAt: FrameSize;
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
  async share(wanted: NamedPictures): Promise<void> {
    for (const [asset, name] of wanted) {
      // Many runs that begin at once name the same.
      const given = this.#given.get(asset) ?? this.#give(asset, name);
      this.#given.set(asset, given);
      given.catch(() => this.#given.delete(asset));
      await given;
    }
  }

  /** Brings those again that are not there as they should be. @returns whether anything was brought */
  async mend(wanted: NamedPictures, onRefused: (error: ThroughlineError) => void): Promise<boolean> {
    let brought = false;
    for (const asset of wanted.keys()) {
      if (await this.#stored.find(this.#wanted(asset), onRefused)) continue;
      if (await this.#write(asset)) brought = true;
    }
    return brought;
  }

  async #give(asset: string, name: string): Promise<void> {
    if (await this.#stored.has(this.#wanted(asset))) return;
    if ((await this.#write(asset)) !== null) return;
    throw new ThroughlineError(
      'state-missing',
      `The picture ${pictureWords(asset, name)} is not there.`,
      'Put it into memory again, or take it out of the story.',
    );
  }

  /** @returns whether it was written; null where it is not here */
  async #write(asset: string): Promise<boolean | null> {
    const { width, height } = this.#here.looksAt;
    const pixels = await this.#here.pictureOf(asset, width, height);
    return pixels && this.#stored.write(this.#wanted(asset), pixels);
  }

  #wanted(asset: string): WantedPicture {
    return { asset, ...this.#here.looksAt };
  }
}
