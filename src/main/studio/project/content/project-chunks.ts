import type { ChunkSummary } from '../../../../shared/api/types.ts';
import type { ChunkMedia, ProjectStore } from '../../../persistence/index.ts';
import type { EventHub } from '../../event-hub.ts';
import type { ProjectPlace } from '../project-place.ts';
import { damagedWords, findDamaged, replacedWords } from './damaged-chunks.ts';
import { type NewTake, newTake, type ProjectTakes } from './project-takes.ts';

type ChunkArtifact = Parameters<ProjectStore['putChunk']>[0];

/** The chunks that an open project has, and how they and the takes that they make up come into its file and go. */
export class ProjectChunks {
  /** By key. */
  readonly all: ReadonlyMap<string, ChunkSummary>;
  /** How long the engine of this machine took for the chunks that it made since the project was opened, by key. */
  readonly madeHereMs = new Map<string, number>();
  readonly #chunks: Map<string, ChunkSummary>;
  readonly #takes: ProjectTakes;
  readonly #place: ProjectPlace;
  readonly #hub: EventHub;

  /** @param chunks as the file has them */
  constructor(chunks: readonly ChunkSummary[], takes: ProjectTakes, place: ProjectPlace, hub: EventHub) {
    this.#chunks = new Map(chunks.map((chunk) => [chunk.key, chunk]));
    this.all = this.#chunks;
    this.#takes = takes;
    this.#place = place;
    this.#hub = hub;
  }

  /**
   * Commits a chunk with its pictures, and the take that it completes; only then anyone hears of it.
   * @param whole what the shot shows once all of it is there, which is when the take is listed
   */
  async put(artifact: ChunkArtifact, frameCount: number, media: readonly ChunkMedia[], whole: NewTake): Promise<void> {
    const take = this.#takes.completedBy(artifact.key, whole, this.#chunks);
    const { replaced, dependants } = await this.#place.write((store) =>
      store.putChunk(artifact, frameCount, media, take),
    );
    if (replaced) this.#hub.notice('warning', ...replacedWords(dependants.length));
    const { key, device, model } = artifact;
    const madeWith = { digest: model.digest, width: model.video.width, height: model.video.height };
    const createdAt = take?.createdAt ?? new Date().toISOString();
    const chunk: ChunkSummary = { key, frameCount, device, madeWith, createdAt };
    this.#chunks.set(chunk.key, chunk);
    this.#hub.publish({ type: 'chunks', added: [chunk], removed: [] });
    if (take) this.#takes.add(take);
  }

  /** Lists takes whose chunks are all there, but were not made as theirs: of a shot that was cut short, say. */
  async listTakes(takes: readonly NewTake[]): Promise<void> {
    for (const take of takes) {
      if (this.#takes.has(take)) continue;
      const listed = newTake(take);
      await this.#place.write((store) => store.putTake(listed));
      this.#takes.add(listed);
    }
  }

  /** Looks through what is stored: what was altered on the disk counts as missing from then on. Never throws. */
  async check(): Promise<void> {
    const found = await findDamaged({
      store: () => this.#place.store,
      goesOn: () => this.#place.mayChange,
      onDamaged: (keys) => {
        const removed = keys.filter((key) => this.#chunks.delete(key));
        if (removed.length > 0) this.#hub.publish({ type: 'chunks', added: [], removed });
        return removed.length;
      },
    });
    if (found > 0) this.#hub.notice('warning', ...damagedWords(found));
  }

  /** Deletes the chunks that are not in `keep`, with the takes they belong to. */
  async deleteUnused(keep: ReadonlySet<string>): Promise<{ chunks: number; bytes: number }> {
    const freed = await this.#place.write((store) => store.deleteUnused([...keep], false));
    const removed = [...this.#chunks.keys()].filter((key) => !keep.has(key));
    for (const key of removed) this.#chunks.delete(key);
    this.#takes.replace(await this.#place.store.takes());
    this.#hub.publish({ type: 'chunks', added: [], removed });
    return freed;
  }
}
