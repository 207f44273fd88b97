import { expect, test } from 'vitest';
import { EngineTurns } from './engine-turns.ts';

function turnsAt() {
  let now = 0;
  const turns = new EngineTurns(60_000, () => now);
  return {
    turns,
    after: (ms: number): void => {
      now += ms;
    },
  };
}

test('one model begins whenever it wants', () => {
  const { turns, after } = turnsAt();
  for (let i = 0; i < 100; i++) {
    expect(turns.begin(0)).toBe(true);
    after(10_000);
    turns.done();
  }
});

test('a model that has work keeps its turn, gives way after a minute, and has it again', () => {
  const { turns, after } = turnsAt();
  expect(turns.begin(0)).toBe(true);
  const order: number[] = [0];
  // Both always have work; the one that may not begin asks again.
  for (let run = 0; run < 12; run++) {
    after(20_000);
    turns.begin(1 - (order.at(-1) as number));
    turns.done();
    const last = order.at(-1) as number;
    const next = turns.begin(last) ? last : 1 - last;
    if (next !== last) expect(turns.begin(next)).toBe(true);
    order.push(next);
  }
  expect(order).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0]);
});

test('a model without work loses its turn at once', () => {
  const { turns, after } = turnsAt();
  expect(turns.begin(0)).toBe(true);
  expect(turns.begin(1)).toBe(false);
  after(1000);
  turns.done();
  // The next run of the first may be on its way.
  after(1000);
  expect(turns.begin(1)).toBe(false);
  turns.idle(1);
  expect(turns.begin(1)).toBe(false);
  turns.idle(0);
  expect(turns.begin(1)).toBe(true);
  expect(turns.begin(0)).toBe(false);
});

test('of several that want it, whoever wanted it first is next', () => {
  const { turns, after } = turnsAt();
  expect(turns.begin(0)).toBe(true);
  expect(turns.begin(2)).toBe(false);
  after(1000);
  expect([turns.begin(1), turns.begin(2)]).toEqual([false, false]);
  after(60_000);
  expect([turns.begin(2), turns.begin(1)]).toEqual([false, false]);
  turns.done();
  expect([turns.begin(0), turns.begin(1), turns.begin(2)]).toEqual([false, false, true]);
});

test('a wish that is not said again is forgotten', () => {
  const { turns, after } = turnsAt();
  expect(turns.begin(0)).toBe(true);
  expect(turns.begin(1)).toBe(false);
  after(61_000);
  turns.done();
  expect(turns.begin(0)).toBe(true);
});

test('a model that is gone is in nobody’s way', async () => {
  const { turns } = turnsAt();
  expect(turns.begin(0)).toBe(true);
  expect(turns.begin(1)).toBe(false);
  const changed = turns.changed(new AbortController().signal);
  turns.remove(0);
  await changed;
  expect(turns.begin(1)).toBe(true);
});

test('whoever waits is woken by its end', async () => {
  const end = new AbortController();
  const { turns } = turnsAt();
  const changed = turns.changed(end.signal);
  end.abort();
  await changed;
  await turns.changed(end.signal);
});
