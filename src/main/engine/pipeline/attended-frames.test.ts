import { expect, it, onTestFinished } from 'vitest';
import { attendedFrames, toldStride } from '../model/attended-frames.ts';
import { GraphBuilder } from '../model/graph-builder.ts';
import { gaussianNoise } from '../model/noise.ts';
import { Device } from '../runtime/device.ts';
import { hostFloats, hostInts } from '../runtime/graph.ts';

const [heads, headDim, tokens, frames, queries, stride] = [2, 8, 6, 5, 18, 7];
const q = gaussianNoise(1, 0, 0, queries * heads * headDim);
const k = gaussianNoise(2, 0, 0, heads * frames * tokens * headDim);

/** The same in plain sums: [frames]. */
function expected(from: number): number[] {
  const sums = new Array<number>(frames).fill(0);
  for (let row = from; row < queries; row += stride) {
    for (let h = 0; h < heads; h++) {
      const weights = Array.from({ length: frames * tokens }, (_, key) => {
        let dot = 0;
        for (let d = 0; d < headDim; d++)
          dot +=
            (q[(row * heads + h) * headDim + d] as number) * (k[(h * frames * tokens + key) * headDim + d] as number);
        return Math.exp(dot / Math.sqrt(headDim));
      });
      const whole = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [key, weight] of weights.entries()) {
        const frame = Math.floor(key / tokens);
        sums[frame] = (sums[frame] as number) + weight / whole;
      }
    }
  }
  return sums;
}

it('gives what each frame gets of the softmax of some queries and all heads; of no query, nothing', async () => {
  const g = new GraphBuilder('attended');
  const out = attendedFrames(
    g,
    g.input('q', 'float32', ['n', heads * headDim]),
    g.input('k', 'float32', [1, heads, 'm', headDim]),
    g.input('from', 'int64', [1]),
    { heads, headDim, tokens, stride },
  );
  g.output('shares', out, 'float32', ['frames']);
  const device = await Device.open({ name: 'cpu', threads: 1 });
  onTestFinished(() => device.dispose());
  const graph = await device.loadBytes('attended', g.build());
  const shares = async (from: number): Promise<number[]> => {
    const feeds = {
      q: hostFloats(q, [queries, heads * headDim]),
      k: hostFloats(k, [1, heads, frames * tokens, headDim]),
      from: hostInts([from]),
    };
    const made = await graph.run(feeds, ['shares']);
    const values = [...(await device.download(made.shares))];
    made.shares.dispose();
    return values;
  };
  for (const from of [0, 5]) {
    const wanted = expected(from);
    for (const [i, share] of (await shares(from)).entries()) expect(share).toBeCloseTo(wanted[i] as number, 5);
    expect(wanted.reduce((sum, share) => sum + share, 0)).toBeCloseTo(heads * Math.ceil((queries - from) / stride), 9);
  }
  expect(await shares(queries)).toEqual([0, 0, 0, 0, 0]);
});

it('tells by a few queries, however large a picture is', () => {
  expect([1, 11, 180, 4680].map(toldStride)).toEqual([1, 1, 17, 426]);
  expect([18, 180, 4680].map((n) => Math.ceil(n / toldStride(n)))).toEqual([9, 11, 11]);
});
