import { geometryOf, type ModelConfig } from '../../model/config.ts';
import { GraphBuilder } from '../../model/graph-builder.ts';
import { concatPages, outputLayers } from '../../model/page-graphs.ts';

/**
 * Mean key of pages over their tokens, all layers in one run; the released score needs no more.
 * In, per layer L: `k.L.i` [tokens, dim]. Out: `mean` [layers, pages, dim].
 */
export function buildMeanKeyGraph(pages: number, config: ModelConfig): Uint8Array {
  const { dim, layers } = config.dit;
  const { tokens } = geometryOf(config);
  const g = new GraphBuilder('mean-key');
  const perLayer = Array.from({ length: layers }, (_, layer) => {
    const keys = concatPages(g, `k.${layer}`, pages, tokens, dim);
    return g.op('ReduceMean', [g.op('Reshape', [keys, g.ints([pages, tokens, dim])]), g.ints([1])], { keepdims: 0 });
  });
  outputLayers(g, 'mean', perLayer, [pages, dim]);
  return g.build();
}
