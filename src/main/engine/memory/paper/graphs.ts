import { geometryOf, type ModelConfig } from '../../model/config.ts';
import { GraphBuilder, type Value } from '../../model/graph-builder.ts';
import { concatPages, outputLayers } from '../../model/page-graphs.ts';

/**
 * How strongly a prompt looks at each candidate frame, before the softmax is joined over all of them; all layers in one
 * run. In, per layer L: `text_k.L` [1, heads, textLength, headDim]; `k.L.i` [tokens, dim], un-roped.
 * Out: `lse` [layers, pages, heads, textLength] = log sum_n exp(text . key_n / sqrt(headDim)).
 */
export function buildRetrieveGraph(pages: number, config: ModelConfig): Uint8Array {
  const { heads, layers } = config.dit;
  const g = new GraphBuilder('retrieve');
  const perLayer = Array.from({ length: layers }, (_, layer) =>
    g.op('ReduceLogSumExp', [textLogits(g, config, layer, pages), g.ints([3])], { keepdims: 0 }),
  );
  outputLayers(g, 'lse', perLayer, [pages, heads, config.text.textLength]);
  return g.build();
}

/**
 * Where in each frame a prompt looks; all layers in one run.
 * In, per layer L: `text_k.L`, `k.L.i` as above; `weight.L` [pages, heads, textLength, 1], each word's share that the frame
 * won (zero for padding). Out: `maps` [layers, pages, tokens], each summing to the sum of its weights.
 */
export function buildAttributionGraph(pages: number, config: ModelConfig): Uint8Array {
  const { heads, layers } = config.dit;
  const g = new GraphBuilder('attribution');
  const perLayer = Array.from({ length: layers }, (_, layer) => {
    const attention = g.op('Softmax', [textLogits(g, config, layer, pages)], { axis: -1 });
    const weight = g.input(`weight.${layer}`, 'float32', [pages, heads, config.text.textLength, 1]);
    return g.op('ReduceSum', [g.op('Mul', [attention, weight]), g.ints([1, 2])], { keepdims: 0 });
  });
  outputLayers(g, 'maps', perLayer, [pages, geometryOf(config).tokens]);
  return g.build();
}

/** [pages, heads, textLength, tokens] of one layer; adds its inputs. */
function textLogits(g: GraphBuilder, config: ModelConfig, layer: number, pages: number): Value {
  const { dim, heads } = config.dit;
  const { headDim, tokens } = geometryOf(config);
  const textKeys = g.input(`text_k.${layer}`, 'float32', [1, heads, config.text.textLength, headDim]);
  const keys = concatPages(g, `k.${layer}`, pages, tokens, dim);
  const scaled = g.op('Mul', [textKeys, g.floats([1 / Math.sqrt(headDim)])]);
  const perFrame = g.op('Reshape', [keys, g.ints([pages, tokens, heads, headDim])]);
  return g.op('MatMul', [scaled, g.op('Transpose', [perFrame], { perm: [0, 2, 3, 1] })]);
}
