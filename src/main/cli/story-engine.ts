import { join } from 'node:path';
import type { DeviceChoice } from '../../shared/devices.ts';
import { throwIfCancelled } from '../../shared/errors.ts';
import type { FrameSize } from '../../shared/frame-size.ts';
import type { KvStorage, Precision } from '../../shared/render.ts';
import { ChunkStore } from '../persistence/index.ts';
import type { Progress } from './progress.ts';
import type { EngineSettings, OwnedEngine, Services } from './services.ts';

/** The flags of an engine and of where its chunks are kept. */
export interface EngineFlags {
  readonly model: string;
  /** Of the frames; the model's own unless said. */
  readonly size?: FrameSize;
  readonly device: DeviceChoice;
  readonly precision: Precision;
  readonly threads?: number;
  readonly kv: KvStorage;
  readonly cache: string;
  /** Gigabytes (10^9 bytes). */
  readonly cacheBudget: number;
}

export interface StoryEngineOptions {
  readonly flags: EngineFlags;
  /** Says its frame size, where it has one; `--size` is over it. */
  readonly story: { readonly frameSize?: FrameSize | undefined };
  readonly services: Services;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  readonly pictureOf?: EngineSettings['pictureOf'];
}

/** What size a model is loaded for. */
export function sizesOf(
  { size }: Pick<EngineFlags, 'size'>,
  { frameSize }: StoryEngineOptions['story'],
): { readonly frameSize?: FrameSize; readonly wantedFrameSize?: FrameSize } {
  if (size) return { frameSize: size };
  return frameSize ? { wantedFrameSize: frameSize } : {};
}

/** Loads the model and opens the store of chunks for `work`; both are let go of afterwards, and the store kept within its budget. */
export async function withStoryEngine<T>(
  { flags, story, services, progress, signal, note, pictureOf }: StoryEngineOptions,
  work: (engine: OwnedEngine, store: ChunkStore) => Promise<T>,
): Promise<T> {
  const store = await ChunkStore.open(join(flags.cache, 'chunks.sqlite'));
  const turn = store.turn();
  let engine: OwnedEngine | undefined;
  try {
    progress.stage('loading the model');
    engine = await services.startEngine({
      modelFolder: flags.model,
      ...sizesOf(flags, story),
      device: flags.device,
      precision: flags.precision,
      ...(flags.threads ? { threads: flags.threads } : {}),
      kvStorage: flags.kv,
      cacheFile: join(flags.cache, 'kv.sqlite'),
      latentsOf: (key) => (store.has(key) ? store.latents(key) : null),
      ...(pictureOf ? { pictureOf } : {}),
      onNotice: note,
      signal,
    });
    throwIfCancelled(signal, 'The render');
    return await work(engine, store);
  } finally {
    progress.clear();
    await engine?.dispose();
    shrink(store, flags.cacheBudget, turn);
    store.dispose();
  }
}

/** Keeps the store within its budget. A store that cannot be written now is shrunk another time. */
function shrink(store: ChunkStore, budgetGigabytes: number, turn: number): void {
  try {
    store.shrinkTo(budgetGigabytes * 1e9, turn);
  } catch {}
}
