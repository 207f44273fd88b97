import { describe, expect, it } from 'vitest';
import { memoryRecordSchema } from '../../src/shared/memory-record.ts';
import type { ChunkResult } from '../../src/shared/render.ts';
import { linePlan, type TestShot, TestStudio } from './engine-story.ts';

const story: TestShot[] = [
  { prompt: 'a red cat walks in the meadow', chunks: 5 },
  { prompt: 'a blue robot in the city at night', chunks: 3, transition: 'cut' },
  { prompt: 'a turquoise cat jumps', chunks: 1 },
];

async function rendered(shots: readonly TestShot[]): Promise<ChunkResult[]> {
  const studio = new TestStudio();
  const results = await studio.render(linePlan(await studio.engine(), shots));
  await studio.close();
  return results;
}
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
/** Records keep five digits. */
const rounding = 0.5e-5;

describe('what a record says adds up', () => {
  it('for every chunk of a story', async () => {
    const results = await rendered(story);
    const withBank = results.filter(({ record }) => record.candidates.length > 0);
    expect(withBank.length).toBeGreaterThanOrEqual(5);
    for (const { record } of withBank) {
      const { candidates, scores, pull, spatial, activation, settings, words } = record;
      // A layer's scores are shares of one whole.
      for (const row of scores) expect(Math.abs(sum(row) - 1)).toBeLessThanOrEqual(candidates.length * rounding);

      // A word's pulls are shares of one whole; score = mean over the words and the end token, whose pull is what is left.
      for (const row of pull) expect(Math.abs(sum(row) - 1)).toBeLessThanOrEqual(candidates.length * rounding);
      const tokens = words.length + 1;
      for (const i of candidates.keys()) {
        const score = mean(scores.map((row) => row[i] as number));
        const ofEndToken = score * tokens - sum(pull.map((row) => row[i] as number));
        expect(ofEndToken).toBeGreaterThanOrEqual(-2 * tokens * rounding);
        expect(ofEndToken).toBeLessThanOrEqual(1 + 2 * tokens * rounding);
      }

      // A spatial map is the frame's mean score, spread over its tokens; a byte is 1/255 of the peak.
      expect(spatial.length).toBe(Math.min(candidates.length, 2 * settings.bankFrames));
      for (const { frame, rows, columns, peak, map } of spatial) {
        const bytes = [...Buffer.from(map, 'base64')];
        expect(bytes.length).toBe(rows * columns);
        expect(Math.max(...bytes)).toBe(255);
        const score = mean(scores.map((row) => row[candidates.indexOf(frame)] as number));
        expect(Math.abs((sum(bytes) * peak) / 255 - score)).toBeLessThanOrEqual(bytes.length * (peak / 510 + rounding));
      }

      // Each head activates k frames of the pool at every step.
      expect(activation?.steps).toBe(4);
      for (const [layer, heads] of (activation?.counts ?? []).entries()) {
        const pool = activation?.pool[layer] ?? [];
        expect(pool).toEqual(record.bank[layer]);
        for (const counts of heads) {
          expect(counts.length).toBe(pool.length);
          expect(sum(counts)).toBe(4 * Math.min(settings.activatedFrames, pool.length));
          expect(Math.max(...counts)).toBeLessThanOrEqual(4);
        }
      }
    }
    expect(results.at(-1)?.record.words.filter(({ known }) => !known)).toEqual([{ text: 'turquoise', known: false }]);
  });

  it('fits its schema, through JSON as well, and is small', async () => {
    for (const { record } of await rendered(story)) {
      expect(memoryRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
    }
    expect(recordBytes({ candidates: 64, layers: 8, heads: 8, words: 12, bankFrames: 3, tokens: 60 })).toBeLessThan(
      16_000,
    );
    expect(recordBytes({ candidates: 64, layers: 30, heads: 12, words: 40, bankFrames: 3, tokens: 1560 })).toBeLessThan(
      64_000,
    );
  });
});

/** Size of a record's JSON, every number as long as it can be. The built-in model has 8 layers, the published 30. */
function recordBytes(size: {
  candidates: number;
  layers: number;
  heads: number;
  words: number;
  bankFrames: number;
  tokens: number;
}): number {
  const { candidates, layers, heads, words, bankFrames, tokens } = size;
  const list = <T>(length: number, value: T): T[] => Array.from({ length }, () => value);
  const bank = list(layers, list(bankFrames, 1500));
  return JSON.stringify({
    words: list(words, { text: 'something', known: false }),
    bankBefore: bank,
    bank,
    candidates: list(candidates, 1500),
    scores: list(layers, list(candidates, 0.12345)),
    activation: { steps: 4, pool: bank, counts: list(layers, list(heads, list(bankFrames, 4))) },
    pull: list(words, list(candidates, 0.12345)),
    spatial: list(2 * bankFrames, {
      frame: 1500,
      rows: 30,
      columns: 52,
      peak: 0.1234567,
      map: 'A'.repeat(Math.ceil(tokens / 3) * 4),
    }),
    timings: { denoiseMs: list(4, 1234.5) },
  }).length;
}

describe('a person directs the memory', () => {
  const first: TestShot = { prompt: 'a red cat walks in the meadow', chunks: 5 };
  const second: TestShot = { prompt: 'a blue robot in the city at night', chunks: 3, transition: 'cut' };
  // One place in the bank, so that it is fought for.
  const directed = (memory: TestShot['memory']): Promise<ChunkResult[]> =>
    rendered([
      { ...first, memory: { bankFrames: 1 } },
      { ...second, memory: { bankFrames: 1, ...memory } },
    ]);
  const banksOf = (results: readonly ChunkResult[]): number[][] =>
    results.slice(5).flatMap(({ record }) => record.bank);

  it('a pin keeps a frame in every bank, a ban keeps it out of every one, and both change the film', async () => {
    const plain = await directed({});
    const chosen = plain[5]?.record.bank[0]?.[0] as number;
    const other = plain[5]?.record.candidates.find((frame) => !plain[5]?.record.bank.flat().includes(frame)) as number;
    expect(plain[5]?.record.candidates.length).toBeGreaterThan(2);

    const pinned = await directed({ pins: [{ frame: other, name: 'the meadow' }] });
    for (const bank of banksOf(pinned)) expect(bank).toEqual([other]);
    const banned = await directed({ bans: [chosen] });
    for (const bank of banksOf(banned)) expect(bank).not.toContain(chosen);
    for (const { record } of banned.slice(5)) expect(record.candidates).not.toContain(chosen);

    const latents = (results: readonly ChunkResult[], chunk: number): number[] => [...(results[chunk]?.latents ?? [])];
    for (const results of [pinned, banned]) {
      expect(latents(results, 4)).toEqual(latents(plain, 4)); // what came before is untouched
      expect(latents(results, 5)).not.toEqual(latents(plain, 5));
    }
  });

  it('a pin of a frame that memory does not hold says so, and leaves the engine usable', async () => {
    const studio = new TestStudio();
    const engine = await studio.engine();
    const wrong = linePlan(engine, [
      { ...first, chunks: 2 },
      { ...second, memory: { pins: [{ frame: 4, name: 'her face' }] } },
    ]);
    await studio.render(wrong.slice(0, 2));
    await expect(studio.render(wrong, 2)).rejects.toMatchObject({
      code: 'bad-input',
      message: 'Frame 4 ("her face") cannot be pinned: memory does not hold it.',
      hint: expect.stringMatching(/first frame of a chunk/),
    });
    const right = linePlan(engine, [{ ...first, chunks: 2 }, second]);
    await expect(studio.render(right.slice(0, 3), 2)).resolves.toHaveLength(1);
  });
});
