import { ThroughlineError } from '../../../shared/errors.ts';
import type { ChunkArtifact } from '../../persistence/index.ts';
import type { MakerIdentity } from '../runs.ts';
import { decodeArtifact, encodeArtifact } from './artifact-format.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { StoredPictures } from './stored-pictures.ts';

/** Finished chunks of one model and one class of devices in a store, checked whenever they are read. */
export class Artifacts {
  readonly identity: MakerIdentity;
  /** Of the same store. */
  readonly pictures: StoredPictures;
  readonly #store: ArtifactStore;
  /** Keys of which something is stored that was refused. */
  readonly #refused = new Set<string>();

  constructor(store: ArtifactStore, identity: MakerIdentity) {
    this.#store = store;
    this.pictures = new StoredPictures(store);
    this.identity = identity;
  }

  get place(): string {
    return this.#store.place;
  }

  /**
   * A chunk; null where there is none.
   * @throws ThroughlineError `bad-artifact` for what is there and is not that chunk
   */
  async read(key: string): Promise<ChunkArtifact | null> {
    try {
      const bytes = await this.#store.get(this.#name(key));
      return (
        bytes && decodeArtifact(bytes, { key, ...this.identity }, `${this.#store.place}, chunk ${key.slice(0, 12)}`)
      );
    } catch (error) {
      if (error instanceof ThroughlineError && error.code === 'bad-artifact') this.#refused.add(key);
      throw error;
    }
  }

  /** As {@link read}, but what is refused counts as not there, and `onRefused` is told. */
  async find(key: string, onRefused: (error: ThroughlineError) => void): Promise<ChunkArtifact | null> {
    try {
      return await this.read(key);
    } catch (error) {
      if (!(error instanceof ThroughlineError) || error.code !== 'bad-artifact') throw error;
      onRefused(error);
      return null;
    }
  }

  /** Whether something is stored as this chunk, not looked at. */
  has(key: string): Promise<boolean> {
    return this.#store.has(this.#name(key));
  }

  /** Stores a chunk. One that is there stays, unless it was refused. @returns whether this one was written */
  async write(artifact: ChunkArtifact): Promise<boolean> {
    const mayReplace = this.#refused.delete(artifact.key);
    return this.#store.put(this.#name(artifact.key), encodeArtifact(artifact, this.identity.deviceClass), mayReplace);
  }

  /** The class of the device is part of the name: the same recipe has other bits on another. */
  #name(key: string): string {
    return `chunks/${this.identity.deviceClass}/${key.slice(0, 2)}/${key}.chunk`;
  }
}
