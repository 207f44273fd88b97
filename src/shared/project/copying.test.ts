import { describe, expect, it } from 'vitest';
import { applyCommand, emptyDocument } from './apply-command.ts';
import { type Command, commandSchema } from './commands.ts';
import { copyShotsOf, inStoryOrder, placeAfter, withNewIds, withoutTakenNumbers } from './copying.ts';
import { describeCommands } from './describe-commands.ts';
import { type ProjectDocument, type ProjectShot, projectDocumentSchema } from './document.ts';
import { numbersFor } from './shot-numbers.ts';
import { cutsOf, fromOn, ownShots, pathTo } from './tree.ts';

const shot = (id: string, parent: string | null, own: Partial<ProjectShot> = {}): ProjectShot => ({
  ...{ id, parent, name: '', prompt: `prompt of ${id}`, chunks: 2, seed: 1, seedLocked: false },
  ...{ transition: 'automatic', memory: {}, held: null },
  ...own,
});
/** root - left - left2, and root - right - right2. */
const tree: ProjectDocument = {
  ...emptyDocument('Tree'),
  shots: [
    shot('the-root', null),
    shot('the-left', 'the-root', { name: 'Left', memory: { pins: [{ frame: 1, name: 'hero' }], bans: [4] } }),
    shot('the-right', 'the-root'),
    shot('the-left-2', 'the-left', { held: ['a'.repeat(64), 'b'.repeat(64)] }),
    shot('the-right-2', 'the-right'),
  ],
};
const run = (document: ProjectDocument, ...commands: Command[]): ProjectDocument =>
  commands.reduce((current, command) => {
    const next = applyCommand(current, commandSchema.parse(command));
    expect(projectDocumentSchema.safeParse(next).success).toBe(true);
    return next;
  }, document);
const cuts = (document: ProjectDocument) => cutsOf(document).map(({ shots }) => shots.map(({ id }) => id));
const counter = () => {
  let next = 0;
  return () => `copy-${next++}`;
};

describe('copying', () => {
  const all = new Set(tree.shots.map(({ id }) => id));

  it('goes branch after branch, not by time', () => {
    expect(inStoryOrder(tree, all).map(({ id }) => id)).toEqual([
      ...['the-root', 'the-left', 'the-left-2', 'the-right', 'the-right-2'],
    ]);
  });

  it('keeps names, pins and bans, and lets held results go', () => {
    const [left, last] = copyShotsOf(tree, new Set(['the-left', 'the-left-2']), counter());
    expect(left).toMatchObject({ id: 'copy-0', parent: null, name: 'Left', memory: tree.shots[1]?.memory });
    expect(last).toMatchObject({ id: 'copy-1', parent: 'copy-0', held: null });
  });

  it('joins what had others between it', () => {
    const copies = copyShotsOf(tree, new Set(['the-root', 'the-left-2', 'the-right-2']), counter());
    expect(copies.map(({ prompt, parent }) => [prompt, parent])).toEqual([
      ['prompt of the-root', null],
      ['prompt of the-left-2', 'copy-0'],
      ['prompt of the-right-2', 'copy-0'],
    ]);
  });

  it('can be pasted again under other ids', () => {
    const copies = copyShotsOf(tree, all, counter());
    let next = 50;
    const again = withNewIds(copies, () => `copy-${next++}`);
    expect(again.map(({ parent }) => parent)).toEqual([null, 'copy-50', 'copy-51', 'copy-50', 'copy-53']);
  });
});

describe('a place on a cut', () => {
  const [cut] = cutsOf(tree);

  it('is after the selected shot, at the end where that is elsewhere, and a beginning where there is no cut', () => {
    expect(placeAfter(cut ?? null, 'the-root')).toEqual({ after: 'the-root', before: 'the-left' });
    expect(placeAfter(cut ?? null, 'the-left-2')).toEqual({ after: 'the-left-2', before: null });
    expect(placeAfter(cut ?? null, 'the-right')).toEqual({ after: 'the-left-2', before: null });
    expect(placeAfter(cut ?? null, null)).toEqual({ after: 'the-left-2', before: null });
    expect(placeAfter(null, 'the-left')).toEqual({ after: null, before: null });
  });

  it('what is pasted there pushes back what followed, and leaves the other cuts and lanes as they are', () => {
    const shots = [shot('pasted-1', null), shot('pasted-2', 'pasted-1')];
    const next = run(tree, { type: 'paste-shots', after: 'the-root', before: 'the-left', shots });
    expect(cuts(next)).toEqual([
      ['the-root', 'pasted-1', 'pasted-2', 'the-left', 'the-left-2'],
      ['the-root', 'the-right', 'the-right-2'],
    ]);
    const first = run(tree, { type: 'paste-shots', after: null, before: 'the-root', shots });
    expect(pathTo(first, 'the-root').map(({ id }) => id)).toEqual(['pasted-1', 'pasted-2', 'the-root']);
  });

  it('several branches pasted into a cut: it goes through the first of them', () => {
    const shots = [shot('pasted-1', null), shot('pasted-2', 'pasted-1'), shot('pasted-3', 'pasted-1')];
    const next = run(tree, { type: 'paste-shots', after: 'the-root', before: 'the-left', shots });
    expect(cuts(next)).toEqual([
      ['the-root', 'pasted-1', 'pasted-2', 'the-left', 'the-left-2'],
      ['the-root', 'pasted-1', 'pasted-3'],
      ['the-root', 'the-right', 'the-right-2'],
    ]);
  });

  it('between two shots that do not follow each other nothing is pasted', () => {
    expect(() =>
      applyCommand(tree, {
        ...{ type: 'paste-shots', after: 'the-left', before: 'the-right-2', shots: [shot('pasted-1', null)] },
      }),
    ).toThrow(/do not follow each other/);
  });
});

