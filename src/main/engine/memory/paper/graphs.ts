import { geometryOf, type ModelConfig } from '../../model/config.ts';
import { GraphBuilder, type Value } from '../../model/graph-builder.ts';
import { concatPages, outputLayers } from '../../model/page-graphs.ts';
import type { RunSize } from './run-size.ts';

/**
 * How strongly a prompt looks at each candidate frame, before the softmax is joined over all of them; all layers of a
 * run at once. In, per layer L of them: `text_k.L` [1, heads, textLength, headDim]; `k.L.i` [tokens, dim], un-roped; and `words` [1], how many
 * text tokens are real: of padding nothing is wanted, and it is most of the positions, and of the time.
 * Out: `lse` [layers, pages, heads, words] = log sum_n exp(text . key_n / sqrt(headDim)).
 */
export function buildRetrieveGraph({ layers, frames: pages }: RunSize, config: ModelConfig): Uint8Array {
  const { heads } = config.dit;
  const g = new GraphBuilder('retrieve');
  const words = g.input('words', 'int64', [1]);
  const perLayer = Array.from({ length: layers }, (_, layer) =>
    g.op('ReduceLogSumExp', [textLogits(g, config, layer, pages, words), g.ints([3])], { keepdims: 0 }),
  );
  outputLayers(g, 'lse', perLayer, [pages, heads, 'words']);
  return g.build();
}

/**
 * Where in each frame a prompt looks; all layers of a run at once.
 * In, per layer L of them: `text_k.L`, `k.L.i` and `words` as above; `weight.L` [pages, 1, heads*words], each word's share that the frame
 * won. Out: `maps` [layers, pages, tokens], each summing to the sum of its weights.
 */
export function buildAttributionGraph({ layers, frames: pages }: RunSize, config: ModelConfig): Uint8Array {
  const { tokens } = geometryOf(config);
  const g = new GraphBuilder('attribution');
  const words = g.input('words', 'int64', [1]);
  const perLayer = Array.from({ length: layers }, (_, layer) => {
    const attention = g.op('Softmax', [textLogits(g, config, layer, pages, words)], { axis: -1 });
    const rows = g.op('Reshape', [attention, g.ints([pages, -1, tokens])]);
    const weight = g.input(`weight.${layer}`, 'float32', [pages, 1, 'heads_words']);
    // A product sums over heads and words: a reduction over the middle axes takes several times as long on the CPU.
    return g.op('Reshape', [g.op('MatMul', [weight, rows]), g.ints([pages, tokens])]);
  });
  outputLayers(g, 'maps', perLayer, [pages, tokens]);
  return g.build();
}

/** [pages, heads, words, tokens] of one layer; adds its inputs. */
function textLogits(g: GraphBuilder, config: ModelConfig, layer: number, pages: number, words: Value): Value {
  const { dim, heads } = config.dit;
  const { headDim, tokens } = geometryOf(config);
  const textKeys = g.input(`text_k.${layer}`, 'float32', [1, heads, config.text.textLength, headDim]);
  const keys = concatPages(g, `k.${layer}`, pages, tokens, dim);
  const wanted = g.op('Slice', [textKeys, g.ints([0]), words, g.ints([2])]);
  const scaled = g.op('Mul', [wanted, g.floats([1 / Math.sqrt(headDim)])]);
  const perFrame = g.op('Reshape', [keys, g.ints([pages, tokens, heads, headDim])]);
  return g.op('MatMul', [scaled, g.op('Transpose', [perFrame], { perm: [0, 2, 3, 1] })]);
}
