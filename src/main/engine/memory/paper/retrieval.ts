import type { MemoryRecord } from '../../../../shared/memory-record.ts';
import { geometryOf, type ModelConfig } from '../../model/config.ts';
import type { MemoryHost, MemoryPrompt } from '../host.ts';
import type { FrameRef } from '../memory-state.ts';
import { topIndices } from '../policy.ts';
import { type CandidateMasses, textAndKeys } from './candidate-masses.ts';
import { buildAttributionGraph } from './graphs.ts';

/** Frames whose maps are kept with a chunk: so many times the bank's size. */
const mapsPerBankFrame = 2;

/** Scores for the policy, and where they come from. */
export interface Retrieval {
  /** [layers][candidates] */
  readonly scores: readonly (readonly number[])[];
  /** Per layer [candidates, heads, textLength]: share of each text token's mass that a frame won. */
  readonly shares: readonly Float64Array[];
}

/**
 * The paper's score, made precise: p = softmax of text . key / sqrt(d) jointly over the tokens of all candidates;
 * a frame's score is its mass, averaged over heads and real text tokens.
 * @param candidates the same for every layer
 */
export async function jointRetrieval(
  { config }: MemoryHost,
  masses: CandidateMasses,
  prompt: MemoryPrompt,
  candidates: readonly FrameRef[],
): Promise<Retrieval> {
  const { heads, layers } = config.dit;
  const { textLength } = config.text;
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

/**
 * pull[word][candidate]: the share of the word's attention that each candidate won, mean of layers, heads and the
 * word's tokens.
 */
export function wordPull(
  { dit: { heads }, text: { textLength } }: ModelConfig,
  { shares }: Retrieval,
  prompt: MemoryPrompt,
  candidates: number,
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
 * Where in the best candidates the prompt looked, as a record keeps it.
 * @param bankFrames b; so many times {@link mapsPerBankFrame} are shown
 */
export async function bestMaps(
  host: MemoryHost,
  prompt: MemoryPrompt,
  retrieval: Retrieval,
  refs: readonly FrameRef[],
  bankFrames: number,
): Promise<MemoryRecord['spatial']> {
  const { rows, columns } = geometryOf(host.config);
  const means = refs.map(
    (_, i) => retrieval.scores.reduce((sum, row) => sum + (row[i] as number), 0) / retrieval.scores.length,
  );
  const most = bankFrames * mapsPerBankFrame;
  const best = topIndices(means, most);
  const maps = await spatialMaps(host, prompt, retrieval, refs, best, most);
  return maps.map((values, i) => {
    const peak = Math.max(...values);
    const bytes = Uint8Array.from(values, (value) => Math.round((255 * value) / (peak || 1)));
    const { frame } = refs[best[i] as number] as FrameRef;
    return { frame, rows, columns, peak, map: Buffer.from(bytes).toString('base64') };
  });
}

/**
 * Per token of a frame, the share of the prompt's whole mass, mean of layers.
 * @param chosen indices into `candidates`
 * @param places how many the graph is made for, at least as many as chosen: every number of them is a graph to be loaded
 * @returns per chosen candidate [tokens], summing to its mean score
 */
async function spatialMaps(
  host: MemoryHost,
  prompt: MemoryPrompt,
  retrieval: Retrieval,
  candidates: readonly FrameRef[],
  chosen: readonly number[],
  places: number,
): Promise<Float64Array[]> {
  const { heads, layers } = host.config.dit;
  const { textLength } = host.config.text;
  const { tokens } = geometryOf(host.config);
  const sums = chosen.map(() => new Float64Array(tokens));
  if (chosen.length === 0) return sums;
  const refs = chosen.map((candidate) => candidates[candidate] as FrameRef);
  const feeds = textAndKeys(prompt, refs, layers, places);
  const words = prompt.length;
  feeds.words = { kind: 'ints', values: [words] };
  for (let layer = 0; layer < layers; layer++) {
    const share = retrieval.shares[layer] as Float64Array;
    const weight = new Float32Array(places * heads * words);
    for (const [i, candidate] of chosen.entries()) {
      for (let h = 0; h < heads; h++) {
        for (let t = 0; t < words; t++) {
          weight[(i * heads + h) * words + t] =
            (share[(candidate * heads + h) * textLength + t] as number) / (heads * words * layers);
        }
      }
    }
    feeds[`weight.${layer}`] = { kind: 'floats', values: weight, dims: [places, 1, heads * words] };
  }
  const graph = {
    name: `attribution-${places}`,
    weights: 'none' as const,
    build: buildAttributionGraph.bind(null, places),
  };
  return host.run(graph, feeds, 'maps', (values) => {
    for (let layer = 0; layer < layers; layer++) {
      for (const [i, sum] of sums.entries()) {
        const from = (layer * places + i) * tokens; // of [layers, places, tokens]
        for (let n = 0; n < tokens; n++) sum[n] = (sum[n] as number) + (values[from + n] as number);
      }
    }
    return sums;
  });
}