describe('a move', () => {
  it('takes a shot out of its place and puts it before another or after a leaf', () => {
    const before = run(tree, { type: 'move-shot', id: 'the-left-2', to: { before: 'the-left' } });
    expect(cuts(before)[0]).toEqual(['the-root', 'the-left-2', 'the-left']);
    expect(before.shots.find(({ id }) => id === 'the-left-2')?.held).toBeNull();
    const after = run(tree, { type: 'move-shot', id: 'the-left', to: { after: 'the-right-2' } });
    expect(cuts(after)).toEqual([
      ['the-root', 'the-left-2'],
      ['the-root', 'the-right', 'the-right-2', 'the-left'],
    ]);
    expect(() => applyCommand(tree, { type: 'move-shot', id: 'the-left', to: { before: 'the-left' } })).toThrow(
      /itself/,
    );
  });

  it('is called a move in the undo menu', () => {
    expect(describeCommands(tree, [{ type: 'move-shot', id: 'the-left', to: { after: 'the-right-2' } }])).toBe(
      'move "Left"',
    );
  });
});

it('one change of many shots is named once', () => {
  const edit = (id: string): Command => ({ type: 'edit-shot', id, patch: { seed: 4 } });
  expect(describeCommands(tree, ['the-left', 'the-right'].map(edit))).toBe('change the seed of 2 shots');
  expect(describeCommands(tree, [edit('the-left'), { type: 'edit-project', title: 'x' }])).toBe(
    'change the seed of "Left" and more',
  );
  expect(describeCommands(tree, [])).toBe('');
});

it('from a shot on means that shot and what follows it, up to what cannot be made', () => {
  const [cut] = cutsOf(tree);
  if (!cut) throw new Error('no cut');
  expect(fromOn(cut, 'the-left', new Map())).toEqual(['the-left', 'the-left-2']);
  expect(fromOn(cut, 'the-root', new Map([['the-left-2', 'no prompt']]))).toEqual(['the-root', 'the-left']);
});

it('a cut has shots of its own, and the only cut has them all', () => {
  const own = (document: ProjectDocument, leaf: string) => ownShots(cutsOf(document), leaf).map(({ id }) => id);
  expect(own(tree, 'the-left-2')).toEqual(['the-left', 'the-left-2']);
  const only = run(tree, { type: 'delete-shots', ids: ['the-right'], mode: 'subtree' });
  expect(own(only, 'the-left-2')).toEqual(['the-root', 'the-left', 'the-left-2']);
  expect(own(tree, 'the-root')).toEqual([]);
});

it('a copy in the same cut loses a number that is handed out; elsewhere it keeps it', () => {
  const numbered = (id: string, number: string): ProjectShot => ({
    ...{ id, parent: null, name: '', prompt: id, chunks: 1, seed: 1, seedLocked: false, transition: 'continue' },
    ...{ memory: {}, held: null, fields: { number, scene: 'INT. HOUSE' } },
  });
  const cut = [numbered('shot-1', '12'), numbered('shot-2', '13')];
  const copies = [numbered('copy-1', '12'), numbered('copy-2', '14')];
  expect(withoutTakenNumbers(copies, cut).map(({ fields }) => fields)).toEqual([
    { scene: 'INT. HOUSE' },
    { number: '14', scene: 'INT. HOUSE' },
  ]);
  // Numbered afterwards, the copy of 12 after 12 is 12A.
  const [copy] = withoutTakenNumbers(copies, cut);
  expect(numbersFor([cut[0], copy, cut[1]] as ProjectShot[])).toEqual(new Map([['copy-1', '12A']]));
  expect(withoutTakenNumbers(copies, [])).toEqual(copies);
});
