import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from './json-file.ts';

/** Says whose a cache is; lies beside it, so that each host writes of its own project only. */
const ownerSchema = z.object({
  version: z.literal(1),
  /** The project's file, when it was last open. */
  project: z.string(),
  /** Counts openings of projects, so that the order of use is known without a clock. */
  turn: z.int().min(0),
});
type Owner = z.infer<typeof ownerSchema>;

/** What may lie in the folder, by the name of the cache. */
const pattern = /^([0-9a-f]{24})\.(?:kv|kv-wal|kv-shm|json)$/;
/** A project on a disk that is away keeps its cache until so many others have been opened. */
const patienceTurns = 20;

export interface CollectOptions {
  /** Cache that is in use; it stays. */
  readonly open: string | null;
  /** Bytes that the caches of all other projects may take together. */
  readonly budgetBytes: number;
}

/**
 * The memory states of projects, a file for each, named by the project's id: a file that was moved or renamed finds its
 * cache again. Nothing in it is ever needed, so whatever cannot be done is left for the next time.
 */
export class CacheFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  fileOf(name: string): string {
    return join(this.#folder, `${name}.kv`);
  }

  /** Notes that a project is open, and where. Never throws. */
  note(name: string, project: string): void {
    try {
      const turns = [...this.#names()].map((other) => this.#ownerOf(other)?.turn ?? 0);
      const owner: Owner = { version: 1, project, turn: Math.max(0, ...turns) + 1 };
      writeJson(join(this.#folder, `${name}.json`), owner);
    } catch {}
  }

  /**
   * Deletes the caches of projects that are gone: deleted, or moved and not opened since. Of the others the least
   * recently used, down to the budget. Ended at any moment, the next call goes on. Never throws.
   * @returns names of the caches that were deleted
   */
  collect({ open, budgetBytes }: CollectOptions): string[] {
    try {
      const caches = [...this.#names()]
        .filter((name) => name !== open)
        .map((name) => ({ name, owner: this.#ownerOf(name), bytes: this.#bytesOf(name) }));
      const newest = Math.max(0, ...caches.map(({ owner }) => owner?.turn ?? 0));
      const kept = caches
        .filter(({ owner }) => owner !== null && !isGone(owner, newest))
        .sort((a, b) => (b.owner?.turn ?? 0) - (a.owner?.turn ?? 0));
      let room = budgetBytes;
      const within = new Set(
        kept.filter(({ bytes }) => {
          room -= bytes;
          return room >= 0;
        }),
      );
      const collected = caches.filter((cache) => !within.has(cache));
      for (const { name } of collected) this.#remove(name);
      return collected.map(({ name }) => name);
    } catch {
      return [];
    }
  }

  /** The owner goes last: until then what is left is known to be a cache of a project that is gone. */
  #remove(name: string): void {
    for (const ending of ['kv-wal', 'kv-shm', 'kv', 'json'])
      rmSync(join(this.#folder, `${name}.${ending}`), { force: true });
  }

  #names(): Set<string> {
    if (!existsSync(this.#folder)) return new Set();
    return new Set(readdirSync(this.#folder).flatMap((file) => pattern.exec(file)?.[1] ?? []));
  }

  #ownerOf(name: string): Owner | null {
    const owner = ownerSchema.safeParse(readJson(join(this.#folder, `${name}.json`)));
    return owner.success ? owner.data : null;
  }

  #bytesOf(name: string): number {
    return ['kv', 'kv-wal'].reduce((sum, ending) => {
      const stats = statSync(join(this.#folder, `${name}.${ending}`), { throwIfNoEntry: false });
      return sum + (stats?.size ?? 0);
    }, 0);
  }
}

function isGone({ project, turn }: Owner, newest: number): boolean {
  if (existsSync(project)) return false;
  return existsSync(dirname(project)) || newest - turn > patienceTurns;
}
