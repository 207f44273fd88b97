import { ThroughlineError } from '../../../shared/errors.ts';
import type { ChunkRecipe } from '../../../shared/render.ts';
import { type ChunkArtifact, type ChunkStore, latentsDigest } from '../../persistence/index.ts';
import type { Run } from '../runs.ts';
import type { Artifacts } from '../store/artifacts.ts';
import { storedArtifact } from './chunk-cache.ts';

/** Chunks of one model as a worker has them: in its own store, of its class of devices alone, and in the farm's. */
export class WorkerChunks {
  readonly #own: ChunkStore;
  readonly #farm: Artifacts;
  readonly #onRefused: (error: ThroughlineError) => void;

  /** @param onRefused hears of what lies in the farm's store and is not used */
  constructor(own: ChunkStore, farm: Artifacts, onRefused: (error: ThroughlineError) => void) {
    this.#own = own;
    this.#farm = farm;
    this.#onRefused = onRefused;
  }

  /** Keeps a chunk that was made here, in both stores. */
  async put(artifact: ChunkArtifact): Promise<void> {
    await Promise.all([this.#farm.write(artifact), this.#keep(artifact)]);
  }

  /**
   * Digest of a chunk that the farm has, brought into the worker's own store; or that only the worker has, brought to the
   * farm. Null where nobody has it.
   */
  async bring(key: string): Promise<string | null> {
    const shared = await this.#farm.find(key, this.#onRefused);
    if (shared) {
      this.#own.replace(shared);
      return latentsDigest(shared.latents);
    }
    const own = storedArtifact(this.#own, key);
    if (!own) return null;
    await this.#farm.write(own);
    return latentsDigest(own.latents);
  }

  /**
   * What came before a run, root first: from the worker's own store where it is there, else from the farm's.
   * @param count of chunks that the run says came before it
   * @throws ThroughlineError `farm` naming one that is not there, `bad-input` where it is not so many
   */
  async before({ parentKey }: Run, count: number): Promise<{ key: string; recipe: ChunkRecipe }[]> {
    const path: { key: string; recipe: ChunkRecipe }[] = [];
    for (let key = parentKey; key !== null; ) {
      let chunk = this.#own.isWhole(key) ? this.#own.get(key) : undefined;
      if (!chunk) {
        const shared = await this.#farm.find(key, this.#onRefused);
        if (!shared)
          throw new ThroughlineError(
            'farm',
            `Chunk ${key.slice(0, 12)}, which comes before this run, is not in ${this.#farm.place}.`,
            'It is made again when the story is asked for again.',
          );
        this.#own.replace(shared);
        chunk = this.#own.get(key);
      }
      if (!chunk || path.length >= count)
        throw new ThroughlineError('bad-input', 'A run was refused: its story is longer than it says.');
      path.push({ key, recipe: chunk.recipe });
      key = chunk.parentKey;
    }
    if (path.length !== count)
      throw new ThroughlineError('bad-input', 'A run was refused: its story is shorter than it says.');
    this.#own.touch(path.map(({ key }) => key));
    return path.reverse();
  }

  async #keep(artifact: ChunkArtifact): Promise<void> {
    this.#own.replace(artifact);
    this.#own.touch([artifact.key]);
  }
}
