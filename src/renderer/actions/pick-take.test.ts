import { expect, it } from 'vitest';
import { fakeInfo } from '../../../tests/fakes/fake-engine.ts';
import { applyCommand, emptyDocument } from '../../shared/project/apply-command.ts';
import { type Command, commandSchema } from '../../shared/project/commands.ts';
import type { ProjectDocument, ProjectShot } from '../../shared/project/document.ts';
import type { ChunkRecipe } from '../../shared/render.ts';
import { bringsBack } from '../inspector/takes/differences.ts';
import { branchCommands, pickCommands } from './pick-take.ts';

const shot = (id: string, own: Partial<ProjectShot> = {}): ProjectShot => ({
  ...{ id, parent: null, name: '', prompt: id, chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'automatic', memory: {}, held: null, ...own },
});
const run = (document: ProjectDocument, ...commands: readonly Command[]) =>
  commands.reduce((now, command) => applyCommand(now, commandSchema.parse(command)), document);
const made: ChunkRecipe = {
  ...{ chunkIndex: 2, prompt: 'a cat', seed: 1, transition: 'continue', sampler: fakeInfo.sampler },
  memory: { ...fakeInfo.memory, policy: 'nam', pins: [], bans: [] },
};
const now: ChunkRecipe = { ...made, prompt: 'a dog', seed: 5, memory: { ...made.memory, policy: 'window' } };

it('a take that is picked brings its memory with it', () => {
  const changed = shot('shot-b', { parent: 'shot-a', memory: { policy: 'window', capacity: 9 } });
  expect(pickCommands(changed, { prompt: 'a cat', seed: 1 }, made, now)).toEqual([
    { type: 'pick-take', id: 'shot-b', prompt: 'a cat', seed: 1 },
    { type: 'edit-shot', id: 'shot-b', patch: { memory: { policy: 'nam', capacity: 9 } } },
  ]);
});

it('a change that is moved to a branch leaves the shot, and all after it, as they were made', () => {
  const changed = shot('shot-b', { prompt: 'a dog', seed: 5, chunks: 3, memory: { policy: 'window' } });
  const before = run(
    emptyDocument('Film'),
    { type: 'add-shot', parent: null, shot: shot('shot-a') },
    { type: 'add-shot', parent: 'shot-a', shot: { ...changed, fields: { number: '7', notes: 'soft light' } } },
    { type: 'add-shot', parent: 'shot-b', shot: shot('shot-c') },
  );
  const there = before.shots.find(({ id }) => id === 'shot-b') as ProjectShot;
  const take = { prompt: 'a cat', seed: 1, keys: ['k1', 'k2'] };
  const after = run(before, ...branchCommands(there, take, made, now, 'shot-x'));
  const byId = new Map(after.shots.map((one) => [one.id, one]));
  expect(byId.get('shot-b')).toMatchObject({ prompt: 'a cat', seed: 1, chunks: 2, memory: { policy: 'nam' } });
  expect(byId.get('shot-c')?.parent).toBe('shot-b');
  expect(byId.get('shot-x')).toMatchObject({
    ...{ parent: 'shot-a', prompt: 'a dog', seed: 5, chunks: 3, memory: { policy: 'window' } },
    fields: { notes: 'soft light' },
  });
  expect(byId.get('shot-x')?.fields).not.toHaveProperty('number');
});

it('what picking cannot bring back is not offered to be moved', () => {
  const of = { recipe: made, parentKey: 'a' };
  expect(bringsBack(of, now)).toBe(true);
  const pinned = { ...now, memory: { ...now.memory, pins: [{ frame: 1, name: 'hero' }] } };
  expect(bringsBack(of, pinned)).toBe(false);
});
