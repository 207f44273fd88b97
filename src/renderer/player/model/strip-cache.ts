/** A chunk's frames, decoded: one below the other. */
export interface Strip {
  readonly width: number;
  readonly height: number;
  close(): void;
}

export interface StripCacheOptions<Picture extends Strip> {
  /** Fetches and decodes a chunk's frames. */
  readonly load: (key: string, signal: AbortSignal) => Promise<Picture>;
  /** Most bytes of decoded pictures kept. The chunk being shown is kept whatever its size. */
  readonly budgetBytes: number;
  readonly loadsAtOnce: number;
  /** A strip has arrived, or cannot be had. */
  readonly onChange: () => void;
}

const bytesPerPixel = 4;

type Entry<Picture> =
  | { readonly state: 'loading'; readonly abort: AbortController }
  | { readonly state: 'ready'; readonly picture: Picture }
  | { readonly state: 'failed' };

/** Decoded chunks around the playhead, within a budget. What is wanted first is loaded first and kept longest. */
export class StripCache<Picture extends Strip> {
  readonly #options: StripCacheOptions<Picture>;
  readonly #entries = new Map<string, Entry<Picture>>();
  #wanted: readonly string[] = [];
  #disposed = false;

  constructor(options: StripCacheOptions<Picture>) {
    this.#options = options;
  }

  get(key: string): Picture | null {
    const entry = this.#entries.get(key);
    return entry?.state === 'ready' ? entry.picture : null;
  }

  hasFailed(key: string): boolean {
    return this.#entries.get(key)?.state === 'failed';
  }

  /** Bytes of the pictures held now. */
  get bytes(): number {
    let sum = 0;
    for (const entry of this.#entries.values()) if (entry.state === 'ready') sum += sizeOf(entry.picture);
    return sum;
  }

  /** Says which chunks are needed, most urgent first; the rest may go, and loads of it are given up. */
  want(keys: readonly string[]): void {
    this.#wanted = [...new Set(keys)];
    const wanted = new Set(this.#wanted);
    for (const [key, entry] of this.#entries) {
      if (entry.state === 'loading' && !wanted.has(key)) {
        entry.abort.abort();
        this.#entries.delete(key);
      }
      // Whoever comes back to it later tries again.
      if (entry.state === 'failed' && !wanted.has(key)) this.#entries.delete(key);
    }
    this.#evict();
    this.#loadMore();
  }

  dispose(): void {
    this.#disposed = true;
    for (const entry of this.#entries.values()) {
      if (entry.state === 'ready') entry.picture.close();
      if (entry.state === 'loading') entry.abort.abort();
    }
    this.#entries.clear();
  }

  #loadMore(): void {
    let loading = [...this.#entries.values()].filter(({ state }) => state === 'loading').length;
    for (const [i, key] of this.#wanted.entries()) {
      if (loading >= this.#options.loadsAtOnce) return;
      if (this.#entries.has(key)) continue;
      if (i > 0 && this.#bytesOfWanted(i) >= this.#options.budgetBytes) return;
      void this.#load(key);
      loading++;
    }
  }

  async #load(key: string): Promise<void> {
    const abort = new AbortController();
    this.#entries.set(key, { state: 'loading', abort });
    try {
      const picture = await this.#options.load(key, abort.signal);
      if (this.#disposed || abort.signal.aborted) {
        picture.close();
        return;
      }
      this.#entries.set(key, { state: 'ready', picture });
    } catch {
      if (this.#disposed || abort.signal.aborted) return;
      this.#entries.set(key, { state: 'failed' });
    }
    this.#evict();
    this.#loadMore();
    this.#options.onChange();
  }

  /** Over budget, what nobody wants goes first, oldest first; then the least urgent. */
  #evict(): void {
    const urgency = new Map(this.#wanted.map((key, i) => [key, i]));
    const ready = [...this.#entries].filter(([, { state }]) => state === 'ready').map(([key]) => key);
    const order = [
      ...ready.filter((key) => !urgency.has(key)),
      ...ready
        .filter((key) => (urgency.get(key) ?? 0) > 0)
        .sort((a, b) => (urgency.get(b) ?? 0) - (urgency.get(a) ?? 0)),
    ];
    let { bytes } = this;
    for (const key of order) {
      if (bytes <= this.#options.budgetBytes) return;
      const picture = this.get(key);
      if (!picture) continue;
      bytes -= sizeOf(picture);
      picture.close();
      this.#entries.delete(key);
    }
  }

  /** Bytes of what is more urgent than the `count`th wanted chunk. */
  #bytesOfWanted(count: number): number {
    return this.#wanted.slice(0, count).reduce((sum, key) => {
      const picture = this.get(key);
      return sum + (picture ? sizeOf(picture) : 0);
    }, 0);
  }
}

function sizeOf({ width, height }: Strip): number {
  return width * height * bytesPerPixel;
}

/** Decoded chunks kept ready before and behind the playhead. */
const ahead = 8;
const behind = 2;

/**
 * The chunks a player needs, most urgent first: the one shown, those to come in its direction (round the loop), and a
 * few behind for stepping back.
 * @param keys of the cut, null where there is nothing to show
 * @param range chunk indices that play, first and last
 */
export function chunksWanted(
  keys: readonly (string | null)[],
  current: number,
  direction: 1 | -1,
  range: { readonly first: number; readonly last: number; readonly loop: boolean },
): string[] {
  const indices = [current];
  for (let i = 1; i <= ahead; i++) {
    const next = current + i * direction;
    const past = direction > 0 ? next - range.last : range.first - next;
    if (past <= 0) indices.push(next);
    else if (range.loop) indices.push(direction > 0 ? range.first + past - 1 : range.last - past + 1);
  }
  for (let i = 1; i <= behind; i++) indices.push(current - i * direction);
  return indices.map((index) => keys[index] ?? null).filter((key) => key !== null);
}
