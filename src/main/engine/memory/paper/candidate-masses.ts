import type { MemoryFeed, MemoryHost, MemoryPrompt } from '../host.ts';
import type { FrameRef } from '../memory-state.ts';
import { buildRetrieveGraph } from './graphs.ts';

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
  readonly #host: MemoryHost;
  /** Gone with the prompt or the page. */
  readonly #known = new WeakMap<MemoryPrompt, WeakMap<object, Float32Array>>();

  constructor(host: MemoryHost) {
    this.#host = host;
  }

  /** @returns per candidate [layers, heads, prompt.length], log sum_n exp(text . key_n / sqrt(headDim)); not to be written to */
  async of(prompt: MemoryPrompt, candidates: readonly FrameRef[]): Promise<Float32Array[]> {
    const known = this.#known.get(prompt) ?? new WeakMap<object, Float32Array>();
    this.#known.set(prompt, known);
    const page = (ref: FrameRef): object => this.#host.identityOf(ref);
    const missing = candidates.filter((ref) => !known.has(page(ref)));
    for (let from = 0; from < missing.length; from += manyAtOnce) {
      const group = missing.slice(from, from + manyAtOnce);
      for (const [i, mass] of (await this.#measure(prompt, group)).entries()) {
        known.set(page(group[i] as FrameRef), mass);
      }
    }
    return candidates.map((ref) => known.get(page(ref)) as Float32Array);
  }

  #measure(prompt: MemoryPrompt, refs: readonly FrameRef[]): Promise<Float32Array[]> {
    const { layers } = this.#host.config.dit;
    const places = refs.length === 1 ? 1 : manyAtOnce;
    const graph = {
      name: `retrieve-${places}`,
      weights: 'none' as const,
      build: buildRetrieveGraph.bind(null, places),
    };
    return this.#host.run(graph, textAndKeys(prompt, refs, layers, places), 'lse', (values) => {
      const size = values.length / layers / places; // of [layers, places, heads, words]
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
 * Feeds `words`, and `text_k.L` and `k.L.i` for every layer.
 * @param places how many pages the graph takes; those past the last of `refs` repeat it
 */
export function textAndKeys(
  prompt: MemoryPrompt,
  refs: readonly FrameRef[],
  layers: number,
  places: number,
): Record<string, MemoryFeed> {
  const feeds: Record<string, MemoryFeed> = { words: { kind: 'ints', values: [prompt.length] } };
  for (let layer = 0; layer < layers; layer++) {
    feeds[`text_k.${layer}`] = { kind: 'text-key', prompt, layer };
    for (let i = 0; i < places; i++) {
      feeds[`k.${layer}.${i}`] = { kind: 'key', ref: refs[Math.min(i, refs.length - 1)] as FrameRef, layer };
    }
  }
  return feeds;
}
