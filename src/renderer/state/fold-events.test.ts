import { expect, test } from 'vitest';
import type { ChunkSummary, ProjectState, StudioEvent } from '../../shared/api/types.ts';
import { foldInFrames } from './fold-events.ts';

const chunk = (key: string): ChunkSummary => ({ key, frameCount: 12, device: 'cpu', madeWith: null, createdAt: '' });
const added = (...keys: string[]): StudioEvent => ({ type: 'chunks', added: keys.map(chunk), removed: [] });
const project = (file: string): StudioEvent => ({ type: 'project', project: { id: file, file } as ProjectState });

/** Frames are drawn when the test says so. */
function folding() {
  const folds: (readonly StudioEvent[])[] = [];
  const waiting: (() => void)[] = [];
  const add = foldInFrames(
    (events) => folds.push(events),
    (act) => waiting.push(act),
  );
  const frame = (): void => {
    for (const act of waiting.splice(0)) act();
  };
  return { folds, add, frame };
}

test('however many events come in a frame, the state changes once', () => {
  const { folds, add, frame } = folding();
  for (let i = 0; i < 1000; i++) {
    add({ type: 'preview', chunkKey: 'k', step: i, image: '' });
    add(added(`${i}`));
  }
  expect(folds).toEqual([]);
  frame();
  expect(folds.map((events) => events.map(({ type }) => type))).toEqual([['preview', 'chunks']]);
  expect(folds[0]?.[0]).toMatchObject({ step: 999 });
  expect(folds[0]?.[1]).toMatchObject({ added: Array.from({ length: 1000 }, (_, i) => ({ key: `${i}` })) });
  frame();
  expect(folds.length).toBe(1);
  add(added('later'));
  frame();
  expect(folds[1]).toEqual([added('later')]);
});

test('chunks of one project are never joined with those of the next', () => {
  const { folds, add, frame } = folding();
  add(project('one'));
  add(added('of one'));
  add(project('two'));
  add(added('of two'));
  frame();
  expect(folds).toEqual([
    [project('one'), added('of one')],
    [project('two'), added('of two')],
  ]);
});
