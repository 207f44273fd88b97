import { describe, expect, it } from 'vitest';
import type { AttentionContext } from './attention-context.ts';
import { ActivationCounter } from './chunk-record.ts';

/** What the counter looks at of a context. */
function context(kind: 'dense' | 'sparse', pool: number[][] | null): AttentionContext {
  return { kind, pool } as unknown as AttentionContext;
}

describe('ActivationCounter', () => {
  it('adds up, per layer and head, what each step activated', () => {
    const pool = [
      [3, 6, 9],
      [6, 9, 12],
    ];
    const counter = new ActivationCounter(context('sparse', pool), 2, 2);
    // Per layer [heads, 2]: rows of the pool, the first head's 0 to 2 and the second's 3 to 5.
    counter.add([Float32Array.of(0, 2, 4, 5), Float32Array.of(2, 1, 3, 4)]);
    counter.add([Float32Array.of(0, 1, 5, 4), Float32Array.of(2, 0, 3, 4)]);
    expect(counter.result()).toEqual({
      steps: 2,
      pool,
      counts: [
        [
          [2, 1, 1],
          [0, 2, 2],
        ],
        [
          [1, 1, 2],
          [2, 2, 0],
        ],
      ],
    });
  });

  it('where the pool is no larger than k, every head attends to all of it at every step', () => {
    const counter = new ActivationCounter(context('dense', [[3], []]), 2, 4);
    counter.add([]);
    expect(counter.result()).toEqual({
      steps: 4,
      pool: [[3], []],
      counts: [
        [[4], [4]],
        [[], []],
      ],
    });
  });

  it('says nothing where the policy selects nothing', () => {
    expect(new ActivationCounter(context('dense', null), 2, 4).result()).toBeNull();
  });
});
