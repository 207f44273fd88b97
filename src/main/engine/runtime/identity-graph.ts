import { GraphBuilder } from '../model/graph-builder.ts';

/** y = x for a float tensor of any shape of the given rank: how values travel to a device and back. */
export function buildIdentityGraph(rank: number): Uint8Array {
  const g = new GraphBuilder('identity');
  const dims = Array.from({ length: rank }, (_, i) => `d${i}`);
  g.output('y', g.input('x', 'float32', dims), 'float32', dims);
  return g.build();
}
