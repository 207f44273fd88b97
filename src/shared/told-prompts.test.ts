import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fakeInfo } from '../../tests/fakes/fake-engine.ts';
import { applyCommand, emptyDocument } from './project/apply-command.ts';
import type { Command } from './project/commands.ts';
import type { ProjectDocument, ProjectShot } from './project/document.ts';
import { readDocument } from './project/document-versions.ts';
import { limits } from './project/limits.ts';
import { ProjectPlanner, planProject } from './project/plan.ts';
import { storyOfCut } from './project/tree.ts';
import { planStory } from './recipes.ts';
import { sceneWordsOf } from './scene/index.ts';
import { Teller, toldPrompts } from './told-prompts.ts';

const root = join(import.meta.dirname, '../..');
const { words } = JSON.parse(readFileSync(join(root, 'resources/models/animatic/vocabulary.json'), 'utf8'));
/** A model with the words of the built-in one. */
const model = { ...fakeInfo, scene: sceneWordsOf(words), encoder: 'e'.repeat(64) };

const shot = (id: string, prompt: string, own: Partial<ProjectShot> = {}): ProjectShot => ({
  ...{ id: `shot-${id}`, parent: null, name: '', prompt, chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'automatic', memory: {}, held: null, ...own },
});
const after = (parent: string, made: ProjectShot): ProjectShot => ({ ...made, parent: `shot-${parent}` });
const fox = shot('a', 'A red fox sits in the meadow.');
const waves = after('a', shot('b', 'It waves.'));
const duck = after('a', shot('c', 'A yellow duck swims on the lake.'));
const document: ProjectDocument = {
  ...emptyDocument('Fox'),
  shots: [fox, waves, after('b', shot('d', 'It jumps.')), duck, after('c', shot('e', 'It jumps.'))],
};
const apply = (before: ProjectDocument, ...commands: Command[]) => commands.reduce(applyCommand, before);
const prompts = (of: ProjectDocument, by = model) => {
  const plan = planProject(of, by);
  return of.shots.map(({ id }) => plan.chunksOf(id)[0]?.recipe.prompt);
};
const keys = (of: ProjectDocument, ids: readonly string[], by = model) => {
  const plan = planProject(of, by);
  return ids.flatMap((id) => plan.chunksOf(id).map(({ key }) => key));
};
const everyId = (of: ProjectDocument) => of.shots.map(({ id }) => id);

describe('a project whose prompts are completed', () => {
  test('tells the model who and where, along each branch by itself', () => {
    const [first, second, third, fourth, fifth] = prompts(document);
    expect([first, fourth]).toEqual([fox.prompt, duck.prompt]);
    expect(second).toMatch(/red fox waves.*meadow/i);
    expect(third).toMatch(/red fox jumps.*meadow/i);
    expect(fifth).toMatch(/yellow duck jumps.*lake/i);
    const plan = planProject(document, model);
    expect(plan.toldOf('shot-a')).toBeNull();
    expect(plan.toldOf('shot-b')).toBe(second);
    // How a shot begins follows what the person wrote.
    const written = planProject({ ...document, prompts: 'as-written' }, model);
    for (const id of everyId(document)) expect(plan.beginningOf(id)).toEqual(written.beginningOf(id));
  });

  test('has the chunks of the project in which the same is written in full', () => {
    const told = prompts(document);
    const full = {
      ...document,
      prompts: 'as-written' as const,
      shots: document.shots.map((one, i) => ({ ...one, prompt: told[i] as string })),
    };
    const begun = planProject(document, model);
    const same = {
      ...full,
      shots: full.shots.map((one) => ({ ...one, transition: begun.beginningOf(one.id)?.transition ?? 'cut' })),
    };
    expect(keys(same, everyId(document))).toEqual(keys(document, everyId(document)));
  });

  test('tells one shot as it is written where that is asked, and the next ones in full all the same', () => {
    const asked = apply(document, { type: 'edit-shot', id: 'shot-b', patch: { told: 'as-written' } });
    expect(prompts(asked)[1]).toBe('It waves.');
    expect(prompts(asked)[2]).toBe(prompts(document)[2]);
    const back = apply(asked, { type: 'edit-shot', id: 'shot-b', patch: { told: 'automatic' } });
    expect(back).toEqual(document);
  });

  test('keeps its keys where a shot is divided', () => {
    const parts = apply(document, { type: 'split-shot', id: 'shot-b', at: 1, restId: 'shot-rest' });
    expect(keys(parts, ['shot-b', 'shot-rest', 'shot-d'])).toEqual(keys(document, ['shot-b', 'shot-d']));
  });

  test('is planned anew when that is changed, and only then', () => {
    const planner = new ProjectPlanner();
    const completed = planner.plan(document, model);
    const written = planner.plan(apply(document, { type: 'edit-project', prompts: 'as-written' }), model);
    expect(written.toldOf('shot-b')).toBeNull();
    expect(planner.plan(document, model).chunksOf('shot-b')).toEqual(completed.chunksOf('shot-b'));
  });

  test('has the same keys as a story', () => {
    const line = ['shot-a', 'shot-b', 'shot-d'];
    const story = storyOfCut(document, 'shot-d');
    expect(planStory(story, model).map(({ key }) => key)).toEqual(keys(document, line));
    expect(toldPrompts(story, model)).toEqual([0, 1, 2].map((i) => prompts(document)[i]));
  });

  test('tells a model without a list of words every prompt as it is', () => {
    const { scene: _, ...wordless } = model;
    expect(prompts(document, { ...wordless, scene: null } as never)).toEqual(
      document.shots.map(({ prompt }) => prompt),
    );
  });
});

test('a prompt that would pass the limit when it is completed stays as it is', () => {
  const teller = new Teller('completed', model);
  teller.tell({ prompt: fox.prompt });
  const long = `It waves.${' '.repeat(limits.prompt - 9)}`;
  expect(teller.tell({ prompt: long })).toBe(long);
});

/** SHA-256 over the keys of stored documents, noted before there were completed prompts. */
const noted = {
  v1: '58220d69d7478568863a02f2d01f949bd07f34ebbe4812bdd4896d5ec63c932d',
  v10: 'b400ecddf7011fe2fa0cc06744757e55e79d4e4a21826c20e17b0d4660e6429c',
};

test.each(Object.entries(noted))(
  'a document of version %s keeps every key, whatever its prompts leave out',
  (name, digest) => {
    const { value } = readDocument(readFileSync(join(root, `tests/fixtures/documents/${name}.json`), 'utf8'));
    expect(value.prompts).toBe('as-written');
    const tail = [fox.prompt, 'It waves.', 'She dances.'].map((prompt, i): ProjectShot => {
      const like = value.shots[0] as ProjectShot;
      const place = { id: `tail-shot-${i}`, parent: i === 0 ? null : `tail-shot-${i - 1}` };
      return { ...like, ...place, prompt, memory: {}, held: null, transition: 'automatic' };
    });
    const whole = { ...value, shots: [...value.shots, ...tail] };
    const all = JSON.stringify(keys(whole, everyId(whole)));
    expect(createHash('sha256').update(all).digest('hex')).toBe(digest);
  },
);
