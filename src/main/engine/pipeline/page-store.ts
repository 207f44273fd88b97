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
  /** Takes the tensor's values into memory of their own; it stays the caller's. */
  pack(tensor: DeviceTensor): Promise<Uint8Array>;
  /** The caller owns the result; the bytes are not needed afterwards. */
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
  | { readonly tier: 'device'; readonly page: Page }
  /** K and V, packed. */
  | { readonly tier: 'host'; readonly parts: readonly Uint8Array[] }
  | { readonly tier: 'file'; readonly slot: number };

/** One layer's page of a frame. */
interface Entry {
  place: Place;
  /** Rises with every use: the least goes first. */
  used: number;
}
/** A frame's pages, one per layer. */
type Frame = readonly Entry[];

/** A frame's pages, or that of one layer where it is named. */
export interface PageRef extends FrameRef {
  readonly layer?: number;
}

const key = ({ frame, pass }: FrameRef): string => `${pass}:${frame}`;

/**
 * The one owner of all pages, layer by layer. Without tiers all of them are on the device. With tiers, those not used for
 * longest leave it beyond its budget: for the process's memory, packed as they are stored, and beyond that for a file. Since
 * K/V are rounded to how they are stored when they are committed, they come back as they were. Every page goes its own way:
 * layers recall different frames, and all layers of every frame that one of them recalls would be nearly all there is.
 */
export class PageStore {
  readonly #frames = new Map<string, Frame>();
  readonly #tiers: PageTiers | null;
  readonly #file: PageFile | null;
  #clock = 0;

  constructor(tiers: PageTiers | null = null) {
    this.#tiers = tiers;
    this.#file = tiers && new PageFile(tiers.folder, 2 * tiers.codec.packedBytes);
  }

  /** What pages may take on the device; null where all of them stay there. */
  get deviceBytes(): number | null {
    return this.#tiers?.budget.deviceBytes ?? null;
  }

  has(ref: FrameRef): boolean {
    return this.#frames.has(key(ref));
  }

