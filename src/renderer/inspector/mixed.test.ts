import { expect, it } from 'vitest';
import type { ProjectShot } from '../../shared/project/document.ts';
import { common, editAll } from './mixed.ts';

const shot = (id: string, own: Partial<ProjectShot>): ProjectShot => ({
  ...{ id, parent: null, name: '', prompt: id, chunks: 1, seed: 1, seedLocked: false },
  ...{ transition: 'automatic', memory: {}, held: null },
  ...own,
});
const shots = [shot('shot-1', { seed: 4, chunks: 2 }), shot('shot-2', { seed: 4, chunks: 3 })];

it('says what shots have in common, and that they differ', () => {
  expect(common(shots, ({ seed }) => seed)).toEqual({ mixed: false, value: 4 });
  expect(common(shots, ({ chunks }) => chunks)).toEqual({ mixed: true });
  expect(common(shots, ({ memory }) => memory.policy)).toEqual({ mixed: false, value: undefined });
});

it('changes those that are not so yet, and keeps what else their memory says', () => {
  expect(editAll(shots, () => ({ chunks: 3 }))).toEqual([{ type: 'edit-shot', id: 'shot-1', patch: { chunks: 3 } }]);
  const banned = shot('shot-3', { memory: { bans: [1] } });
  expect(editAll([banned], ({ memory }) => ({ memory: { ...memory, policy: 'window' } }))).toEqual([
    { type: 'edit-shot', id: 'shot-3', patch: { memory: { bans: [1], policy: 'window' } } },
  ]);
});
