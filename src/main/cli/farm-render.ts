import { join } from 'node:path';
import {
  Artifacts,
  deviceClassOf,
  openArtifactStore,
  openFarm,
  parseQueueAddress,
  type RunWorker,
  storedArtifact,
} from '../farm/index.ts';
import { ChunkStore } from '../persistence/index.ts';
import type { Maker } from '../studio/generation/make-tree.ts';
import { type FarmFlags, farmOf } from './farm-options.ts';
import type { OwnedEngine } from './services.ts';

export interface FarmRender {
  readonly flags: FarmFlags & { readonly cache: string };
  readonly engine: OwnedEngine;
  /** Of this machine, with what its own device made. */
  readonly store: ChunkStore;
  readonly note: (text: string) => void;
  /** Says what goes on while the farm works. */
  readonly stage: (text: string) => void;
}

/** So often it is said how far the farm is, in milliseconds. */
const sayEveryMs = 1000;

/**
 * Gives `work` what makes chunks: the farm, where one was asked for, else nothing, which means the engine. What the farm
 * makes on a device like this machine's goes into the machine's own store; what it makes on another, into a store of that.
 */
export async function withFarm<T>(
  { flags, engine, store, note, stage }: FarmRender,
  work: (makes: { readonly maker?: Maker; readonly store: ChunkStore }) => Promise<T>,
): Promise<T> {
  const place = farmOf(flags);
  if (!place) return work({ store });
  const own = deviceClassOf(engine.info.device, process.arch);
  const deviceClass = flags.farmDevice ?? own;
  const identity = { model: engine.info, deviceClass };
  const results = await openArtifactStore(place.store);
  await results.check();
  const kept =
    deviceClass === own ? store : await ChunkStore.open(join(flags.cache, 'farm', deviceClass, 'chunks.sqlite'));
  try {
    const farm = await openFarm({
      address: parseQueueAddress(place.queue),
      identity,
      artifacts: new Artifacts(results, identity),
      artifactOf: (key) => storedArtifact(kept, key),
      isOwn: deviceClass !== own,
      onNote: note,
    });
    let made = 0;
    const saying = setInterval(() => {
      const say = (workers: number): void =>
        stage(
          `on the farm: ${made} ${made === 1 ? 'chunk' : 'chunks'} made, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
        );
      farm.workers().then(say, () => {});
    }, sayEveryMs);
    try {
      const worker: RunWorker = {
        atOnce: farm.atOnce,
        makeRun: (run, call) =>
          farm.makeRun(run, {
            ...call,
            onChunk: async (chunk) => {
              await call.onChunk(chunk);
              made++;
            },
          }),
      };
      return await work({ maker: { worker, identity }, store: kept });
    } finally {
      clearInterval(saying);
      await farm.dispose();
    }
  } finally {
    if (kept !== store) kept.dispose();
  }
}
