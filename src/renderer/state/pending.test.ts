import { expect, it } from 'vitest';
import type { ProjectState } from '../../shared/api/types.ts';
import { applyCommand, emptyDocument } from '../../shared/project/apply-command.ts';
import type { Command } from '../../shared/project/commands.ts';
import { enqueue, nextWaiting, rebase, shareUnchanged, squash } from './pending.ts';

const shot = {
  id: 'shot-one',
  parent: null,
  name: '',
  prompt: '',
  chunks: 2,
  seed: 1,
  seedLocked: false,
  transition: 'continue',
  memory: {},
  held: null,
} as const;
const edit = (patch: Extract<Command, { type: 'edit-shot' }>['patch']): Command => ({
  type: 'edit-shot',
  id: shot.id,
  patch,
});
const added = applyCommand(emptyDocument('Test'), { type: 'add-shot', parent: null, shot });

function project(revision: number, document = added): ProjectState {
  return {
    id: 'this-one',
    file: '/t',
    document,
    revision,
    undo: null,
    redo: null,
    save: { state: 'saved' },
    readOnly: null,
  };
}

it('keeps only the last value of what one gesture changes', () => {
  expect(squash([edit({ prompt: 'A' }), edit({ prompt: 'A c' }), edit({ chunks: 3 })])).toEqual([
    edit({ prompt: 'A c', chunks: 3 }),
  ]);
});

it('gathers a gesture while it waits, and shows it on top of what the studio says until it is in there', () => {
  enqueue('this-one', [edit({ prompt: 'A' })], 'typing');
  enqueue('this-one', [edit({ prompt: 'A cat' })], 'typing');
  const batch = nextWaiting();
  expect(batch?.commands).toEqual([edit({ prompt: 'A cat' })]);
  if (!batch) return;
  batch.state = 'sent';
  expect(nextWaiting()).toBeUndefined();
  expect(rebase(project(4)).shots[0]?.prompt).toBe('A cat');
  batch.state = 5;
  expect(rebase(project(4)).shots[0]?.prompt).toBe('A cat');
  const theirs = applyCommand(added, edit({ prompt: 'A cat, corrected' }));
  expect(rebase(project(5, theirs)).shots[0]?.prompt).toBe('A cat, corrected');
});

it('passes over a command that the studio has already', () => {
  enqueue('this-one', [{ type: 'add-shot', parent: null, shot }], null);
  const batch = nextWaiting();
  expect(rebase(project(6)).shots).toHaveLength(1);
  if (batch) batch.state = 6;
  expect(rebase(project(6)).shots).toHaveLength(1);
});

it('what was made on one project is never shown on another, whatever its shots are called', () => {
  enqueue('this-one', [edit({ prompt: 'of this one' })], null);
  const batch = nextWaiting();
  const other: ProjectState = { ...project(3), id: 'other-one' };
  expect(rebase(other).shots[0]?.prompt).toBe('');
  expect(rebase(project(6)).shots[0]?.prompt).toBe('of this one');
  if (batch) batch.state = 7;
  // Answered, and the other one is open: it is forgotten, and comes back in neither.
  expect(rebase(other).shots[0]?.prompt).toBe('');
  expect(rebase(project(6)).shots[0]?.prompt).toBe('');
});

it('the same gesture on two projects does not join', () => {
  enqueue('one', [edit({ prompt: 'a' })], 'typing');
  enqueue('two', [edit({ prompt: 'b' })], 'typing');
  expect(nextWaiting()).toMatchObject({ project: 'one', commands: [edit({ prompt: 'a' })] });
});

it('a document that came is another one where any of its fields says something else', () => {
  const before = emptyDocument('Fox');
  expect(shareUnchanged(before, structuredClone(before))).toBe(before);
  const model = { name: 'm', digest: 'd', builtIn: false, sources: [] };
  const changes: Partial<typeof before>[] = [
    { title: 'Dog' },
    { model },
    { frameSize: { width: 416, height: 240 } },
    { prompts: 'as-written' },
    { memory: { bankFrames: 2 } },
    { defaults: { ...before.defaults, chunks: 5 } },
    { cutNames: { 'shot-1': 'Main' } },
  ];
  for (const change of changes) {
    const after = shareUnchanged(before, { ...before, ...change });
    expect(after).toEqual({ ...before, ...change });
    expect(after.shots).toBe(before.shots);
  }
  // Every field but the shots, which have a comparison of their own, and the two that never change.
  const { shots: _, format: __, version: ___, ...fields } = before;
  expect(changes.flatMap((change) => Object.keys(change)).sort()).toEqual(Object.keys(fields).sort());
});
