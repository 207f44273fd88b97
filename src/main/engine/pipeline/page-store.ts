import { ThroughlineError } from '../../../shared/errors.ts';
import type { FrameRef } from '../memory/memory-state.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';

/** One frame's K and V for one layer, [tokens, dim] each; immutable. */
export interface Page {
  readonly k: DeviceTensor;
  readonly v: DeviceTensor;
}

const key = ({ frame, pass }: FrameRef): string => `${pass}:${frame}`;

/** The one owner of all pages on the device, layer by layer. */
export class PageStore {
  readonly #frames = new Map<string, readonly Page[]>();

  has(ref: FrameRef): boolean {
    return this.#frames.has(key(ref));
  }

  /** Takes ownership of a frame's pages, one per layer. */
  put(ref: FrameRef, pages: readonly Page[]): void {
    if (this.#frames.has(key(ref))) {
      dispose(pages);
      return;
    }
    this.#frames.set(key(ref), pages);
  }

  get(ref: FrameRef, layer: number): Page {
    const page = this.#frames.get(key(ref))?.[layer];
    if (!page)
      throw new ThroughlineError(
        'internal',
        `The page of frame ${ref.frame} (pass ${ref.pass}, layer ${layer}) is gone.`,
      );
    return page;
  }

  /** Disposes everything that none of `needed` refers to. */
  keepOnly(needed: readonly FrameRef[]): void {
    const keep = new Set(needed.map(key));
    for (const [name, pages] of this.#frames) {
      if (keep.has(name)) continue;
      dispose(pages);
      this.#frames.delete(name);
    }
  }

  dispose(): void {
    this.keepOnly([]);
  }
}

function dispose(pages: readonly Page[]): void {
  for (const { k, v } of pages) {
    k.dispose();
    v.dispose();
  }
}
