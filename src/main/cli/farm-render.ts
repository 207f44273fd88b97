import { join } from 'node:path';
import {
  Artifacts,
  deviceClassOf,
  type FarmQueueOptions,
  looksOf,
  openArtifactStore,
  openFarm,
  type PictureOf,
  parseQueueAddress,
  type RunWorker,
  storedArtifact,
} from '../farm/index.ts';
import { ChunkStore } from '../persistence/index.ts';
import type { Maker } from '../studio/generation/make-tree.ts';
import { type FarmFlags, farmOf } from './farm-options.ts';
import type { OwnedEngine } from './services.ts';

/** Says what goes on while a farm works. */
interface FarmVoice {
  readonly note: (text: string) => void;
  readonly stage: (text: string) => void;
}

export interface FarmRender extends FarmVoice {
  readonly flags: FarmFlags & { readonly cache: string };
  readonly engine: OwnedEngine;
  /** Of this machine, with what its own device made. */
  readonly store: ChunkStore;
  /** Pictures that the story names; none without it. */
  readonly pictureOf?: PictureOf;
}

const noPicture: PictureOf = async () => null;

/** So often it is said how far the farm is, in milliseconds. */
const sayEveryMs = 1000;

/**
 * Gives `work` what makes chunks: the farm, where one was asked for, else nothing, which means the engine. What the farm
 * makes on a device like this machine's goes into the machine's own store; what it makes on another, into a store of that.
 */
export async function withFarm<T>(
  { flags, engine, store, pictureOf = noPicture, ...voice }: FarmRender,
  work: (makes: { readonly maker?: Maker; readonly store: ChunkStore }) => Promise<T>,
): Promise<T> {
  const place = farmOf(flags);
  if (!place) return work({ store });
  const own = deviceClassOf(engine.info.device, process.arch);
  const deviceClass = flags.farmDevice ?? own;
  const kept =
    deviceClass === own ? store : await ChunkStore.open(join(flags.cache, 'farm', deviceClass, 'chunks.sqlite'));
  try {
    return await withMaker(
      {
        ...{ place, identity: { model: engine.info, deviceClass }, ...voice },
        artifactOf: (key) => storedArtifact(kept, key),
        pictures: { looks: looksOf(engine.info), pictureOf },
        isOwn: deviceClass !== own,
      },
      (maker) => work({ maker, store: kept }),
    );
  } finally {
    if (kept !== store) kept.dispose();
  }
}

export interface FarmMaker
  extends FarmVoice,
    Pick<FarmQueueOptions, 'identity' | 'artifactOf' | 'pictures' | 'isOwn' | 'advice'> {
  readonly place: { readonly queue: string; readonly store: string };
}

/** Gives `work` a farm as what makes chunks, and says how far that is. @throws ThroughlineError `farm`, `bad-input` */
export async function withMaker<T>(
  { place, note, stage, ...options }: FarmMaker,
  work: (maker: Maker) => Promise<T>,
): Promise<T> {
  const { identity } = options;
  const results = await openArtifactStore(place.store);
  const farm = await openFarm({
    ...options,
    address: parseQueueAddress(place.queue),
    artifacts: new Artifacts(results, identity),
    onNote: note,
  });
  try {
    // Only now: it creates the folder, which nobody wants of a queue that does not answer.
    await results.check();
  } catch (error) {
    await farm.dispose();
    throw error;
  }
  let made = 0;
  const saying = setInterval(() => {
    const say = (workers: number): void =>
      stage(`on the farm: ${counted(made, 'chunk')} made, ${counted(workers, 'worker')}`);
    farm.workers().then(say, () => {});
  }, sayEveryMs);
  try {
    const worker: RunWorker = {
      get atOnce() {
        return farm.atOnce;
      },
      makeRun: (run, call) =>
        farm.makeRun(run, {
          ...call,
          onChunk: async (chunk) => {
            await call.onChunk(chunk);
            made++;
          },
        }),
    };
    return await work({ worker, identity });
  } finally {
    clearInterval(saying);
    await farm.dispose();
  }
}

/** `1 chunk`, `2 chunks`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
