import { ThroughlineError } from '../../../shared/errors.ts';
import type { ArtifactStore } from './artifact-store.ts';
import {
  decodePicture,
  encodePicture,
  pictureFileBytes,
  refusedPicture,
  type WantedPicture,
} from './picture-format.ts';

/** Pictures that recipes name, in a store, each as a model looks at it; checked whenever they are read. */
export class StoredPictures {
  readonly #store: ArtifactStore;
  /** Names of what is stored and was refused. */
  readonly #refused = new Set<string>();

  constructor(store: ArtifactStore) {
    this.#store = store;
  }

  get place(): string {
    return this.#store.place;
  }

  /** Whether something is stored as this picture, not looked at. Counts as asking for it. */
  has(wanted: WantedPicture): Promise<boolean> {
    return this.#store.has(nameOf(wanted));
  }

  /**
   * RGB, [height, width, 3]; null where it is not there. What is refused counts as not there, and `onRefused` is told.
   * @throws ThroughlineError `farm` where the store is out of reach
   */
  async find(wanted: WantedPicture, onRefused: (error: ThroughlineError) => void): Promise<Uint8Array | null> {
    const name = nameOf(wanted);
    const place = `${this.#store.place}, picture ${wanted.asset.slice(0, 12)}`;
    const mostBytes = pictureFileBytes(wanted);
    try {
      const bytes = await this.#store.get(name, {
        mostBytes,
        tooLarge: (sizeBytes) => refusedPicture(place, `it has ${sizeBytes} bytes, and has to have ${mostBytes}`),
      });
      return bytes && decodePicture(bytes, wanted, place);
    } catch (error) {
      if (!(error instanceof ThroughlineError) || error.code !== 'bad-artifact') throw error;
      this.#refused.add(name);
      onRefused(error);
      return null;
    }
  }

  /**
   * Stores a picture. One that is there stays, unless it was refused.
   * @param pixels RGB, [height, width, 3]
   * @returns whether this one was written
   */
  async write(wanted: WantedPicture, pixels: Uint8Array): Promise<boolean> {
    const name = nameOf(wanted);
    const mayReplace = this.#refused.delete(name);
    return this.#store.put(name, encodePicture(wanted, pixels), mayReplace);
  }
}

/** The same picture is another file for a model that looks at another size. */
function nameOf({ asset, width, height }: WantedPicture): string {
  return `pictures/${width}x${height}/${asset.slice(0, 2)}/${asset}.picture`;
}
