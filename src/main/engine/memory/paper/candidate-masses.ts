import type { MemoryFeed, MemoryHost, MemoryPrompt } from '../host.ts';
import type { FrameRef } from '../memory-state.ts';
import { buildRetrieveGraph } from './graphs.ts';
import { type RunPart, runParts, runSize } from './run-size.ts';

/**
 * Candidates measured in one run at most: the newest prototype alone, or many at once after a change of prompt. Two sizes,
 * because every size is a graph to be loaded; what a run has too many places for repeats its last candidate.
 */
export const mostAtOnce = 16;

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
    for (const [i, mass] of (await this.#measure(prompt, missing)).entries())
      known.set(page(missing[i] as FrameRef), mass);
    return candidates.map((ref) => known.get(page(ref)) as Float32Array);
  }

  /** @returns per frame [layers, heads, prompt.length] */
  async #measure(prompt: MemoryPrompt, refs: readonly FrameRef[]): Promise<Float32Array[]> {
    const { config, limits } = this.#host;
    const { heads, layers } = config.dit;
    const size = runSize(config, limits, refs.length === 1 ? 1 : mostAtOnce);
    const graph = {
      name: `retrieve-${size.layers}x${size.frames}`,
      weights: 'none' as const,
      build: buildRetrieveGraph.bind(null, size),
    };
    const words = heads * prompt.length;
    const masses = refs.map(() => new Float32Array(layers * words));
    for (const part of runParts(refs, layers, size)) {
      await this.#host.run(graph, textAndKeys(prompt, part, size.frames), 'lse', (values) => {
        for (const [i] of part.refs.entries()) {
          for (const [l, layer] of part.layers.slice(0, part.layersUsed).entries()) {
            const from = (l * size.frames + i) * words; // of [layers, frames, heads, words]
            masses[part.firstFrame + i]?.set(values.subarray(from, from + words), layer * words);
          }
        }
      });
    }
    return masses;
  }
}

/**
 * Feeds `words`, and `text_k.L` and `k.L.i` for every layer of a run.
 * @param places how many frames the graph takes; those past the last repeat it
 */
export function textAndKeys(
  prompt: MemoryPrompt,
  { layers, refs }: RunPart,
  places: number,
): Record<string, MemoryFeed> {
  const feeds: Record<string, MemoryFeed> = { words: { kind: 'ints', values: [prompt.length] } };
  for (const [l, layer] of layers.entries()) {
    feeds[`text_k.${l}`] = { kind: 'text-key', prompt, layer };
    for (let i = 0; i < places; i++) {
      feeds[`k.${l}.${i}`] = { kind: 'key', ref: refs[Math.min(i, refs.length - 1)] as FrameRef, layer };
    }
  }
  return feeds;
}
