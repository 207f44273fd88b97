import { geometryOf } from '../../model/config.ts';
import type { MemoryFeed, MemoryHost, MemoryPrompt } from '../host.ts';
import type { FrameRef } from '../memory-state.ts';
import { buildMeanKeyGraph } from './graphs.ts';

/**
 * The published score: mean over heads of <mean text key, mean visual key> / sqrt(d).
 * @param candidates per layer; layers score other frames, but as many
 * @returns [layers][candidates]
 */
export async function meanKeyScores(
  host: MemoryHost,
  prompt: MemoryPrompt,
  candidates: readonly (readonly FrameRef[])[],
): Promise<number[][]> {
  const { heads, dim } = host.config.dit;
  const { headDim } = geometryOf(host.config);
  const count = candidates[0]?.length ?? 0;
  if (count === 0) return candidates.map(() => []);
  const feeds: Record<string, MemoryFeed> = {};
  for (const [layer, refs] of candidates.entries()) {
    for (const [i, ref] of refs.entries()) feeds[`k.${layer}.${i}`] = { kind: 'key', ref, layer };
  }
  const texts: Float64Array[] = [];
  for (const layer of candidates.keys()) texts.push(await meanTextKey(host, prompt, layer));
  const graph = { name: `mean-key-${count}`, weights: 'none' as const, build: buildMeanKeyGraph.bind(null, count) };
  return host.run(graph, feeds, 'mean', (keys) =>
    candidates.map((refs, layer) => {
      const text = texts[layer] as Float64Array;
      return refs.map((_, i) => {
        const key = keys.subarray((layer * count + i) * dim, (layer * count + i + 1) * dim); // of [layers, count, dim]
        return text.reduce((sum, value, j) => sum + value * (key[j] as number), 0) / heads / Math.sqrt(headDim);
      });
    }),
  );
}

/** Mean text key of a layer over all text positions, padding included, [heads*headDim]. */
async function meanTextKey(host: MemoryHost, prompt: MemoryPrompt, layer: number): Promise<Float64Array> {
  const { heads } = host.config.dit;
  const { textLength } = host.config.text;
  const { headDim } = geometryOf(host.config);
  const keys = await host.textKeys(prompt, layer); // [heads, textLength, headDim]
  const mean = new Float64Array(heads * headDim);
  for (let h = 0; h < heads; h++) {
    for (let t = 0; t < textLength; t++) {
      for (let i = 0; i < headDim; i++) {
        mean[h * headDim + i] =
          (mean[h * headDim + i] as number) + (keys[(h * textLength + t) * headDim + i] as number) / textLength;
      }
    }
  }
  return mean;
}
