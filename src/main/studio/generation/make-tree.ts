import type { ChunkPhase } from '../../../shared/render.ts';
import {
  deviceClassOf,
  EngineWorker,
  lent,
  type MadeChunk,
  type MakerIdentity,
  makeRuns,
  type PlannedRun,
  planRuns,
  type RunCall,
  type RunWorker,
  type TreeChunk,
} from '../../farm/index.ts';
import type { ChunkStore } from '../../persistence/index.ts';
import type { ChunkEngine } from './chunk-engine.ts';

/** Who makes chunks, and whose bits they are: the engine of this machine, or a farm. */
export interface Maker {
  readonly worker: RunWorker;
  readonly identity: MakerIdentity;
}

/** The engine of this machine. */
export function makerHere(engine: ChunkEngine): Maker {
  return {
    worker: new EngineWorker(lent(engine)),
    identity: { model: engine.info, deviceClass: deviceClassOf(engine.info.device, process.arch) },
  };
}

export interface MakeTreeOptions {
  /** Whole paths, parents before children. */
  readonly tree: readonly TreeChunk[];
  /** Whether a chunk is in the store as it was written; asked again once it was made. */
  readonly isThere: (key: string) => boolean;
  /** Where what is made is put; stays the caller's. */
  readonly store: ChunkStore;
  readonly maker: Maker;
  /** Longest run, in chunks. */
  readonly chunksAtMost: number;
  readonly onPhase?: (key: string, phase: ChunkPhase) => void;
  /** Takes each chunk once it is in the store; of one path in order. `isThere` says so from then on. */
  readonly onMade: (made: MadeChunk) => Promise<void>;
  readonly signal?: AbortSignal;
}

/**
 * Has all that is missing of a tree made and put into a store, in as many runs at once as the maker takes.
 * @throws what the maker, the store or `onMade` throw; CancelledError once `signal` is aborted. What was stored stays
 */
export async function makeTree(options: MakeTreeOptions): Promise<void> {
  const { tree, isThere, store, maker, chunksAtMost, onPhase, onMade, signal } = options;
  const byKey = new Map(tree.map((chunk) => [chunk.key, chunk]));
  const runs = planRuns(tree, isThere, { identity: maker.identity, chunksAtMost });
  const callFor = ({ parentKey }: PlannedRun): RunCall => ({
    ancestors: () => {
      const path: Omit<TreeChunk, 'parentKey'>[] = [];
      for (let at = byKey.get(parentKey ?? ''); at; at = byKey.get(at.parentKey ?? ''))
        path.push({ key: at.key, recipe: at.recipe });
      return path.reverse();
    },
    digestOf: (key) => (isThere(key) ? (store.get(key)?.latentsDigest ?? null) : null),
    ...(onPhase ? { onPhase } : {}),
    onChunk: async (made) => {
      store.put(made.artifact);
      store.touch([made.artifact.key]);
      await onMade(made);
    },
  });
  await makeRuns({ runs, worker: maker.worker, callFor, ...(signal ? { signal } : {}) });
}
