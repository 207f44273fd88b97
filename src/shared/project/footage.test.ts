import { expect, test } from 'vitest';
import { fakeInfo } from '../../../tests/fakes/fake-engine.ts';
import { footageLimits } from '../footage.ts';
import { planStory } from '../recipes.ts';
import { applyCommand, emptyDocument } from './apply-command.ts';
import type { Command } from './commands.ts';
import { describeCommand } from './describe-commands.ts';
import type { ProjectDocument, ProjectShot } from './document.ts';
import { ProjectPlanner, planProject } from './plan.ts';

const model = { ...fakeInfo, encoder: 'e'.repeat(64) };
const chunks = ['1', '2', '3'].map((digit) => digit.repeat(64));
const clip = { asset: 'a'.repeat(64), name: 'walk.mp4', chunks, given: 3, begins: true as const };
const shot = (id: string): ProjectShot => ({
  ...{ id, parent: null, name: '', prompt: `a cat, ${id}`, chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'continue', memory: {}, held: null },
});
const after = (document: ProjectDocument, ...commands: readonly Command[]): ProjectDocument =>
  commands.reduce(applyCommand, document);
const give = (footage: ProjectShot['footage'] | null, shotId = 'shot-1'): Command => ({
  ...{ type: 'set-footage', shotId, footage: footage ?? null },
});
const story = after(
  { ...emptyDocument('Story'), prompts: 'as-written' },
  { type: 'add-shot', parent: null, shot: shot('shot-1') },
  { type: 'add-shot', parent: 'shot-1', shot: shot('shot-2') },
  { type: 'add-shot', parent: 'shot-1', shot: shot('shot-3') },
);
const shown = (document: ProjectDocument, ...ids: string[]): (number | null)[] => {
  const plan = planProject(document, model);
  return ids.flatMap((id) =>
    plan.chunksOf(id).map(({ recipe }) => (recipe.footage ? chunks.indexOf(recipe.footage.asset) : null)),
  );
};

test('a film that begins with footage shows it in its first chunks, along every branch, as one on the command line does', () => {
  const given = after(story, give(clip));
  expect(shown(given, 'shot-1', 'shot-2', 'shot-3')).toEqual([0, 1, 2, null, 2, null]);
  const plan = planProject(given, model);
  const keys = ['shot-1', 'shot-2'].flatMap((id) => plan.chunksOf(id).map(({ key }) => key));
  const shots = given.shots
    .slice(0, 2)
    .map(({ prompt, chunks, transition, seed }) => ({ prompt, chunks, transition, seed }));
  const written = { format: 'throughline-story', version: 1, title: 'Story', seed: 0, shots } as const;
  expect(planStory(written, model, { footage: chunks }).map(({ key }) => key)).toEqual(keys);
});

test('footage that only a comparison begins with, or of a shot with one before it, changes nothing of the story', () => {
  const { begins: _, ...compared } = clip;
  const keys = (document: ProjectDocument): string[] =>
    document.shots.flatMap(({ id }) =>
      planProject(document, model)
        .chunksOf(id)
        .map(({ key }) => key),
    );
  expect(keys(after(story, give(compared)))).toEqual(keys(story));
  expect(keys(after(story, give(clip, 'shot-2')))).toEqual(keys(story));
  expect(after(story, give(clip), give(null))).toEqual(story);
});

test('planning again and again gives what planning once does', () => {
  const planner = new ProjectPlanner();
  for (const given of [3, 1, 2, 3]) {
    const document = after(story, give({ ...clip, given }));
    const plans = [planner.plan(document, model), planProject(document, model)];
    const [again, once] = plans.map((plan) => document.shots.map(({ id }) => plan.chunksOf(id)));
    expect(again).toEqual(once);
  }
});

test('a shot that is split keeps it with its first part, and the film stays the same', () => {
  const given = after(story, give(clip));
  const split = after(given, { type: 'split-shot', id: 'shot-1', at: 1, restId: 'shot-4' });
  expect(split.shots.map(({ id, footage }) => [id, footage !== undefined])).toContainEqual(['shot-1', true]);
  expect(split.shots.find(({ id }) => id === 'shot-4')).not.toHaveProperty('footage');
  expect(shown(split, 'shot-1', 'shot-4', 'shot-2')).toEqual([0, 1, 2, null]);
});

test('a model without an encoder says why the story cannot be made', () => {
  const { problems } = planProject(after(story, give(clip)), fakeInfo);
  expect([...problems.values()].map(({ message }) => message)).toEqual(
    Array.from({ length: 3 }, () => 'This model has no encoder, so it cannot look at footage.'),
  );
});

test('it has bounds, and undo says what was done', () => {
  const many = Array.from({ length: footageLimits.chunks + 1 }, () => chunks[0] as string);
  expect(() => after(story, give({ ...clip, chunks: many }))).toThrow('Footage may have up to 32 chunks');
  expect(() => after(story, give({ ...clip, name: 'x'.repeat(201) }))).toThrow('up to 200 characters');
  const { begins: _, ...compared } = clip;
  expect(describeCommand(story, give(compared))).toBe('compare with "walk.mp4"');
  const given = after(story, give(compared));
  expect(describeCommand(given, give({ ...compared, given: 1 }))).toBe('give more or less footage');
  expect(describeCommand(given, give(clip))).toBe('begin with the footage "walk.mp4"');
  expect(describeCommand(given, give(null))).toBe('take the footage out');
});
