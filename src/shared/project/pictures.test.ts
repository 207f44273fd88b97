import { expect, test } from 'vitest';
import { applyCommand, emptyDocument } from './apply-command.ts';
import type { Command } from './commands.ts';
import { describeCommand } from './describe-commands.ts';
import type { ProjectDocument, ProjectShot } from './document.ts';
import { limits } from './limits.ts';
import { picturesOf } from './pictures.ts';

const [mia, kitchen] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string];
const shot = (id: string, parent: string | null = null): ProjectShot => ({
  ...{ id, parent, name: '', prompt: 'a cat', chunks: 3, seed: 1, seedLocked: false },
  ...{ transition: 'automatic', memory: {}, held: null },
});
const after = (document: ProjectDocument, ...commands: Command[]) => commands.reduce(applyCommand, document);
const begun = after(
  emptyDocument('T'),
  { type: 'add-shot', parent: null, shot: shot('shot-1') },
  { type: 'add-shot', parent: 'shot-1', shot: shot('shot-2') },
);
const put = (shotId: string | null, asset = mia, name = 'Mia'): Command => ({
  ...{ type: 'put-picture', shotId, picture: { asset, name } },
});

test('a picture is remembered from a shot on, or in the whole story, changed in place and taken out again', () => {
  const told = after(
    begun,
    put('shot-2'),
    put('shot-2', kitchen, 'Home'),
    put('shot-2', mia, 'Maya'),
    put(null, kitchen, 'K'),
  );
  expect(told.shots[1]?.memory).toEqual({
    pictures: [
      { asset: mia, name: 'Maya' },
      { asset: kitchen, name: 'Home' },
    ],
  });
  expect(told.memory).toEqual({ pictures: [{ asset: kitchen, name: 'K' }] });
  const gone = after(
    told,
    { type: 'remove-picture', shotId: 'shot-2', asset: mia },
    { type: 'remove-picture', shotId: 'shot-2', asset: kitchen },
    { type: 'remove-picture', shotId: null, asset: kitchen },
  );
  expect(gone).toEqual(begun);
  expect(describeCommand(begun, put('shot-2'))).toMatch(/^remember the picture/);
  expect(describeCommand(told, put('shot-2'))).toMatch(/^change the picture/);
});

test('a film begins with a picture, which stays with the first part of a shot that is split', () => {
  const told = after(begun, put('shot-1'), { type: 'set-first-frame', shotId: 'shot-1', asset: kitchen });
  expect(told.shots[0]?.firstFrame).toEqual({ asset: kitchen, leads: true });
  const split = after(told, { type: 'split-shot', id: 'shot-1', at: 1, restId: 'shot-3' });
  const [first, rest] = split.shots;
  expect([first?.firstFrame, first?.memory.pictures?.length]).toEqual([{ asset: kitchen, leads: true }, 1]);
  expect([rest?.id, rest?.firstFrame, rest?.memory.pictures]).toEqual(['shot-3', undefined, undefined]);
  expect(after(told, { type: 'set-first-frame', shotId: 'shot-1', asset: null }).shots[0]).not.toHaveProperty(
    'firstFrame',
  );
});

test('a project remembers so many pictures and no more', () => {
  const many = Array.from({ length: limits.pictures }, (_, i) => put('shot-1', i.toString(16).padStart(64, '0')));
  const full = after(begun, ...many);
  expect(() => after(full, put('shot-2', 'f'.repeat(64)))).toThrow(
    'A project may remember up to 16 pictures; this would be 17.',
  );
  expect(after(full, put('shot-2', '0'.repeat(64))).shots[1]?.memory.pictures).toHaveLength(1); // one that is there already
});

test('pictures are found in whatever brings them in', () => {
  const pasted = {
    ...shot('shot-9'),
    memory: { pictures: [{ asset: mia, name: 'Mia' }] },
    firstFrame: { asset: kitchen },
  };
  const commands: Command[] = [
    put(null),
    { type: 'paste-shots', after: null, shots: [pasted] },
    { type: 'edit-shot', id: 'shot-1', patch: { memory: { pictures: [{ asset: kitchen, name: 'K' }] } } },
    { type: 'set-first-frame', shotId: 'shot-1', asset: mia },
    { type: 'add-shot', parent: null, shot: pasted },
  ];
  expect(picturesOf(commands).map(({ asset }) => asset[0])).toEqual(['a', 'a', 'b', 'b', 'a', 'a', 'b']);
});
