import { describe, expect, test } from 'vitest';
import { emptyDocument } from '../../../../shared/project/apply-command.ts';
import type { Command } from '../../../../shared/project/commands.ts';
import type { ProjectDocument, ProjectShot } from '../../../../shared/project/document.ts';
import type { DocumentChange, StoredRevision } from '../../../persistence/index.ts';
import { applyDelta, deltaBetween } from './document-delta.ts';
import { DocumentHistory } from './document-history.ts';

const shot = (id: string, prompt = id, parent: string | null = null): ProjectShot => ({
  ...{ id, parent, name: '', prompt, chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'continue', memory: {}, held: null },
});
const add = (id: string, parent: string | null = null): Command => ({ type: 'add-shot', parent, shot: shot(id) });
const write = (id: string, prompt: string): Command => ({ type: 'edit-shot', id, patch: { prompt } });

/** A file that does what the project file does with changes. */
class FakeFile {
  data = JSON.stringify(emptyDocument('Test'));
  number = 0;
  at = 0;
  revisions: StoredRevision[] = [];

  save(change: DocumentChange | null): void {
    if (!change) return;
    const { data, number, at, dropAfter, put, keepFrom } = change;
    Object.assign(this, { data, number, at });
    const rows = new Map(this.revisions.map((revision) => [revision.id, revision]));
    for (const id of rows.keys()) if ((dropAfter !== null && id > dropAfter) || id < keepFrom) rows.delete(id);
    for (const revision of put) rows.set(revision.id, revision);
    this.revisions = [...rows.values()].sort((a, b) => a.id - b.id);
  }
}

const prompts = (history: DocumentHistory) => history.document.shots.map(({ prompt }) => prompt);

describe('undo and redo', () => {
  test('walk through every step, over restarts', () => {
    const file = new FakeFile();
    let history = new DocumentHistory(file);
    const documents = [history.document];
    for (const command of [add('shot-1'), add('shot-2', 'shot-1'), write('shot-1', 'one'), add('shot-3', 'shot-2')]) {
      history.apply([command], null);
      documents.push(history.document);
    }
    history.apply([{ type: 'delete-shots', ids: ['shot-2'], mode: 'heal' }], null);
    documents.push(history.document);
    file.save(history.takeChange());

    for (let step = documents.length - 2; step >= 0; step--) {
      history = new DocumentHistory(file); // a restart between any two steps
      expect(history.undo()).toBe(true);
      expect(history.document).toEqual(documents[step]);
      file.save(history.takeChange());
    }
    expect(history.undo()).toBe(false);
    expect(history.undoLabel).toBeNull();
    for (const document of documents.slice(1)) {
      history = new DocumentHistory(file);
      expect(history.redo()).toBe(true);
      expect(history.document).toEqual(document);
      file.save(history.takeChange());
    }
    expect(history.redo()).toBe(false);
  });

  test('the commands of one gesture are one step', () => {
    const file = new FakeFile();
    const history = new DocumentHistory(file);
    history.apply([add('shot-1')], null);
    for (const prompt of ['a', 'a c', 'a ca', 'a cat']) {
      history.apply([write('shot-1', prompt)], 'typing-1');
      file.save(history.takeChange());
    }
    history.apply([write('shot-1', 'a cat waves')], 'typing-2');
    file.save(history.takeChange());
    expect(file.revisions).toHaveLength(3);
    history.undo();
    expect(prompts(history)).toEqual(['a cat']);
    history.undo();
    expect(prompts(history)).toEqual(['shot-1']);
    history.redo();
    expect(prompts(history)).toEqual(['a cat']);
    // After an undo the gesture is over, even if its name comes again.
    history.apply([write('shot-1', 'a dog')], 'typing-1');
    history.undo();
    expect(prompts(history)).toEqual(['a cat']);
  });

  test('a gesture that comes back to where it began leaves no step', () => {
    const file = new FakeFile();
    const history = new DocumentHistory(file);
    history.apply([add('shot-1')], null);
    history.apply([write('shot-1', 'b')], 'drag');
    file.save(history.takeChange());
    history.apply([write('shot-1', 'shot-1')], 'drag');
    file.save(history.takeChange());
    expect(file.revisions).toHaveLength(1);
    expect(history.undoLabel).toBe('add a shot');
    history.undo();
    expect(prompts(history)).toEqual([]);
  });

  test('a new change forgets what could be redone', () => {
    const file = new FakeFile();
    const history = new DocumentHistory(file);
    for (const id of ['shot-1', 'shot-2', 'shot-3']) history.apply([add(id)], null);
    file.save(history.takeChange());
    history.undo();
    history.undo();
    history.apply([add('shot-4')], null);
    file.save(history.takeChange());
    expect(history.redoLabel).toBeNull();
    const again = new DocumentHistory(file);
    expect(prompts(again)).toEqual(['shot-1', 'shot-4']);
    again.undo();
    expect(prompts(again)).toEqual(['shot-1']);
    again.redo();
    expect(prompts(again)).toEqual(['shot-1', 'shot-4']);
  });

  test('a refused command changes nothing', () => {
    const history = new DocumentHistory(new FakeFile());
    history.apply([add('shot-1')], null);
    const before = history.document;
    expect(() => history.apply([add('shot-2'), add('shot-1')], null)).toThrow(/already a shot/);
    expect(history.document).toBe(before);
    expect(history.number).toBe(1);
  });

  test('a change that could not be written is written with the next one', () => {
    const file = new FakeFile();
    const history = new DocumentHistory(file);
    history.apply([add('shot-1')], null);
    file.save(history.takeChange());
    history.apply([write('shot-1', 'lost?')], null);
    const failed = history.takeChange();
    if (failed) history.giveBack(failed);
    history.apply([add('shot-2')], null);
    file.save(history.takeChange());
    const again = new DocumentHistory(file);
    expect(prompts(again)).toEqual(['lost?', 'shot-2']);
    again.undo();
    again.undo();
    expect(prompts(again)).toEqual(['shot-1']);
  });
});

