import type { MemoryRecord } from '../../../../shared/memory-record.ts';
import { geometryOf, type ModelConfig } from '../../model/config.ts';
import type { MemoryHost, MemoryPrompt } from '../host.ts';
import type { FrameRef } from '../memory-state.ts';
import { topIndices } from '../policy.ts';
import { type CandidateMasses, textAndKeys } from './candidate-masses.ts';
import { buildAttributionGraph } from './graphs.ts';
import { runParts, runSize } from './run-size.ts';

/** Frames whose maps are kept with a chunk: so many times the bank's size. */
export const mapsPerBankFrame = 2;

/** Scores for the policy, and where they come from. */
export interface Retrieval {
  /** [layers][candidates] */
  readonly scores: readonly (readonly number[])[];
  /** Per layer [candidates, heads, words]: share of each real text token's mass that a frame won. */
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
  const size = heads * prompt.length;
  const measured = await masses.of(prompt, candidates);
  const shares = Array.from({ length: layers }, (_, layer) => jointSoftmax(measured, layer * size, size));
  const scores = shares.map((share) =>
    candidates.map((_, i) => {
      let sum = 0;
      for (let at = i * size; at < (i + 1) * size; at++) sum += share[at] as number;
      return sum / size;
    }),
  );
  return { scores, shares };
}

/**
 * Softmax over the candidates, for each of `size` places by itself. Candidate by candidate, so that memory is read in its order.
 * @param masses per candidate; from `from` on [size] log masses
 * @returns [candidates, size]
 */
function jointSoftmax(masses: readonly Float32Array[], from: number, size: number): Float64Array {
  const peaks = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  for (const mass of masses)
    for (let at = 0; at < size; at++) peaks[at] = Math.max(peaks[at] as number, mass[from + at] as number);
  const shares = new Float64Array(masses.length * size);
  const totals = new Float64Array(size);
  for (const [i, mass] of masses.entries()) {
    for (let at = 0; at < size; at++) {
      const weight = Math.exp((mass[from + at] as number) - (peaks[at] as number));
      shares[i * size + at] = weight;
      totals[at] = (totals[at] as number) + weight;
    }
  }
  for (let i = 0; i < masses.length; i++)
    for (let at = 0; at < size; at++)
      shares[i * size + at] = (shares[i * size + at] as number) / (totals[at] as number);
  return shares;
}

/**
 * pull[word][candidate]: the share of the word's attention that each candidate won, mean of layers, heads and the
 * word's tokens.
 */
export function wordPull(
  { dit: { heads } }: ModelConfig,
  { shares }: Retrieval,
  prompt: MemoryPrompt,
  candidates: number,
): number[][] {
  return prompt.words.map(({ tokens }) => {
    const sums = new Array<number>(candidates).fill(0);
    for (const layer of shares) {
      for (let row = 0; row < candidates * heads; row++) {
        const candidate = Math.floor(row / heads);
        for (const token of tokens)
          sums[candidate] = (sums[candidate] as number) + (layer[row * prompt.length + token] as number);
      }
    }
    return sums.map((sum) => sum / (shares.length * heads * Math.max(1, tokens.length)));
  });
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
 * @param most as many are chosen at most: every size of runs is a graph to be loaded
 * @returns per chosen candidate [tokens], summing to its mean score
 */
async function spatialMaps(
  host: MemoryHost,
  prompt: MemoryPrompt,
  retrieval: Retrieval,
  candidates: readonly FrameRef[],
  chosen: readonly number[],
  most: number,
): Promise<Float64Array[]> {
  const { heads, layers } = host.config.dit;
  const { tokens } = geometryOf(host.config);
  const sums = chosen.map(() => new Float64Array(tokens));
  if (chosen.length === 0) return sums;
  const refs = chosen.map((candidate) => candidates[candidate] as FrameRef);
  const size = runSize(host.config, host.limits, most);
  const graph = {
    name: `attribution-${size.layers}x${size.frames}`,
    weights: 'none' as const,
    build: buildAttributionGraph.bind(null, size),
  };
  const width = heads * prompt.length;
  for (const part of runParts(refs, layers, size)) {
    const feeds = textAndKeys(prompt, part, size.frames);
    const used = part.layers.slice(0, part.layersUsed);
    for (const [l, layer] of part.layers.entries()) {
      const share = retrieval.shares[layer] as Float64Array;
      const weight = new Float32Array(size.frames * width);
      for (const [i] of part.refs.entries()) {
        const candidate = chosen[part.firstFrame + i] as number;
        for (let at = 0; at < width; at++)
          weight[i * width + at] = (share[candidate * width + at] as number) / (width * layers);
      }
      feeds[`weight.${l}`] = { kind: 'floats', values: weight, dims: [size.frames, 1, width] };
    }
    await host.run(graph, feeds, 'maps', (values) => {
      for (const [l] of used.entries()) {
        for (const [i] of part.refs.entries()) {
          const from = (l * size.frames + i) * tokens; // of [layers, frames, tokens]
          const sum = sums[part.firstFrame + i] as Float64Array;
          for (let n = 0; n < tokens; n++) sum[n] = (sum[n] as number) + (values[from + n] as number);
        }
      }
    });
  }
  return sums;
}
