import { expect, test } from 'vitest';
import { fakeInfo } from '../../../tests/fakes/fake-engine.ts';
import { applyCommand, emptyDocument } from './apply-command.ts';
import type { Command } from './commands.ts';
import type { ProjectDocument, ProjectShot } from './document.ts';
import { ProjectPlanner, planProject } from './plan.ts';

const shot = (i: number): ProjectShot => ({
  ...{ id: `shot-${i}`, parent: null, name: '', prompt: `scene ${i}`, chunks: 1 + (i % 3), seed: i },
  ...{ seedLocked: false, transition: 'continue', memory: {}, held: null },
});

/** The same numbers in every run: a linear congruential generator. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

function anyCommand(document: ProjectDocument, roll: (sides: number) => number, next: number): Command {
  const { shots } = document;
  const any = shots[roll(shots.length)] ?? shot(0);
  const edit = (patch: Extract<Command, { type: 'edit-shot' }>['patch']): Command => ({
    ...{ type: 'edit-shot', id: any.id, patch },
  });
  switch (roll(10)) {
    case 0:
      return { type: 'add-shot', parent: any.id, shot: shot(next) };
    case 1:
      return shots.length > 4
        ? { type: 'delete-shots', ids: [any.id], mode: roll(3) ? 'heal' : 'subtree' }
        : edit({ name: 'kept' });
    case 2:
      return edit({ chunks: 1 + roll(4) });
    case 3:
      return edit({ seed: roll(3) });
    case 4:
      return edit({ transition: (['automatic', 'automatic', 'cut', 'continue'] as const)[roll(4)] });
    case 5:
      return edit({ memory: { policy: roll(2) ? 'window' : 'nam', bankFrames: roll(4) } });
    case 6:
      return edit({ memory: { pins: [{ frame: roll(12), name: 'cat' }], bans: [20 + roll(5)] } });
    case 7:
      return edit({ prompt: ['', 'a cat in the kitchen', 'on the beach at night', 'a cat', 'scene 4'][roll(5)] });
    case 8:
      return { type: 'edit-project', memory: roll(4) === 0 ? { capacity: 4 + roll(3) } : {} };
    default:
      return edit({ name: `name ${roll(9)}` });
  }
}

/** All that a plan says. */
function told(document: ProjectDocument, plan: ReturnType<typeof planProject>) {
  return document.shots.map(({ id }) => ({
    id,
    first: plan.firstChunkIndex(id),
    chunks: plan.chunksOf(id),
    beginning: plan.beginningOf(id),
    problem: plan.problems.get(id)?.message,
  }));
}

test('planned edit by edit, a project has the plan that it has from scratch', () => {
  for (const seed of [1, 2, 3, 4]) {
    const roll = dice(seed);
    const planner = new ProjectPlanner();
    let document: ProjectDocument = { ...emptyDocument('Any'), shots: [shot(0)] };
    const past: ProjectDocument[] = [];
    for (let i = 1; i <= 120; i++) {
      past.push(document);
      const undone = roll(6) === 0 ? past[past.length - 1 - roll(Math.min(4, past.length))] : undefined;
      document = undone ?? applyCommand(document, anyCommand(document, roll, i));
      // Sometimes it is left off half way, as the page does when the next key is pressed.
      if (roll(4) === 0) planner.steps(document, fakeInfo).next();
      expect(told(document, planner.plan(document, fakeInfo))).toEqual(told(document, planProject(document, fakeInfo)));
    }
    const other = { ...fakeInfo, digest: 'e'.repeat(64) };
    expect(told(document, planner.plan(document, other))).toEqual(told(document, planProject(document, other)));
  }
});

/** A trunk of three shots and two branches from its second. */
const tree: ProjectDocument = {
  ...emptyDocument('Tree'),
  shots: [null, 0, 1, 1, 3].map((parent, i) => ({ ...shot(i), parent: parent === null ? null : `shot-${parent}` })),
};
const edited = (document: ProjectDocument, i: number, patch: Partial<ProjectShot>): ProjectDocument => ({
  ...document,
  shots: document.shots.map((made) => (made.id === `shot-${i}` ? { ...made, ...patch } : made)),
});

test('an automatic shot begins as the path to it says, in every branch by itself', () => {
  const told = (
    i: number,
    prompt: string,
    parent: number | null,
    transition: ProjectShot['transition'] = 'automatic',
  ) => ({
    ...{ ...shot(i), prompt, transition, parent: parent === null ? null : `shot-${parent}` },
  });
  const shots = [
    told(0, 'A cat in the kitchen.', null),
    told(1, 'The cat waves.', 0),
    told(2, 'The cat on the beach.', 1),
    told(3, 'The cat in the kitchen.', 1),
    told(4, 'The cat on the beach.', 3, 'continue'),
  ];
  const plan = planProject({ ...emptyDocument('Tree'), shots }, fakeInfo);
  expect(shots.map(({ id }) => plan.beginningOf(id))).toEqual([
    { transition: 'continue', reason: 'the story begins here' },
    { transition: 'continue', reason: 'no other place is named than kitchen' },
    { transition: 'cut', reason: 'another place: beach after kitchen' },
    { transition: 'continue', reason: 'the same place: kitchen' },
    { transition: 'continue', reason: null },
  ]);
  const byHand = shots.map((made, i) => ({ ...made, transition: i === 2 ? ('cut' as const) : ('continue' as const) }));
  const explicit = planProject({ ...emptyDocument('Tree'), shots: byHand }, fakeInfo);
  for (const { id } of shots)
    expect(plan.chunksOf(id).map(({ key }) => key)).toEqual(explicit.chunksOf(id).map(({ key }) => key));
});

test('an edit plans only its shot and what comes after it; undoing the edit plans nothing', () => {
  const planner = new ProjectPlanner();
  const first = planner.plan(tree, fakeInfo);
  const second = planner.plan(edited(tree, 3, { seed: 77 }), fakeInfo);
  const same = tree.shots.map(({ id }) => first.chunksOf(id) === second.chunksOf(id));
  expect(same).toEqual([true, true, true, false, false]);
  const named = planner.plan(edited(tree, 0, { name: 'Opening' }), fakeInfo);
  expect(tree.shots.every(({ id }) => named.chunksOf(id) === first.chunksOf(id))).toBe(true);
  const steps = planner.steps(tree, fakeInfo);
  expect(steps.next().done).toBe(true);
});
