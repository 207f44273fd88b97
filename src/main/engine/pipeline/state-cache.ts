import { ThroughlineError } from '../../../shared/errors.ts';
import type { KvStorage } from '../../../shared/render.ts';
import { decodeKv, encodeKv, KvCache, roundToStorage } from '../../persistence/index.ts';
import type { MemoryState, StateLayout } from '../memory/memory-state.ts';
import { geometryOf } from '../model/config.ts';
import type { LoadOptions } from '../protocol.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { withTensors } from '../runtime/tensor-scope.ts';
import type { ModelSession } from './model-session.ts';
import type { RoundKv } from './page-codec.ts';
import type { Page } from './page-store.ts';

const defaultBudgetBytes = 4 * 1024 ** 3;

/** A reference to one layer's page of a frame, as the cache file names it. */
interface StoredPage {
  readonly passKey: string;
  readonly frame: number;
  readonly layer: number;
}

/** How K/V are rounded for a kind of storage, so that storing them later is lossless. */
export function roundingFor(storage: KvStorage): RoundKv | null {
  return storage === 'fp32' ? null : (values, rowLength) => void roundToStorage(values, rowLength, storage);
}

/** @param notice told why an old cache was thrown away, or why there will be none */
export function openStateCache(
  options: LoadOptions,
  session: ModelSession,
  notice: (text: string) => void,
): StateCache | null {
  const { digest, numericsVersion, kvStorage } = session.info;
  try {
    const { cache, discarded } = KvCache.open(options.cacheFile as string, {
      modelDigest: digest,
      numericsVersion,
      kvStorage,
      budgetBytes: options.cacheBudgetBytes ?? defaultBudgetBytes,
    });
    if (discarded) notice(discarded);
    return new StateCache(cache, session, notice);
  } catch (error) {
    notice(`Memory states are not kept: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/**
 * Memory states in the cache file. It is only a cache: whatever goes wrong with it is told once and costs a replay,
 * never a render.
 */
export class StateCache {
  readonly #cache: KvCache;
  readonly #session: ModelSession;
  readonly #notice: (text: string) => void;
  readonly #owns: boolean;
  #complained = false;

  /** @param owns whether the file is closed with this one */
  constructor(cache: KvCache, session: ModelSession, notice: (text: string) => void, owns = true) {
    this.#owns = owns;
    this.#cache = cache;
    this.#session = session;
    this.#notice = notice;
  }

  /** The same file for another memory of the same model, whose states stand under names of their own. */
  beside(session: ModelSession): StateCache {
    return new StateCache(this.#cache, session, this.#notice, false);
  }

  /** The last of `keys` whose state is stored. */
  nearest(keys: readonly string[]): string | undefined {
    const found = this.#attempt(() => this.#cache.hasState(keys.map((key) => this.#nameOf(key))));
    return keys.find((key) => this.#nameOf(key) === found);
  }

  /** Drops what rests on an earlier making of this chunk, which is being made anew. */
  forget(key: string): void {
    this.#attempt(() => this.#cache.forget(this.#nameOf(key)));
  }

  async store(key: string, memory: MemoryState): Promise<void> {
    const { device, pages, info } = this.#session;
    const { dim } = this.#session.graphs.config.dit;
    const frames = this.#layout.references(memory);
    const refs = frames.flatMap(({ frame, pass }) =>
      Array.from({ length: info.layers }, (_, layer): StoredPage => ({ passKey: pass, frame, layer })),
    );
    // Pages already in the file need not leave the device again.
    const missing = this.#attempt(() => this.#cache.missingPages(refs));
    if (!missing) return;
    const packed = new Map<string, { k: Uint8Array; v: Uint8Array }>();
    for (const ref of missing) {
      const frame = { frame: ref.frame, pass: ref.passKey };
      await pages.bring([{ ...frame, layer: ref.layer }]);
      const { k, v } = pages.get(frame, ref.layer);
      packed.set(name(ref), {
        k: encodeKv(await device.download(k), dim, info.kvStorage),
        v: encodeKv(await device.download(v), dim, info.kvStorage),
      });
    }
    this.#attempt(() =>
      this.#cache.putState(this.#nameOf(key), {
        description: JSON.stringify(memory),
        pages: refs,
        read: (ref) => packed.get(name(ref)) as { k: Uint8Array; v: Uint8Array },
      }),
    );
  }

  /** Puts the pages of a stored state on the device and returns the state; null if it is not there or damaged. */
  async load(key: string): Promise<MemoryState | null> {
    const { pages } = this.#session;
    const stored = this.#attempt(() => this.#cache.getState(this.#nameOf(key)));
    if (!stored) return null;
    const memory = this.#attempt(() => parseState(stored.description, this.#layout));
    if (!memory) return null;
    for (const ref of this.#layout.references(memory)) {
      if (pages.has(ref)) continue;
      const layers = await this.#loadFrame(ref.pass, ref.frame, stored.load);
      if (!layers) return null;
      pages.put(ref, layers);
      await pages.trim();
    }
    return memory;
  }

  usage(): { bytes: number; states: number; pages: number; budgetBytes: number } | null {
    return this.#attempt(() => this.#cache.usage()) ?? null;
  }

  dispose(): void {
    if (this.#owns) this.#attempt(() => this.#cache.dispose());
  }

  /** Of one chunk each memory has a state of its own; the model's own memory has it under the chunk's key. */
  #nameOf(key: string): string {
    return this.#owns ? key : `${this.#session.graphs.memory.mode}:${key}`;
  }

  async #loadFrame(
    passKey: string,
    frame: number,
    load: (ref: StoredPage) => { k: Uint8Array; v: Uint8Array },
  ): Promise<Page[] | null> {
    const { graphs, device, info } = this.#session;
    const { dim } = graphs.config.dit;
    const dims = [geometryOf(graphs.config).tokens, dim];
    const upload = (bytes: Uint8Array): Promise<DeviceTensor> =>
      device.upload(decodeKv(bytes, dim, info.kvStorage), dims);
    return withTensors(async (scope) => {
      const made: Page[] = [];
      for (let layer = 0; layer < info.layers; layer++) {
        const bytes = this.#attempt(() => load({ passKey, frame, layer }));
        if (!bytes) return null;
        made.push({ k: scope.own(await upload(bytes.k)), v: scope.own(await upload(bytes.v)) });
      }
      for (const { k, v } of made) for (const tensor of [k, v]) scope.release(tensor);
      return made;
    });
  }

  get #layout(): StateLayout {
    return this.#session.graphs.memory.state;
  }

  #attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ThroughlineError)) throw error;
      if (!this.#complained)
        this.#notice(`The memory cache failed: ${error.message} Memory is rebuilt from the film instead.`);
      this.#complained = true;
      return undefined;
    }
  }
}

function parseState(description: string, { schema }: StateLayout): MemoryState {
  const parsed = schema.safeParse(JSON.parse(description));
  if (parsed.success) return parsed.data;
  throw new ThroughlineError('database', 'A stored memory state cannot be read.', 'Clear the cache.', {
    cause: parsed.error,
  });
}

function name({ passKey, frame, layer }: StoredPage): string {
  return `${passKey}:${frame}:${layer}`;
}
