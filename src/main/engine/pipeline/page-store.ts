import { ThroughlineError } from '../../../shared/errors.ts';
import type { FrameRef } from '../memory/memory-state.ts';
import type { PageBudget, PageTierBytes } from '../protocol.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { PageFile } from './page-file.ts';

/** One frame's K and V for one layer, [tokens, dim] each; immutable. */
export interface Page {
  readonly k: DeviceTensor;
  readonly v: DeviceTensor;
}

/** How pages leave the device and come back, bit for bit. */
export interface PageCodec {
  /** Takes the tensor's values; it stays the caller's. */
  pack(tensor: DeviceTensor): Promise<Uint8Array>;
  /** The caller owns the result. */
  unpack(bytes: Uint8Array): Promise<DeviceTensor>;
  /** Of one K or V of one layer. */
  readonly packedBytes: number;
  readonly layers: number;
}

export interface PageTiers {
  readonly codec: PageCodec;
  readonly budget: PageBudget;
  /** For what is beyond the budget. */
  readonly folder: string;
}

type Place =
  | { readonly tier: 'device'; readonly pages: readonly Page[] }
  /** K and V of every layer, packed, in turn. */
  | { readonly tier: 'host'; readonly parts: readonly Uint8Array[] }
  | { readonly tier: 'file'; readonly slot: number };

interface Entry {
  place: Place;
  /** Rises with every use: the least goes first. */
  used: number;
}

const key = ({ frame, pass }: FrameRef): string => `${pass}:${frame}`;

/**
 * The one owner of all pages, layer by layer. Without tiers all of them are on the device. With tiers, those not used for
 * longest leave it beyond its budget: for the process's memory, packed as they are stored, and beyond that for a file. Since
 * K/V are rounded to how they are stored when they are committed, they come back as they were.
 */
export class PageStore {
  readonly #frames = new Map<string, Entry>();
  readonly #tiers: PageTiers | null;
  readonly #file: PageFile | null;
  #clock = 0;

  constructor(tiers: PageTiers | null = null) {
    this.#tiers = tiers;
    this.#file = tiers && new PageFile(tiers.folder, 2 * tiers.codec.layers * tiers.codec.packedBytes);
  }

  has(ref: FrameRef): boolean {
    return this.#frames.has(key(ref));
  }

  /** Takes ownership of a frame's pages, one per layer. */
  put(ref: FrameRef, pages: readonly Page[]): void {
    if (this.#frames.has(key(ref))) {
      dispose(pages);
      return;
    }
    this.#frames.set(key(ref), { place: { tier: 'device', pages }, used: ++this.#clock });
  }

  /** The same object for as long as the frame is here, wherever its pages lie. */
  identity(ref: FrameRef): object {
    const entry = this.#frames.get(key(ref));
    if (!entry) throw gone(ref);
    return entry;
  }

  /** A page on the device: until pages are brought or trimmed again. Only what was {@link bring brought} is sure to be there. */
  get(ref: FrameRef, layer: number): Page {
    const place = this.#frames.get(key(ref))?.place;
    const page = place?.tier === 'device' ? place.pages[layer] : undefined;
    if (!page) throw gone(ref, layer);
    return page;
  }

