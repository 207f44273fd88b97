import { expect, test } from 'vitest';
import { chunksWanted, StripCache } from './strip-cache.ts';

/** A loader whose pictures of 100 bytes arrive when the test says so. */
function loader() {
  const arrivals = new Map<string, { done: () => void; fail: () => void }>();
  const closed: string[] = [];
  const load = (key: string) =>
    new Promise<{ width: number; height: number; close: () => void }>((resolve, reject) => {
      const picture = { width: 5, height: 5, close: () => closed.push(key) };
      arrivals.set(key, { done: () => resolve(picture), fail: () => reject(new Error('gone')) });
    });
  const settle = async (...keys: string[]) => {
    for (const key of keys) arrivals.get(key)?.done();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { arrivals, closed, load, settle };
}

test('loads the most urgent first, so many at a time', async () => {
  const { arrivals, load, settle } = loader();
  const cache = new StripCache({ load, budgetBytes: 1000, loadsAtOnce: 2, onChange: () => {} });
  cache.want(['a', 'b', 'c']);
  expect([...arrivals.keys()]).toEqual(['a', 'b']);
  await settle('a');
  expect([...arrivals.keys()]).toEqual(['a', 'b', 'c']);
  expect(cache.get('a')).not.toBeNull();
});

test('keeps within its budget: what nobody wants goes first, then the least urgent', async () => {
  const { closed, load, settle } = loader();
  const cache = new StripCache({ load, budgetBytes: 300, loadsAtOnce: 9, onChange: () => {} });
  cache.want(['a', 'b', 'c']);
  await settle('a', 'b', 'c');
  cache.want(['c', 'd', 'e', 'f']);
  await settle('d', 'e', 'f');
  expect(cache.bytes).toBeLessThanOrEqual(300);
  expect(closed).toEqual(['a', 'b', 'f']);
  expect(['c', 'd', 'e'].every((key) => cache.get(key))).toBe(true);
});

test('a picture that arrives after it stopped being wanted is closed', async () => {
  const { closed, load, settle } = loader();
  const cache = new StripCache({ load, budgetBytes: 300, loadsAtOnce: 2, onChange: () => {} });
  cache.want(['a']);
  cache.want(['b']);
  await settle('a');
  expect(closed).toEqual(['a']);
});

test('a failure is remembered while it is wanted, and disposal closes everything', async () => {
  const { arrivals, closed, load, settle } = loader();
  let changes = 0;
  const cache = new StripCache({ load, budgetBytes: 300, loadsAtOnce: 2, onChange: () => changes++ });
  cache.want(['a', 'b']);
  arrivals.get('a')?.fail();
  await settle('b');
  expect(cache.hasFailed('a')).toBe(true);
  expect(changes).toBe(2);
  cache.want(['b']);
  expect(cache.hasFailed('a')).toBe(false);
  cache.dispose();
  expect(closed).toEqual(['b']);
});

test('wanted: the chunk shown, what comes, and a little behind; round the loop', () => {
  const keys = Array.from({ length: 20 }, (_, i) => (i === 11 ? null : `${i}`));
  const all = { first: 0, last: 19, loop: false };
  expect(chunksWanted(keys, 9, 1, all)).toEqual(['9', '10', '12', '13', '14', '15', '16', '17', '8', '7']);
  expect(chunksWanted(keys, 2, -1, all)).toEqual(['2', '1', '0', '3', '4']);
  const loop = { first: 4, last: 6, loop: true };
  expect(chunksWanted(keys, 5, 1, loop).slice(0, 5)).toEqual(['5', '6', '4', '5', '6']);
});
