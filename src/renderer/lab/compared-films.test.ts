import { expect, it } from 'vitest';
import { fakeInfo } from '../../../tests/fakes/fake-engine.ts';
import { adoptMemory, documentUnder } from '../../shared/lab/index.ts';
import { memoryKind } from '../../shared/memories/index.ts';
import { applyCommand, emptyDocument } from '../../shared/project/apply-command.ts';
import type { ProjectDocument, ProjectShot } from '../../shared/project/document.ts';
import { planProject } from '../../shared/project/plan.ts';
import { type Cut, cutsOf } from '../../shared/project/tree.ts';
import { framesOf, madeOf, partAt, planFilms } from './compared-films.ts';

const shot = (id: string, parent: string | null, memory: ProjectShot['memory'] = {}): ProjectShot => ({
  ...{ id, parent, name: '', prompt: `a cat, ${id}`, chunks: 2, seed: 1 },
  ...{ seedLocked: false, transition: 'continue', memory, held: null },
});
const document: ProjectDocument = {
  ...emptyDocument('Story'),
  shots: [
    shot('first', null),
    shot('second', 'first', { policy: 'sink', bankFrames: 2, bans: [0] }),
    shot('other', 'first'),
  ],
};
const { choices } = memoryKind('paper');
const [cut] = cutsOf(document).filter(({ leaf }) => leaf === 'second') as [Cut];

it('plans the cut under each memory, and each is another film', () => {
  const films = planFilms(document, cut, choices, fakeInfo);
  expect(films.map(({ parts }) => parts.map(({ frames }) => frames))).toEqual(choices.map(() => [9, 12, 12, 12]));
  expect(new Set(films.flatMap(({ parts }) => parts.map(({ key }) => key))).size).toBe(16);
  const [film] = films as [(typeof films)[0]];
  expect(framesOf(film)).toBe(45);
  expect(partAt(film, 8)).toMatchObject({ key: film.parts[0]?.key, at: 8 });
  expect(partAt(film, 9)).toMatchObject({ key: film.parts[1]?.key, at: 0 });
  expect(partAt(film, 45)).toBeNull();
  expect(madeOf(film, new Set([film.parts[2]?.key, 'another']) as Set<string>)).toBe(1);
});

it('a column that is adopted is made already: the cut then asks for the very chunks of the comparison', () => {
  for (const film of planFilms(document, cut, choices, fakeInfo)) {
    let adopted = document;
    for (const command of adoptMemory(cut.shots, film.choice.policy)) adopted = applyCommand(adopted, command);
    const plan = planProject(adopted, fakeInfo);
    expect(cut.shots.flatMap(({ id }) => plan.chunksOf(id).map(({ key }) => key))).toEqual(
      film.parts.map(({ key }) => key),
    );
    // What else was said of a shot stays.
    expect(adopted.shots[1]?.memory).toEqual({ policy: film.choice.policy, bankFrames: 2, bans: [0] });
  }
});

it('a document under a memory is the same object every time, and no change where it says so already', () => {
  expect(documentUnder(document, 'nam')).toBe(documentUnder(document, 'nam'));
  expect(documentUnder(document, 'nam').shots[0]).toBe(document.shots[0]);
  expect(adoptMemory([shot('only', null, { policy: 'nam' })], 'nam')).toEqual([]);
});
