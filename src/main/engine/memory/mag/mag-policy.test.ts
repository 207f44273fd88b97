import { expect, it } from 'vitest';
import { fakeMemory } from '../../../../../tests/fakes/memory-settings.ts';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import { publishedPackSides } from '../../model/config.ts';
import { emptyMemory, type FrameRef, referencedFrames } from '../memory-state.ts';
import { magMemory } from './index.ts';

const settings: MemorySettings = { ...fakeMemory, mode: 'mag', policy: 'nam', sinkFrames: 2, capacity: 4 };
const memory = magMemory({ layers: 2, chunkFrames: 3, positions: 'absolute', packSides: publishedPackSides });
const frames = (refs: readonly FrameRef[]): number[] => refs.map(({ frame }) => frame);

function run(chunks: number, prompt = (_chunk: number) => 'a') {
  let state = emptyMemory(2);
  return Array.from({ length: chunks }, (_, chunk) => {
    const plan = memory.plan(state, settings, 'continue', prompt(chunk), []);
    const context = plan.context(plan.state);
    const commit = memory.commit(plan.state, settings, prompt(chunk), 3, `c${chunk}`);
    state = commit.state;
    return { plan, context, commit };
  });
}

it('reads the sink and one frame of every chunk, the same at every layer', () => {
  const made = run(4);
  expect(made.map(({ context }) => frames(context.sink))).toEqual([[], [0, 1], [0, 1], [0, 1]]);
  expect(made.map(({ context }) => frames(context.bank[0] ?? []))).toEqual([[], [2], [2, 5], [2, 5, 8]]);
  expect(made[3]?.context.bank[1]).toEqual(made[3]?.context.bank[0]);
  expect(made.map(({ commit }) => commit.prototype)).toEqual([2, 5, 8, 11]);
});

it('keeps as many entries as there is room for, the oldest goes first, and no other pages', () => {
  const made = run(6);
  expect(made.map(({ commit }) => commit.evicted)).toEqual([[], [], [], [], [2], [5]]);
  expect(frames(referencedFrames(made[5]?.commit.state as never))).toEqual([0, 1, 8, 11, 14, 17]);
});

it('neither scores nor rewrites anything, at a new prompt either', () => {
  const made = run(3, (chunk) => String(chunk));
  expect(made.every(({ plan }) => plan.recache === null)).toBe(true);
  const state = made[2]?.commit.state as never;
  expect(memory.retrieval(state, settings, 'continue', 'x').candidates).toEqual([[], []]);
});

it.each([
  [{ policy: 'window' }, /the policy "window" asks for something else/],
  [{ policy: 'nam+sma' }, /the policy "nam\+sma" asks/],
  [{ pins: [{ frame: 2, name: 'Mia' }] }, /neither pinned nor banned/],
  [{ bans: [5] }, /neither pinned nor banned/],
] as const)('objects to what it cannot follow: %j', (change, says) => {
  expect(memory.objection({ ...settings, ...change } as MemorySettings)).toMatch(says);
  expect(memory.objection(settings)).toBeNull();
});
