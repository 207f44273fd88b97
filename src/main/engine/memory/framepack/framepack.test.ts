import { describe, expect, it } from 'vitest';
import { publishedPackSides } from '../../model/config.ts';
import { ropeTable } from '../../model/rope.ts';
import { packsBefore } from './framepack-policy.ts';
import { packedLatents, pooledRope } from './packed-frames.ts';

const rates = (frames: number, transition: 'cut' | 'continue' = 'continue'): string[] =>
  packsBefore(frames, transition, publishedPackSides).map(({ rate, frames, time }) => `${rate}@${time}: ${frames}`);

describe('what a chunk sees', () => {
  it('is the published layout where the story is long enough', () => {
    expect(rates(30)).toEqual([
      '4@1: 11,12,13,14',
      '4@5: 15,16,17,18',
      '4@9: 19,20,21,22',
      '4@13: 23,24,25,26',
      '2@17: 27,28',
      '1@0: 0',
      '1@19: 29',
    ]);
  });

  it('is as long after five hundred chunks as after seven', () => {
    expect(rates(1500)).toHaveLength(rates(21).length);
  });

  it('is nothing before the first chunk; a pack that reaches beyond the beginning repeats the first frame', () => {
    expect(rates(0)).toEqual([]);
    expect(rates(3)).toEqual(['2@17: 0,1', '1@0: 0', '1@19: 2']);
    expect(rates(6)).toEqual(['4@13: 0,0,1,2', '2@17: 3,4', '1@0: 0', '1@19: 5']);
  });

  it('after a cut hides the three frames just before', () => {
    expect(rates(6, 'cut')).toEqual(['4@13: 0,0,1,2', '1@0: 0']);
    expect(rates(3, 'cut')).toEqual(['1@0: 0']);
  });
});

describe('packed frames', () => {
  const geometry = { headDim: 16, latentHeight: 6, latentWidth: 10, rows: 3, columns: 5, tokens: 15 };

  it('lie channel by channel with their frames side by side, the last row and column repeated', () => {
    const values = Float32Array.from({ length: 2 * 2 * 2 * 2 }, (_, i) => i); // [2 frames, 2 channels, 2, 2]
    const { values: made, dims } = packedLatents({ values, channels: 2, height: 2, width: 2 }, 2, [[0, 1]]);
    expect(dims).toEqual([1, 4, 4, 4]);
    expect([...made.subarray(0, 16)]).toEqual([0, 1, 1, 1, 2, 3, 3, 3, 2, 3, 3, 3, 2, 3, 3, 3]);
    expect([0, 16, 32, 48].map((at) => made[at])).toEqual([0, 8, 4, 12]); // channel 0 of both frames, then channel 1
  });

  it('turn by the mean of what their frames’ tokens turn by', () => {
    const { cos } = pooledRope([{ rate: 2, side: 2, frames: [0, 1], time: 17 }], geometry, 10_000, -10);
    const whole = ropeTable([7, 8], geometry, 10_000);
    const pairs = 8;
    // The last token: rows 2 and 2 again, columns 4 and 4 again.
    const corner = [0, 1].map((frame) => (whole.cos[(frame * 15 + 14) * pairs] as number) / 2);
    expect(cos).toHaveLength(2 * 3 * pairs);
    expect(cos[5 * pairs]).toBeCloseTo((corner[0] as number) + (corner[1] as number), 6);
    const { sin, cos: one } = pooledRope([{ rate: 1, side: 1, frames: [3], time: 19 }], geometry, 10_000, -10);
    expect(one).toEqual(ropeTable([9], geometry, 10_000).cos);
    expect(sin).toEqual(ropeTable([9], geometry, 10_000).sin);
  });

  it('may be as fine as whole frames and still be four in one', () => {
    const { cos } = pooledRope([{ rate: 4, side: 1, frames: [0, 1, 2, 3], time: 1 }], geometry, 10_000, 0);
    const whole = ropeTable([1, 2, 3, 4], geometry, 10_000);
    expect(cos).toHaveLength(geometry.tokens * 8);
    const mean = [0, 1, 2, 3].reduce((sum, frame) => sum + (whole.cos[(frame * 15 + 14) * 8] as number) / 4, 0);
    expect(cos[14 * 8]).toBeCloseTo(mean, 6);
    const values = Float32Array.from({ length: 4 * 2 * 2 * 2 }, (_, i) => i);
    const packed = packedLatents({ values, channels: 2, height: 2, width: 2 }, 1, [[0, 1, 2, 3]]);
    expect(packed.dims).toEqual([1, 8, 2, 2]);
    expect([0, 4, 8, 12].map((at) => packed.values[at])).toEqual([0, 8, 16, 24]);
  });
});
