import type { FrameRef } from '../memory/memory-state.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import type { Feed } from '../runtime/graph.ts';
import { withTensors } from '../runtime/tensor-scope.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { PageStore } from './page-store.ts';
import type { PreparedPrompt } from './prompt.ts';

/**
 * Candidates measured in one run: the newest prototype alone, or many at once after a change of prompt. Two sizes,
 * because every size is a graph to be loaded; what a run has too many places for repeats its last candidate.
 */
const manyAtOnce = 16;

/**
 * How strongly a prompt looks at a frame, before the softmax is joined over all candidates. Prompts and pages never
 * change, so each pair is measured once: while a prompt lasts, a chunk measures only the newest prototype.
 */
export class CandidateMasses {
  readonly #device: Device;
  readonly #graphs: ModelGraphs;
  readonly #pages: PageStore;
  /** By the first layer's key page; gone with the prompt or the page. */
  readonly #known = new WeakMap<PreparedPrompt, WeakMap<DeviceTensor, Float32Array>>();

  constructor(device: Device, graphs: ModelGraphs, pages: PageStore) {
    this.#device = device;
    this.#graphs = graphs;
    this.#pages = pages;
  }

  /** @returns per candidate [layers, heads, textLength], log sum_n exp(text . key_n / sqrt(headDim)); not to be written to */
  async of(prompt: PreparedPrompt, candidates: readonly FrameRef[]): Promise<Float32Array[]> {
    const known = this.#known.get(prompt) ?? new WeakMap<DeviceTensor, Float32Array>();
    this.#known.set(prompt, known);
    const page = (ref: FrameRef): DeviceTensor => this.#pages.get(ref, 0).k;
    const missing = candidates.filter((ref) => !known.has(page(ref)));
    for (let from = 0; from < missing.length; from += manyAtOnce) {
      const group = missing.slice(from, from + manyAtOnce);
      for (const [i, mass] of (await this.#measure(prompt, group)).entries()) {
        known.set(page(group[i] as FrameRef), mass);
      }
    }
    return candidates.map((ref) => known.get(page(ref)) as Float32Array);
  }

  async #measure(prompt: PreparedPrompt, refs: readonly FrameRef[]): Promise<Float32Array[]> {
    const { layers } = this.#graphs.config.dit;
    const places = refs.length === 1 ? 1 : manyAtOnce;
    const graph = await this.#graphs.retrieve(places);
    return withTensors(async (scope) => {
      const { lse } = scope.ownAll(await graph.run(textAndKeys(this.#pages, prompt, refs, layers, places), ['lse']));
      const values = await this.#device.download(lse); // [layers, places, heads, textLength]
      const size = values.length / layers / places;
      return refs.map((_, i) => {
        const mass = new Float32Array(layers * size);
        for (let layer = 0; layer < layers; layer++) {
          const from = (layer * places + i) * size;
          mass.set(values.subarray(from, from + size), layer * size);
        }
        return mass;
      });
    });
  }
}

/**
 * Feeds `text_k.L` and `k.L.i` for every layer.
 * @param places how many pages the graph takes; those past the last of `refs` repeat it
 */
export function textAndKeys(
  pages: PageStore,
  prompt: PreparedPrompt,
  refs: readonly FrameRef[],
  layers: number,
  places = refs.length,
): Record<string, Feed> {
  const feeds: Record<string, Feed> = {};
  for (let layer = 0; layer < layers; layer++) {
    feeds[`text_k.${layer}`] = prompt.textK[layer] as DeviceTensor;
    for (let i = 0; i < places; i++) {
      feeds[`k.${layer}.${i}`] = pages.get(refs[Math.min(i, refs.length - 1)] as FrameRef, layer).k;
    }
  }
  return feeds;
}
