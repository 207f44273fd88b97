import { expect, it } from 'vitest';
import { fakeInfo } from '../../../tests/fakes/fake-engine.ts';
import { emptyDocument } from './apply-command.ts';
import type { ProjectDocument, ProjectShot } from './document.ts';
import { planProject } from './plan.ts';
import { type PathChunk, staleCause } from './stale-cause.ts';
import { pathTo } from './tree.ts';

const shot = (id: string, parent: string | null): ProjectShot => ({
  ...{ id, parent, name: '', prompt: id, chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'automatic', memory: {}, held: null },
});
const line: ProjectDocument = {
  ...emptyDocument('Film'),
  shots: [shot('shot-1', null), shot('shot-2', 'shot-1'), shot('shot-3', 'shot-2')],
};
const edited = (id: string, own: Partial<ProjectShot>): ProjectDocument => ({
  ...line,
  shots: line.shots.map((made) => (made.id === id ? { ...made, ...own } : made)),
});
const pathOf = (document: ProjectDocument): PathChunk[] => {
  const plan = planProject(document, fakeInfo);
  return pathTo(document, 'shot-3').flatMap((made, shotIndex) =>
    plan.chunksOf(made.id).map((chunk) => ({ shot: made, shotIndex, chunk })),
  );
};
const made = new Map(pathOf(line).map(({ chunk }, i) => [i, chunk.key]));

it('finds the first shot that was changed, wherever it stands', () => {
  expect(staleCause(pathOf(edited('shot-2', { seed: 9 })), made)).toMatchObject({
    ...{ shotIndex: 1, shot: { id: 'shot-2' }, madeKey: made.get(2) },
    chunk: { recipe: { seed: 9 } },
  });
  expect(staleCause(pathOf(edited('shot-3', { prompt: 'other' })), made)?.shot.id).toBe('shot-3');
  expect(staleCause(pathOf(edited('shot-1', { name: 'Named' })), made)).toBeNull();
});

it('a shot that has become longer is the cause, and so is what the story had nothing for', () => {
  expect(staleCause(pathOf(edited('shot-1', { chunks: 3 })), made)).toMatchObject({
    shotIndex: 0,
    madeKey: made.get(2),
  });
  expect(staleCause(pathOf(line), new Map([[0, made.get(0) as string]]))).toMatchObject({
    shotIndex: 0,
    madeKey: null,
  });
});
