import { expect, test } from 'vitest';
import { fakeInfo } from '../../../tests/fakes/fake-engine.ts';
import { emptyDocument } from '../../shared/project/apply-command.ts';
import type { ProjectDocument, ProjectShot } from '../../shared/project/document.ts';
import { type ProjectPlan, planProject } from '../../shared/project/plan.ts';
import { SlicedPlan } from './sliced-plan.ts';

const shots = Array.from(
  { length: 30 },
  (_, i): ProjectShot => ({
    ...{ id: `shot-${i}`, parent: i === 0 ? null : `shot-${i - 1}`, name: '', prompt: `scene ${i}`, chunks: 2 },
    ...{ seed: 1, seedLocked: false, transition: 'continue', memory: {}, held: null },
  }),
);
const document: ProjectDocument = { ...emptyDocument('Long'), shots };
const keys = (plan: ProjectPlan | undefined) => shots.map(({ id }) => plan?.chunksOf(id).map(({ key }) => key));

/** A clock on which every look takes a millisecond, and frames that are drawn when the test says so. */
function planning() {
  const plans: ProjectPlan[] = [];
  const waiting: (() => void)[] = [];
  let ms = 0;
  const later = (act: () => void) => waiting.push(act);
  const sliced = new SlicedPlan((plan) => plans.push(plan), { rested: later, nextFrame: later, now: () => ms++ });
  let frames = 0;
  const drawAll = (): number => {
    for (let act = waiting.shift(); act; act = waiting.shift()) {
      frames++;
      act();
    }
    return frames;
  };
  return { plans, sliced, drawAll };
}

test('a long story is planned over several frames, to the same keys', () => {
  const { plans, sliced, drawAll } = planning();
  sliced.begin(document, fakeInfo);
  expect(plans).toEqual([]);
  expect(drawAll()).toBeGreaterThan(3);
  expect(plans.length).toBe(1);
  expect(keys(plans[0])).toEqual(keys(planProject(document, fakeInfo)));
});

test('an edit at the end is planned at once', () => {
  const { plans, sliced, drawAll } = planning();
  sliced.begin(document, fakeInfo);
  drawAll();
  const edited = { ...document, shots: shots.map((shot, i) => (i === 29 ? { ...shot, seed: 5 } : shot)) };
  sliced.begin(edited, fakeInfo);
  expect(plans.length).toBe(2);
  expect(keys(plans[1])).toEqual(keys(planProject(edited, fakeInfo)));
});

test('only what was asked for last is answered', () => {
  const { plans, sliced, drawAll } = planning();
  sliced.begin(document, fakeInfo);
  const edited = { ...document, shots: shots.map((shot, i) => (i === 3 ? { ...shot, seed: 5 } : shot)) };
  sliced.begin(edited, fakeInfo);
  drawAll();
  expect(plans.length).toBe(1);
  expect(keys(plans[0])).toEqual(keys(planProject(edited, fakeInfo)));
  sliced.begin(document, fakeInfo);
  sliced.stop();
  drawAll();
  expect(plans.length).toBe(1);
});

test('the whole of it at once, where that is asked for', () => {
  const { plans, sliced, drawAll } = planning();
  sliced.begin(document, fakeInfo);
  sliced.begin(document, fakeInfo, true);
  expect(plans.length).toBe(1);
  expect(keys(plans[0])).toEqual(keys(planProject(document, fakeInfo)));
  drawAll();
  expect(plans.length).toBe(1);
});
