import type { FrameRef } from '../memory/memory-state.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import type { Feed } from '../runtime/graph.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { PageStore } from './page-store.ts';
import type { PreparedPrompt } from './prompt.ts';

/** Candidates measured in one run. */
const pagesPerRun = 16;

/**
 * How strongly a prompt looks at a page, before the softmax is joined over all candidates. Prompts and pages never
 * change, so each pair is measured once: while a prompt lasts, a chunk measures only the newest prototype.
 */
export class CandidateMasses {
  readonly #device: Device;
  readonly #graphs: ModelGraphs;
  readonly #pages: PageStore;
  /** Gone with the prompt or the page. */
  readonly #known = new WeakMap<PreparedPrompt, WeakMap<DeviceTensor, Float32Array>>();

  constructor(device: Device, graphs: ModelGraphs, pages: PageStore) {
    this.#device = device;
    this.#graphs = graphs;
    this.#pages = pages;
  }

  /** @returns per candidate [heads*textLength], log sum_n exp(text . key_n / sqrt(headDim)); not to be written to */
  async of(prompt: PreparedPrompt, candidates: readonly FrameRef[], layer: number): Promise<Float32Array[]> {
    const known = this.#known.get(prompt) ?? new WeakMap<DeviceTensor, Float32Array>();
    this.#known.set(prompt, known);
    const keys = candidates.map((ref) => this.#pages.get(ref, layer).k);
    const missing = keys.filter((key) => !known.has(key));
    for (let from = 0; from < missing.length; from += pagesPerRun) {
      const group = missing.slice(from, from + pagesPerRun);
      for (const [i, mass] of (await this.#measure(prompt, group, layer)).entries()) {
        known.set(group[i] as DeviceTensor, mass);
      }
    }
    return keys.map((key) => known.get(key) as Float32Array);
  }

  async #measure(prompt: PreparedPrompt, keys: readonly DeviceTensor[], layer: number): Promise<Float32Array[]> {
    const graph = await this.#graphs.retrieve(keys.length);
    const feeds: Record<string, Feed> = { text_k: prompt.textK[layer] as DeviceTensor };
    for (const [i, key] of keys.entries()) feeds[`k.${i}`] = key;
    const { lse } = await graph.run(feeds, ['lse']);
    const values = await this.#device.download(lse);
    const size = values.length / keys.length;
    const masses = keys.map((_, i) => values.slice(i * size, (i + 1) * size));
    lse.dispose();
    return masses;
  }
}
