import type { FrameRef } from '../memory/memory-state.ts';
import { geometryOf } from '../model/config.ts';
import type { Device } from '../runtime/device.ts';
import type { DeviceTensor } from '../runtime/device-tensor.ts';
import { type Feed, hostFloats } from '../runtime/graph.ts';
import type { CandidateMasses } from './candidate-masses.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { PageStore } from './page-store.ts';
import { meanTextKey, type PreparedPrompt } from './prompt.ts';

/** What was found: scores for the policy, and where they come from. */
export interface Retrieval {
  /** [layers][candidates] */
  readonly scores: readonly (readonly number[])[];
  /** [layers][candidate][heads*textLength]: share of each text token's mass that a frame won; empty where not known. */
  readonly shares: readonly (readonly Float64Array[])[];
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
  const scores: number[][] = [];
  const shares: Float64Array[][] = [];
  for (let layer = 0; layer < layers; layer++) {
    const share = jointSoftmax(await masses.of(prompt, candidates, layer), heads, textLength, prompt.length);
    shares.push(share);
    scores.push(share.map((values) => values.reduce((sum, w) => sum + w, 0) / (heads * prompt.length)));
  }
  return { scores, shares };
}

/** @param lse per candidate [heads*textLength]; of each head's tokens the first `tokens` are real, the others get 0 */
function jointSoftmax(lse: readonly Float32Array[], heads: number, textLength: number, tokens: number): Float64Array[] {
  const shares = lse.map(() => new Float64Array(heads * textLength));
  for (let h = 0; h < heads; h++) {
    for (let at = h * textLength; at < h * textLength + tokens; at++) {
      let peak = Number.NEGATIVE_INFINITY;
      for (const values of lse) peak = Math.max(peak, values[at] as number);
      let total = 0;
      for (let i = 0; i < lse.length; i++) {
        const weight = Math.exp(((lse[i] as Float32Array)[at] as number) - peak);
        (shares[i] as Float64Array)[at] = weight;
        total += weight;
      }
      for (const share of shares) share[at] = (share[at] as number) / total;
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
  const { heads } = graphs.config.dit;
  const { headDim } = geometryOf(graphs.config);
  const meanKey = await graphs.meanKey();
  const scores: number[][] = [];
  for (const [layer, refs] of candidates.entries()) {
    const text = refs.length > 0 ? await meanTextKey(device, graphs, prompt, layer) : new Float64Array(0);
    const row: number[] = [];
    for (const ref of refs) {
      const { mean } = await meanKey.run({ 'k.0': pages.get(ref, layer).k }, ['mean']);
      const key = await device.download(mean);
      row.push(text.reduce((sum, value, i) => sum + value * (key[i] as number), 0) / heads / Math.sqrt(headDim));
      mean.dispose();
    }
    scores.push(row);
  }
  return { scores, shares: [] };
}

/**
 * pull[word][candidate]: the share of the word's attention that each candidate won, mean of layers, heads and the
 * word's tokens.
 */
export function wordPull({ shares }: Retrieval, prompt: PreparedPrompt, heads: number, textLength: number): number[][] {
  return prompt.words.map(({ tokens }) =>
    (shares[0] ?? []).map((_, candidate) => {
      let sum = 0;
      for (const layer of shares) {
        for (let h = 0; h < heads; h++) {
          for (const t of tokens) sum += layer[candidate]?.[h * textLength + t] ?? 0;
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
): Promise<Float64Array[]> {
  const { heads, layers } = graphs.config.dit;
  const { textLength } = graphs.config.text;
  const { tokens } = geometryOf(graphs.config);
  const sums = chosen.map(() => new Float64Array(tokens));
  if (chosen.length === 0) return sums;
  const graph = await graphs.attribution(chosen.length);
  const size = heads * textLength;
  for (let layer = 0; layer < layers; layer++) {
    const weight = new Float32Array(chosen.length * size);
    const feeds: Record<string, Feed> = { text_k: prompt.textK[layer] as DeviceTensor };
    for (const [i, candidate] of chosen.entries()) {
      const share = retrieval.shares[layer]?.[candidate] as Float64Array;
      for (let j = 0; j < size; j++) weight[i * size + j] = (share[j] as number) / (heads * prompt.length * layers);
      feeds[`k.${i}`] = pages.get(candidates[candidate] as FrameRef, layer).k;
    }
    const { maps } = await graph.run({ ...feeds, weight: hostFloats(weight, [chosen.length, heads, textLength]) }, [
      'maps',
    ]);
    const values = await device.download(maps);
    for (const [i, sum] of sums.entries()) {
      for (let n = 0; n < tokens; n++) sum[n] = (sum[n] as number) + (values[i * tokens + n] as number);
    }
    maps.dispose();
  }
  return sums;
}
