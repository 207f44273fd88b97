import type { FrameRef } from '../memory/memory-state.ts';
import { geometryOf } from '../model/config.ts';
import type { Device } from '../runtime/device.ts';
import { type Feed, hostFloats } from '../runtime/graph.ts';
import { withTensors } from '../runtime/tensor-scope.ts';
import { type CandidateMasses, textAndKeys } from './candidate-masses.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { PageStore } from './page-store.ts';
import { meanTextKey, type PreparedPrompt } from './prompt.ts';

/** What was found: scores for the policy, and where they come from. */
export interface Retrieval {
  /** [layers][candidates] */
  readonly scores: readonly (readonly number[])[];
  /** Per layer [candidates, heads, textLength]: share of each text token's mass that a frame won; empty where not known. */
  readonly shares: readonly Float64Array[];
}

/**
 * The paper's score, made precise: p = softmax of text . key / sqrt(d) jointly over the tokens of all candidates;
 * a frame's score is its mass, averaged over heads and real text tokens.
 * @param candidates the same for every layer
 */
export async function paperRetrieval(
  graphs: ModelGraphs,
  masses: CandidateMasses,
  prompt: PreparedPrompt,
  candidates: readonly FrameRef[],
): Promise<Retrieval> {
  const { heads, layers } = graphs.config.dit;
  const { textLength } = graphs.config.text;
  const measured = await masses.of(prompt, candidates);
  const shares = Array.from({ length: layers }, (_, layer) =>
    jointSoftmax(measured, layer * heads * textLength, heads, textLength, prompt.length),
  );
  const size = heads * textLength;
  const scores = shares.map((share) =>
    candidates.map((_, i) => {
      let sum = 0;
      for (let at = i * size; at < (i + 1) * size; at++) sum += share[at] as number;
      return sum / (heads * prompt.length);
    }),
  );
  return { scores, shares };
}

/**
 * @param masses per candidate; from `from` on [heads, textLength] of log masses
 * @param tokens of each head's so many are real, the others get 0
 * @returns [candidates, heads, textLength]
 */
function jointSoftmax(
  masses: readonly Float32Array[],
  from: number,
  heads: number,
  textLength: number,
  tokens: number,
): Float64Array {
  const size = heads * textLength;
  const shares = new Float64Array(masses.length * size);
  for (let h = 0; h < heads; h++) {
    for (let at = h * textLength; at < h * textLength + tokens; at++) {
      let peak = Number.NEGATIVE_INFINITY;
      for (const mass of masses) peak = Math.max(peak, mass[from + at] as number);
      let total = 0;
      for (let i = 0; i < masses.length; i++) {
        const weight = Math.exp(((masses[i] as Float32Array)[from + at] as number) - peak);
        shares[i * size + at] = weight;
        total += weight;
      }
      for (let i = at; i < shares.length; i += size) shares[i] = (shares[i] as number) / total;
    }
  }
  return shares;
}

/** The published score: mean over heads of <mean text key, mean visual key> / sqrt(d). */
export async function releasedRetrieval(
  device: Device,
  graphs: ModelGraphs,
  pages: PageStore,
  prompt: PreparedPrompt,
  candidates: readonly (readonly FrameRef[])[],
): Promise<Retrieval> {
  const { heads, dim } = graphs.config.dit;
  const { headDim } = geometryOf(graphs.config);
  const count = candidates[0]?.length ?? 0; // layers score other frames, but as many
  if (count === 0) return { scores: candidates.map(() => []), shares: [] };
  const graph = await graphs.meanKey(count);
  const feeds: Record<string, Feed> = {};
  for (const [layer, refs] of candidates.entries()) {
    for (const [i, ref] of refs.entries()) feeds[`k.${layer}.${i}`] = pages.get(ref, layer).k;
  }
  return withTensors(async (scope) => {
    const { mean } = scope.ownAll(await graph.run(feeds, ['mean']));
    const keys = await device.download(mean); // [layers, count, dim]
    const scores: number[][] = [];
    for (const [layer, refs] of candidates.entries()) {
      const text = await meanTextKey(device, graphs, prompt, layer);
      scores.push(
        refs.map((_, i) => {
          const key = keys.subarray((layer * count + i) * dim, (layer * count + i + 1) * dim);
          return text.reduce((sum, value, j) => sum + value * (key[j] as number), 0) / heads / Math.sqrt(headDim);
        }),
      );
    }
    return { scores, shares: [] };
  });
}

/**
 * pull[word][candidate]: the share of the word's attention that each candidate won, mean of layers, heads and the
 * word's tokens.
 */
export function wordPull(
  { shares }: Retrieval,
  prompt: PreparedPrompt,
  candidates: number,
  heads: number,
  textLength: number,
): number[][] {
  return prompt.words.map(({ tokens }) =>
    Array.from({ length: candidates }, (_, candidate) => {
      let sum = 0;
      for (const layer of shares) {
        for (let h = 0; h < heads; h++) {
          for (const t of tokens) sum += layer[(candidate * heads + h) * textLength + t] as number;
        }
      }
      return sum / (shares.length * heads * Math.max(1, tokens.length));
    }),
  );
}

/**
 * Where in some candidates the prompt looked: per token of the frame, the share of the prompt's whole mass, mean of
 * layers.
 * @param chosen indices into `candidates`
 * @param places how many the graph is made for, at least as many as chosen: every number of them is a graph to be loaded
 * @returns per chosen candidate [tokens], summing to its mean score
 */
export async function spatialMaps(
  device: Device,
  graphs: ModelGraphs,
  pages: PageStore,
  prompt: PreparedPrompt,
  retrieval: Retrieval,
  candidates: readonly FrameRef[],
  chosen: readonly number[],
  places: number,
): Promise<Float64Array[]> {
  const { heads, layers } = graphs.config.dit;
  const { textLength } = graphs.config.text;
  const { tokens } = geometryOf(graphs.config);
  const sums = chosen.map(() => new Float64Array(tokens));
  if (chosen.length === 0) return sums;
  const graph = await graphs.attribution(places);
  const refs = chosen.map((candidate) => candidates[candidate] as FrameRef);
  const feeds = textAndKeys(pages, prompt, refs, layers, places);
  const size = heads * textLength;
  for (let layer = 0; layer < layers; layer++) {
    const share = retrieval.shares[layer] as Float64Array;
    const weight = new Float32Array(places * size);
    for (const [i, candidate] of chosen.entries()) {
      for (let j = 0; j < size; j++) {
        weight[i * size + j] = (share[candidate * size + j] as number) / (heads * prompt.length * layers);
      }
    }
    feeds[`weight.${layer}`] = hostFloats(weight, [places, heads, textLength, 1]);
  }
  return withTensors(async (scope) => {
    const { maps } = scope.ownAll(await graph.run(feeds, ['maps']));
    const values = await device.download(maps); // [layers, places, tokens]
    for (let layer = 0; layer < layers; layer++) {
      for (const [i, sum] of sums.entries()) {
        const from = (layer * places + i) * tokens;
        for (let n = 0; n < tokens; n++) sum[n] = (sum[n] as number) + (values[from + n] as number);
      }
    }
    return sums;
  });
}
