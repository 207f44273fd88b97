import { expect, test } from 'vitest';
import type { ChunkStatus } from '../../shared/project/status.ts';
import { otherMakers, otherSizes } from './made-with.tsx';

const chunk = (shown: string | null): ChunkStatus => ({ key: 'k', shown, state: shown ? 'stale' : 'missing' });
const stored = new Map(
  Object.entries({ one: 'a', two: 'b', three: 'b' }).map(([key, digest]) => [
    key,
    { madeWith: { digest, width: 16, height: 16 } },
  ]),
).set('damaged', { madeWith: null as never });

test('a shot says which other model made it, and nothing where the story’s did', () => {
  const all = { chunks: ['one', 'two', 'three', null, 'damaged'].map(chunk) };
  expect(otherMakers(all, stored, 'a', { b: 'Wide' })).toEqual(['Wide']);
  expect(otherMakers(all, stored, 'b', { a: 'Small' })).toEqual(['Small']);
  expect(otherMakers(all, stored, 'a')).toEqual(['a model that is not known here']);
  expect(otherMakers({ chunks: [chunk('one'), chunk(null)] }, stored, 'a')).toEqual([]);
});

test('and what other size its frames have, of the same model', () => {
  const all = { chunks: ['one', 'two', 'three', null, 'damaged'].map(chunk) };
  const of = (digest: string, side: number) => ({ digest, video: { width: side, height: side } });
  expect(otherSizes(all, stored, of('b', 32))).toEqual(['16x16']);
  expect(otherSizes(all, stored, of('b', 16))).toEqual([]);
  expect(otherSizes(all, stored, null)).toEqual([]);
});
