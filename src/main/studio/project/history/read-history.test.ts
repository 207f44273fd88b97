import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptyDocument } from '../../../../shared/project/apply-command.ts';
import type { ProjectShot } from '../../../../shared/project/document.ts';
import { openProjectFile, type ProjectStore } from '../../../persistence/index.ts';
import type { DocumentHistory } from './document-history.ts';
import { readHistory } from './read-history.ts';

let folder: string;
let store: ProjectStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-history-'));
  store = await openProjectFile(join(folder, 'story.throughline'), JSON.stringify(emptyDocument('Story')));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const shot = (id: string): ProjectShot => ({
  ...{ id, parent: null, name: '', prompt: id, chunks: 1, seed: 1, seedLocked: false },
  ...{ transition: 'continue', memory: {}, held: null },
});
const read = async () => readHistory(store, await store.contents());
const ids = ({ document }: DocumentHistory) => document.shots.map(({ id }) => id);

async function add(history: DocumentHistory, id: string): Promise<void> {
  history.apply([{ type: 'add-shot', parent: null, shot: shot(id) }], null);
  const change = history.takeChange();
  if (change) await store.saveDocument(change);
}

/** Damages the storyboard on the disk, as it stands. */
async function damage(history: DocumentHistory): Promise<void> {
  const { number } = await store.contents();
  await store.saveDocument({
    ...{ data: '{"format":"through', number, at: history.document.shots.length },
    ...{ dropAfter: null, put: [], keepFrom: 0 },
  });
}

test('a storyboard that cannot be read is put together again from the last one that was, and the steps since', async () => {
  const { history } = await read();
  await store.noteGood();
  for (const id of ['shot-1', 'shot-2', 'shot-3']) await add(history, id);
  await damage(history);

  const recovered = await read();
  expect(ids(recovered.history)).toEqual(['shot-1', 'shot-2', 'shot-3']);
  expect(recovered.notices).toMatchObject([
    { message: 'The storyboard in this file was damaged. It is shown as it was saved last.' },
  ]);
  expect((await store.contents()).facts['unreadable-document']).toBe('{"format":"through');
  // It goes on from there, and undo with it.
  await add(recovered.history, 'shot-4');
  const next = await read();
  expect(next.notices).toEqual([]);
  expect(next.history.undo()).toBe(true);
  expect(next.history.undo()).toBe(true);
  expect(ids(next.history)).toEqual(['shot-1', 'shot-2']);
});

test('steps that do not fit end the way: it is shown as it was so many steps earlier', async () => {
  const { history } = await read();
  await add(history, 'shot-1');
  await store.noteGood();
  await add(history, 'shot-2');
  const { data, number, at, revisions } = await store.contents();
  const put = revisions.filter(({ id }) => id === 2).map((step) => ({ ...step, delta: '{"shots":' }));
  await store.saveDocument({ data, number, at, dropAfter: null, put, keepFrom: 0 });
  await damage(history);
  const recovered = await read();
  expect(ids(recovered.history)).toEqual(['shot-1']);
  expect(recovered.notices[0]?.message).toMatch(/as it was one step earlier/);
});

test('without one that was readable, the newest named version that is', async () => {
  const { history } = await read();
  await store.setFact('good-document', '{');
  await add(history, 'shot-1');
  await store.addVersion('Draft', JSON.stringify(history.document));
  await store.addVersion('Broken', '{');
  await add(history, 'shot-2');
  await damage(history);
  await store.setFact('good-document', '{');
  const recovered = await read();
  expect(ids(recovered.history)).toEqual(['shot-1']);
  expect(recovered.notices[0]?.message).toMatch(/as it was in the version "Draft"/);
  await add(recovered.history, 'shot-9');
  const next = await read();
  expect(next.history.undo()).toBe(true);
  expect(next.history.undo()).toBe(false);
});

test('where nothing can be read, that is said', async () => {
  const { history } = await read();
  await store.setFact('good-document', '{');
  await damage(history);
  await store.setFact('good-document', '{');
  await expect(read()).rejects.toThrow(/storyboard .* cannot be read/);
});
