import { expect, it } from 'vitest';
import { fakeMemory } from '../../../tests/fakes/memory-settings.ts';
import type { MemoryRecord } from '../memory-record.ts';
import { contextTokens } from './comparison.ts';

const model = { tokenGrid: { rows: 2, columns: 5 } };
const seen = { sink: [0], window: [9, 10, 11], bank: [[3, 6, 7]], activation: null, settings: fakeMemory };
const tokens = (record: object): number => contextTokens({ ...seen, ...record } as unknown as MemoryRecord, model);

it('counts the tokens of the frames that a head reads, of a pool those alone that it activates', () => {
  expect(tokens({ bank: [[]] })).toBe(40);
  expect(tokens({})).toBe(70);
  expect(tokens({ activation: { steps: 4, pool: [[3, 6, 7]], counts: [] } })).toBe(60);
  expect(tokens({ bank: [[3]], activation: { steps: 4, pool: [[3]], counts: [] } })).toBe(50);
});

it('counts what packs stand for, and the long memory', () => {
  const packs = [
    { rate: 4, frames: [0, 1, 2, 3], tokens: 3 },
    { rate: 1, frames: [4], tokens: 10 },
  ];
  const nothing = { sink: [], window: [], bank: [[]], packs };
  expect(tokens(nothing)).toBe(13);
  expect(tokens({ ...nothing, told: { of: 'memorypack', tokens: 180 } })).toBe(193);
});