test('what is only noted is no step: undo leads past it, and who saw the document before may still undo', () => {
  const history = new DocumentHistory(new FakeFile());
  history.apply([add('shot-1')], null);
  const seen = history.number;
  const model = { name: 'Meadow', digest: 'd', builtIn: false, sources: [] };
  history.note({ ...history.document, model });
  expect(history.number).toBe(seen + 1);
  expect(history.undoLabel).toBe('add a shot');
  expect([seen - 1, seen, seen + 1, seen + 2].map((number) => history.isNewest(number))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  history.undo();
  expect(history.document).toMatchObject({ shots: [], model });
  history.redo();
  expect(history.document).toMatchObject({ shots: [{ id: 'shot-1' }], model });
  expect(history.isNewest(seen)).toBe(false);
  history.apply([{ type: 'edit-project', model: { ...model, name: 'Other' } }], null);
  expect(history.undoLabel).toBe('make the story with Other');
  history.undo();
  expect(history.document.model).toEqual(model);
});

test('a delta holds what changed and no more, and leads both ways', () => {
  const many = Array.from({ length: 500 }, (_, i) => shot(`shot-${i}`));
  const before: ProjectDocument = { ...emptyDocument('Many'), shots: many };
  const shots = [...many.slice(0, 250), shot('new-one'), ...many.slice(251)].map((other) =>
    other.id === 'shot-7' ? { ...other, prompt: 'seven' } : other,
  );
  const after = { ...before, title: 'More', shots, cutNames: { 'shot-9': 'Nine' } };
  const delta = deltaBetween(before, after);
  if (!delta) throw new Error('they differ');
  expect(delta.shots).toHaveLength(3);
  expect(JSON.stringify(delta).length).toBeLessThan(2000);
  expect(applyDelta(before, delta, 'forwards')).toEqual(after);
  expect(applyDelta(after, delta, 'backwards')).toEqual(before);
  expect(deltaBetween(after, structuredClone(after))).toBeNull();
});

describe('a history that is not quite as it should be', () => {
  const saved = (): FakeFile => {
    const file = new FakeFile();
    const history = new DocumentHistory(file);
    for (const id of ['shot-1', 'shot-2', 'shot-3', 'shot-4']) history.apply([add(id)], null);
    history.undo();
    file.save(history.takeChange());
    return file;
  };
  const damage = (file: FakeFile, id: number) => {
    file.revisions = file.revisions.map((step) => (step.id === id ? { ...step, delta: '{"shots":7' } : step));
  };

  test('a damaged step is left out with what lies beyond it, and said; the others can be undone', () => {
    const file = saved();
    damage(file, 2);
    const history = new DocumentHistory(file);
    expect(history.notices).toMatchObject([{ message: '2 undo steps of this project were damaged and are left out.' }]);
    expect(history.document.shots).toHaveLength(3);
    expect(history.undo()).toBe(true);
    expect(history.undo()).toBe(false);
    expect(history.redo()).toBe(true);
    expect(history.redo()).toBe(true);
    expect(history.document.shots).toHaveLength(4);
  });

  test('after a damaged step that could be redone, new steps take its number and the old ones are gone', () => {
    const file = saved();
    let history = new DocumentHistory(file);
    history.undo();
    file.save(history.takeChange());
    damage(file, 3);
    history = new DocumentHistory(file);
    expect(history.redoLabel).toBeNull();
    history.apply([add('shot-9')], null);
    file.save(history.takeChange());
    history = new DocumentHistory(file);
    expect(history.redo()).toBe(false);
    expect(history.undo()).toBe(true);
    expect(history.document.shots.map(({ id }) => id)).toEqual(['shot-1', 'shot-2']);
  });

  test('a step that does not fit is refused with a sentence, and the document stays', () => {
    const file = saved();
    let history = new DocumentHistory(file);
    history.apply([{ type: 'reconnect', id: 'shot-1', parent: 'shot-3' }], null);
    file.save(history.takeChange());
    file.data = JSON.stringify({ ...JSON.parse(file.data), shots: [] });
    history = new DocumentHistory(file);
    expect(() => history.undo()).toThrow(/cannot be taken back: the step does not fit the storyboard/);
    expect(history.document.shots).toEqual([]);
  });

  test('a document of a newer Throughline can be looked at and not changed', () => {
    const file = saved();
    file.data = JSON.stringify({ ...JSON.parse(file.data), version: 99, weather: 'fine' });
    const history = new DocumentHistory(file);
    expect(history.document.shots).toHaveLength(3);
    expect(() => history.apply([add('shot-9')], null)).toThrow(/made by a newer Throughline .* read only/);
    expect(history.undo()).toBe(false);
    expect(history.takeChange()).toBeNull();
  });
});
