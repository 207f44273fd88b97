import { expect, it } from 'vitest';
import { emptyDocument } from '../../shared/project/apply-command.ts';
import type { ProjectDocument, ProjectShot } from '../../shared/project/document.ts';
import { selectionAfter } from './follow-undo.ts';

const shot = (id: string, parent: string | null): ProjectShot => ({
  ...{ id, parent, name: '', prompt: id, chunks: 1, seed: 1, seedLocked: false },
  ...{ transition: 'automatic', memory: {}, held: null },
});
const of = (...shots: ProjectShot[]): ProjectDocument => ({ ...emptyDocument('x'), shots });
const [one, two, three] = [shot('shot-1', null), shot('shot-2', 'shot-1'), shot('shot-3', 'shot-2')];

it('what comes back is selected', () => {
  expect(selectionAfter(of(), of(one), new Set())).toEqual(['shot-1']);
  expect(selectionAfter(of(one), of(one, two, three), new Set(['shot-1']))).toEqual(['shot-2', 'shot-3']);
});

it('where what was selected goes, the shot before it is', () => {
  expect(selectionAfter(of(one, two, three), of(one), new Set(['shot-3']))).toEqual(['shot-1']);
  expect(selectionAfter(of(one, two), of(one), new Set(['shot-1']))).toBeNull();
  expect(selectionAfter(of(one), of(), new Set(['shot-1']))).toEqual([]);
});

it('a change of what is not selected is selected, one of what is leaves the selection', () => {
  const changed = { ...two, prompt: 'other' };
  expect(selectionAfter(of(one, two), of(one, changed), new Set(['shot-1']))).toEqual(['shot-2']);
  expect(selectionAfter(of(one, two), of(one, changed), new Set(['shot-1', 'shot-2']))).toBeNull();
  expect(selectionAfter(of(one, two), { ...of(one, two), title: 'y' }, new Set())).toBeNull();
});