  /** Puts the pages of these frames on the device, all at once; others make room. */
  async bring(refs: Iterable<FrameRef>): Promise<void> {
    if (!this.#tiers) return;
    const { codec } = this.#tiers;
    const wanted = new Set<Entry>();
    for (const ref of refs) {
      const entry = this.#frames.get(key(ref));
      if (!entry) throw gone(ref);
      entry.used = ++this.#clock;
      wanted.add(entry);
    }
    for (const entry of wanted) {
      if (entry.place.tier === 'device') continue;
      await this.#makeRoom(1, wanted);
      const parts = this.#packed(entry.place);
      const made: DeviceTensor[] = [];
      try {
        for (const part of parts) made.push(await codec.unpack(part));
      } catch (error) {
        for (const tensor of made) tensor.dispose();
        throw error;
      }
      this.#leave(entry.place);
      const pages = Array.from({ length: codec.layers }, (_, layer) => ({
        k: made[2 * layer] as DeviceTensor,
        v: made[2 * layer + 1] as DeviceTensor,
      }));
      entry.place = { tier: 'device', pages };
    }
    await this.#makeRoom(0, wanted);
  }

  /** Moves what is beyond the budget off the device. */
  async trim(): Promise<void> {
    if (this.#tiers) await this.#makeRoom(0, new Set());
  }

  /** Disposes everything that none of `needed` refers to. */
  keepOnly(needed: readonly FrameRef[]): void {
    const keep = new Set(needed.map(key));
    for (const [name, { place }] of this.#frames) {
      if (keep.has(name)) continue;
      this.#leave(place);
      this.#frames.delete(name);
    }
  }

  get bytes(): PageTierBytes {
    const bytes = { device: 0, host: 0, file: 0 };
    for (const { place } of this.#frames.values()) bytes[place.tier] += this.#bytesOf(place);
    return bytes;
  }

  dispose(): void {
    this.keepOnly([]);
    this.#file?.dispose();
  }

  /** @param coming frames that are about to come to the device */
  async #makeRoom(coming: number, wanted: ReadonlySet<Entry>): Promise<void> {
    const { budget, codec } = this.#tiers as PageTiers;
    const onDevice = this.#leastUsed('device', wanted);
    const frameBytes = this.#frameBytes();
    let bytes = this.bytes.device + coming * frameBytes;
    for (const entry of onDevice) {
      if (bytes <= budget.deviceBytes) break;
      const { pages } = entry.place as Extract<Place, { tier: 'device' }>;
      const parts: Uint8Array[] = [];
      for (const { k, v } of pages) parts.push(await codec.pack(k), await codec.pack(v));
      entry.place = { tier: 'host', parts };
      dispose(pages);
      bytes -= frameBytes;
    }
    const onHost = this.#leastUsed('host', wanted);
    let packed = onHost.reduce((sum, { place }) => sum + this.#bytesOf(place), 0);
    for (const entry of onHost) {
      if (packed <= budget.hostBytes) break;
      const { parts } = entry.place as Extract<Place, { tier: 'host' }>;
      packed -= this.#bytesOf(entry.place);
      entry.place = { tier: 'file', slot: (this.#file as PageFile).write(parts) };
    }
  }

  #leastUsed(tier: Place['tier'], wanted: ReadonlySet<Entry>): Entry[] {
    return [...this.#frames.values()]
      .filter((entry) => entry.place.tier === tier && !wanted.has(entry))
      .sort((a, b) => a.used - b.used);
  }

  #packed(place: Place): readonly Uint8Array[] {
    if (place.tier === 'host') return place.parts;
    const { codec } = this.#tiers as PageTiers;
    const sizes = Array.from({ length: 2 * codec.layers }, () => codec.packedBytes);
    return (this.#file as PageFile).read((place as Extract<Place, { tier: 'file' }>).slot, sizes);
  }

  #leave(place: Place): void {
    if (place.tier === 'device') dispose(place.pages);
    if (place.tier === 'file') this.#file?.free(place.slot);
  }

  /** Of a frame on the device: all of one model have the same. */
  #frameBytes(): number {
    const [some] = [...this.#frames.values()].filter(({ place }) => place.tier === 'device');
    return some ? this.#bytesOf(some.place) : 0;
  }

  #bytesOf(place: Place): number {
    switch (place.tier) {
      case 'device':
        return place.pages.reduce((sum, { k, v }) => sum + sizeBytes(k) + sizeBytes(v), 0);
      case 'host':
        return place.parts.reduce((sum, { length }) => sum + length, 0);
      case 'file': {
        const { codec } = this.#tiers as PageTiers;
        return 2 * codec.layers * codec.packedBytes;
      }
    }
  }
}

function sizeBytes({ dims }: DeviceTensor): number {
  return dims.reduce((product, n) => product * n, 1) * Float32Array.BYTES_PER_ELEMENT;
}

function gone({ frame, pass }: FrameRef, layer?: number): ThroughlineError {
  const where = layer === undefined ? `pass ${pass}` : `pass ${pass}, layer ${layer}`;
  return new ThroughlineError('internal', `The page of frame ${frame} (${where}) is gone.`);
}

function dispose(pages: readonly Page[]): void {
  for (const { k, v } of pages) {
    k.dispose();
    v.dispose();
  }
}