  /** Takes ownership of a frame's pages, one per layer. */
  put(ref: FrameRef, pages: readonly Page[]): void {
    if (this.#frames.has(key(ref))) {
      for (const page of pages) dispose(page);
      return;
    }
    const used = ++this.#clock;
    this.#frames.set(
      key(ref),
      pages.map((page) => ({ place: { tier: 'device', page }, used })),
    );
  }

  /** The same object for as long as the frame is here, wherever its pages lie. */
  identity(ref: FrameRef): object {
    return this.#frame(ref);
  }

  /** A page on the device: until pages are brought or trimmed again. Only what was {@link bring brought} is sure to be there. */
  get(ref: FrameRef, layer: number): Page {
    const place = this.#frames.get(key(ref))?.[layer]?.place;
    if (place?.tier !== 'device') throw gone(ref, layer);
    return place.page;
  }

  /** Puts these pages on the device, all at once; others make room. */
  async bring(refs: Iterable<PageRef>): Promise<void> {
    if (!this.#tiers) return;
    const { codec } = this.#tiers;
    const wanted = new Set<Entry>();
    for (const ref of refs) {
      const frame = this.#frame(ref);
      const entries = ref.layer === undefined ? frame : frame.slice(ref.layer, ref.layer + 1);
      for (const entry of entries) {
        entry.used = ++this.#clock;
        wanted.add(entry);
      }
    }
    const coming = [...wanted].filter(({ place }) => place.tier !== 'device');
    await this.#makeRoom(coming.length, wanted);
    for (const entry of coming) {
      const parts = this.#packed(entry.place);
      const made: DeviceTensor[] = [];
      try {
        for (const part of parts) made.push(await codec.unpack(part));
      } catch (error) {
        for (const tensor of made) tensor.dispose();
        throw error;
      }
      this.#leave(entry.place);
      free(parts);
      const [k, v] = made as [DeviceTensor, DeviceTensor];
      entry.place = { tier: 'device', page: { k, v } };
    }
    if (coming.length > 0) await this.#makeRoom(0, wanted);
  }

  /** Moves what is beyond the budget off the device. */
  async trim(): Promise<void> {
    if (this.#tiers) await this.#makeRoom(0, new Set());
  }

  /** Disposes everything that none of `needed` refers to. */
  keepOnly(needed: readonly FrameRef[]): void {
    const keep = new Set(needed.map(key));
    for (const [name, frame] of this.#frames) {
      if (keep.has(name)) continue;
      for (const { place } of frame) this.#leave(place);
      this.#frames.delete(name);
    }
  }

  get bytes(): PageTierBytes {
    const bytes = { device: 0, host: 0, file: 0 };
    for (const { place } of this.#entries()) bytes[place.tier] += this.#bytesOf(place);
    return bytes;
  }

  dispose(): void {
    this.keepOnly([]);
    this.#file?.dispose();
  }

  /** @param coming pages that are about to come to the device */
  async #makeRoom(coming: number, wanted: ReadonlySet<Entry>): Promise<void> {
    const { budget, codec } = this.#tiers as PageTiers;
    let bytes = this.bytes.device + coming * this.#pageBytes();
    for (const entry of this.#leastUsed('device', wanted)) {
      if (bytes <= budget.deviceBytes) break;
      const { page } = entry.place as Extract<Place, { tier: 'device' }>;
      bytes -= this.#bytesOf(entry.place);
      entry.place = { tier: 'host', parts: [await codec.pack(page.k), await codec.pack(page.v)] };
      dispose(page);
    }
    const onHost = this.#leastUsed('host', wanted);
    let packed = onHost.reduce((sum, { place }) => sum + this.#bytesOf(place), 0);
    for (const entry of onHost) {
      if (packed <= budget.hostBytes) break;
      const { parts } = entry.place as Extract<Place, { tier: 'host' }>;
      packed -= this.#bytesOf(entry.place);
      entry.place = { tier: 'file', slot: (this.#file as PageFile).write(parts) };
      free(parts);
    }
  }

  #frame(ref: FrameRef): Frame {
    const frame = this.#frames.get(key(ref));
    if (!frame) throw gone(ref);
    return frame;
  }

  #entries(): Entry[] {
    return [...this.#frames.values()].flat();
  }

  #leastUsed(tier: Place['tier'], wanted: ReadonlySet<Entry>): Entry[] {
    return this.#entries()
      .filter((entry) => entry.place.tier === tier && !wanted.has(entry))
      .sort((a, b) => a.used - b.used);
  }

  #packed(place: Place): readonly Uint8Array[] {
    if (place.tier === 'host') return place.parts;
    const { packedBytes } = (this.#tiers as PageTiers).codec;
    return (this.#file as PageFile).read((place as Extract<Place, { tier: 'file' }>).slot, [packedBytes, packedBytes]);
  }

  #leave(place: Place): void {
    if (place.tier === 'device') dispose(place.page);
    if (place.tier === 'file') this.#file?.free(place.slot);
  }

  /** Of a page on the device: all of one model have the same. */
  #pageBytes(): number {
    const some = this.#entries().find(({ place }) => place.tier === 'device');
    return some ? this.#bytesOf(some.place) : 0;
  }

  #bytesOf(place: Place): number {
    switch (place.tier) {
      case 'device':
        return sizeBytes(place.page.k) + sizeBytes(place.page.v);
      case 'host':
        return place.parts.reduce((sum, { length }) => sum + length, 0);
      case 'file':
        return 2 * (this.#tiers as PageTiers).codec.packedBytes;
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

function dispose({ k, v }: Page): void {
  k.dispose();
  v.dispose();
}

/** At once: until they are collected, as much again would lie in memory as goes back and forth in some chunks. */
function free(parts: readonly Uint8Array[]): void {
  for (const { buffer } of parts) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
