import { geometryOf, type ModelConfig } from '../../model/config.ts';
import { GraphBuilder, type Value } from '../../model/graph-builder.ts';

/**
 * One frame of the sink with another blended in, keys and values alike: `stays` * sink + `comes` * frame.
 * In: `sink_k`, `sink_v`, `frame_k`, `frame_v` [tokens, dim], keys without RoPE; `stays`, `comes` [1]. With `remainder`:
 * `lost_k`, `lost_v` [tokens, dim], what rounding took from the sink. Out: `k`, `v` [tokens, dim].
 */
export function buildFuseGraph(remainder: boolean, config: ModelConfig): Uint8Array {
  const { dim } = config.dit;
  const { tokens } = geometryOf(config);
  const g = new GraphBuilder('fuse');
  const page = (name: string): Value => g.input(name, 'float32', [tokens, dim]);
  const [stays, comes] = [g.input('stays', 'float32', [1]), g.input('comes', 'float32', [1])];
  for (const part of ['k', 'v']) {
    const [rounded, frame] = [page(`sink_${part}`), page(`frame_${part}`)];
    const sink = remainder ? g.op('Add', [rounded, page(`lost_${part}`)]) : rounded;
    const fused = g.op('Add', [g.op('Mul', [sink, stays]), g.op('Mul', [frame, comes])]);
    g.output(part, fused, 'float32', [tokens, dim]);
  }
  return g.build();
}
