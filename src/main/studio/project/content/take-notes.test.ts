import { expect, test } from 'vitest';
import { fakeInfo } from '../../../../../tests/fakes/fake-engine.ts';
import { emptyDocument } from '../../../../shared/project/apply-command.ts';
import type { ProjectDocument, ProjectShot, Take } from '../../../../shared/project/document.ts';
import { planProject } from '../../../../shared/project/plan.ts';
import { shotStatus } from '../../../../shared/project/status.ts';
import { noTakeNotes, noted, noteMade, noteSaid, noteShown, parseTakeNotes, type TakeNotes } from './take-notes.ts';

const shot: ProjectShot = {
  ...{ id: 'shot-a', parent: null, name: '', prompt: 'a cat', chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'automatic', memory: {}, held: null },
};
const documentOf = (own: Partial<ProjectShot>, before: readonly ProjectShot[] = []): ProjectDocument => ({
  ...emptyDocument('Film'),
  shots: [...before, { ...shot, ...own }],
});
const keysOf = (document: ProjectDocument) =>
  planProject(document, fakeInfo)
    .chunksOf('shot-a')
    .map(({ key }) => key);

const first = documentOf({});
const second = documentOf({ memory: { policy: 'window' } });
const takes: Take[] = [first, second].map((document, i) => ({
  ...{ id: `take-${i}`, shotId: 'shot-a', prompt: 'a cat', seed: 1, keys: keysOf(document), createdAt: '' },
}));
const after = (notes: TakeNotes, document: ProjectDocument): TakeNotes =>
  noteShown(notes, { document, plan: planProject(document, fakeInfo), takes });

test('after an undo the old result is the one that was shown last, and stays it when something before changes', () => {
  const undone = after(after(noTakeNotes, second), first);
  expect(undone.lastShown).toEqual({ 'shot-a': 'take-0' });
  const inserted = documentOf({ parent: 'shot-x' }, [{ ...shot, id: 'shot-x', prompt: 'a dog' }]);
  const available = new Set(takes.flatMap(({ keys }) => keys));
  const status = shotStatus(
    inserted.shots[1] as ProjectShot,
    planProject(inserted, fakeInfo),
    available,
    noted(takes, after(undone, inserted)),
    null,
  );
  expect(status.chunks.map(({ shown }) => shown)).toEqual(takes[0]?.keys);
  expect(status.state).toBe('stale');
});

test('a stale document shows nothing new; the newest take needs no note', () => {
  const notes = after(noTakeNotes, first);
  expect(after(notes, documentOf({ seed: 99 }))).toBe(notes);
  expect(after(notes, second).lastShown).toEqual({});
  expect(after(noTakeNotes, second)).toBe(noTakeNotes);
});

test('a kept result counts as shown, and a new take as shown at once', () => {
  const kept = after(noTakeNotes, documentOf({ seed: 99, held: [...(takes[0]?.keys ?? [])] }));
  expect(kept.lastShown).toEqual({ 'shot-a': 'take-0' });
  expect(noteMade(kept, { shotId: 'shot-a' }).lastShown).toEqual({});
  expect(noteMade(kept, { shotId: 'shot-b' })).toBe(kept);
});

test('notes are written and read; what is not ours is none', () => {
  const notes = { lastShown: { 'shot-a': 'take-0' }, said: { 'take-1': { name: 'Best', starred: true } } };
  expect(parseTakeNotes('{"lastShown":{}}')).toEqual(noTakeNotes); // as it was before takes could be named
  expect(parseTakeNotes(JSON.stringify(notes))).toEqual(notes);
  expect([parseTakeNotes(undefined), parseTakeNotes('{'), parseTakeNotes('{"other":1}')]).toEqual(
    Array(3).fill(noTakeNotes),
  );
});

test('a take is named, starred and deleted; saying one thing leaves the others', () => {
  const starred = noteSaid(noteSaid(noTakeNotes, 'take-0', { name: 'Best' }), 'take-0', { starred: true });
  expect(noted(takes, starred)[0]).toEqual({ ...takes[0], name: 'Best', starred: true });
  expect(noted(noted(takes, starred), noTakeNotes)).toEqual(takes);
  expect(noted(takes, noteSaid(starred, 'take-0', { deleted: true })).map(({ id }) => id)).toEqual(['take-1']);
});
