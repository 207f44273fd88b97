import { describe, expect, test } from 'vitest';
import { mutated } from './fuzz/mutate.ts';
import { parsers } from './fuzz/parsers.ts';
import { Random, seedOf } from './fuzz/random.ts';
import { type FuzzOptions, runFuzz } from './fuzz/run-fuzz.ts';

/** A short run of `npm run fuzz`; how fast this machine is does not matter here, so the limit is ten times as wide. */
const short: Omit<FuzzOptions, 'parser'> = { seed: 20_261_128, count: 80, limitMs: 10_000, memoryMb: 200 };

describe('mutated inputs end in errors of ours', () => {
  test.each(parsers.map(({ name }) => name))('%s', { timeout: 600_000 }, async (parser) => {
    const { findings, read, refused } = await runFuzz({ ...short, parser });
    expect(findings).toEqual([]);
    expect(read + refused).toBe(short.count);
  });
});

describe('the fuzzer itself', () => {
  const module = new URL('./fuzz/faulty-parsers.ts', import.meta.url).href;
  const faulty = (parser: string, rest: Partial<FuzzOptions> = {}) =>
    runFuzz({ ...short, count: 2, module, parser, ...rest });

  test('notices errors that are not ours', { timeout: 600_000 }, async () => {
    const { findings } = await faulty('raw-error');
    expect(findings).toMatchObject([{ index: 0, what: expect.stringContaining('TypeError') }, { index: 1 }]);
  });

  test('ends what hangs and goes on with the next input', { timeout: 600_000 }, async () => {
    const { findings } = await faulty('hangs', { hangMs: 3000 });
    expect(findings.map(({ index, what }) => [index, what.slice(0, 5)])).toEqual([
      [0, 'hangs'],
      [1, 'hangs'],
    ]);
  });

  test('ends what takes more memory than it may', { timeout: 600_000 }, async () => {
    const { findings } = await faulty('takes-all-memory', { count: 3, memoryMb: 50 });
    expect(findings[0]).toMatchObject({ what: 'takes more than 50 MB' });
  });

  test('counts the time that an input costs, not the time that passes', { timeout: 600_000 }, async () => {
    const { findings } = await faulty('busy', { count: 1, limitMs: 100 });
    expect(findings).toMatchObject([{ index: 0, what: expect.stringMatching(/^took \d+ ms/) }]);
    expect((await faulty('busy', { count: 1, limitMs: 100_000 })).findings).toEqual([]);
  });

  test('leaves the corpus as it is', () => {
    const corpus = [Buffer.from('{"a": "A cat waves."}'), Buffer.from('[1, 2, 3]')];
    for (const kind of ['bytes', 'text', 'json'] as const) {
      for (let index = 0; index < 500; index++) mutated(new Random(seedOf(1, kind, index)), corpus, kind, ['[[']);
    }
    expect(corpus.map((bytes) => bytes.toString())).toEqual(['{"a": "A cat waves."}', '[1, 2, 3]']);
  });

  test('makes the same input again from its seed', () => {
    const make = (index: number) =>
      mutated(new Random(seedOf(7, 'x', index)), [new TextEncoder().encode('A cat waves.')], 'text', ['[[']);
    expect(make(5)).toEqual(make(5));
    expect(make(5)).not.toEqual(make(6));
  });
});
