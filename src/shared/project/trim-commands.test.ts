import { expect, test } from 'vitest';
import type { Trim } from '../trim.ts';
import { applyCommand, emptyDocument } from './apply-command.ts';
import type { Command } from './commands.ts';
import { copyShotsOf } from './copying.ts';
import { describeCommand } from './describe-commands.ts';
import type { ProjectDocument, ProjectShot } from './document.ts';
import { requireTrims } from './require-trims.ts';

const shot = (id: string, chunks: number, trim?: Trim): ProjectShot => ({
  ...{ id, parent: null, name: '', prompt: `Of ${id}.`, chunks, seed: 1, seedLocked: false },
  ...{ transition: 'continue', memory: {}, held: null, ...(trim ? { trim } : {}) },
});

/** Two shots of two chunks, 21 and 24 frames long. */
const base = [
  { type: 'add-shot', parent: null, shot: shot('shot-1', 2) } as const,
  { type: 'add-shot', parent: 'shot-1', shot: shot('shot-2', 2) } as const,
].reduce<ProjectDocument>(applyCommand, emptyDocument('Film'));

const trim = (id: string, head: number, tail: number): Command => ({
  type: 'edit-shot',
  id,
  patch: { trim: { head, tail } },
});
const trimOf = (document: ProjectDocument, id: string) => document.shots.find((other) => other.id === id)?.trim;
/** As a studio with a model of three latent frames a chunk applies it. */
const apply = (document: ProjectDocument, command: Command): ProjectDocument => {
  const after = applyCommand(document, command);
  requireTrims(document, after, 3);
  return after;
};

test('a shot is trimmed by a command, and whole again without a trace', () => {
  const trimmed = apply(base, trim('shot-2', 5, 3));
  expect(trimOf(trimmed, 'shot-2')).toEqual({ head: 5, tail: 3 });
  expect(describeCommand(base, trim('shot-2', 5, 3))).toBe('change the trim of "Of shot-2."');
  expect(apply(trimmed, trim('shot-2', 0, 0))).toEqual(base);
});

test.each([
  ['shot-1', 20, 1, '"Of shot-1." has 21 frames, and 21 of them would be trimmed off.'],
  ['shot-2', 0, 24, '"Of shot-2." has 24 frames, and 24 of them would be trimmed off.'],
])('%s cannot be trimmed by %i and %i', (id, head, tail, words) => {
  expect(() => apply(base, trim(id, head, tail))).toThrow(words);
  expect(apply(base, trim(id, head, tail - 1)).shots).toHaveLength(2);
});

test('what would make a shot shorter than its trim is refused; what moves it keeps the trim', () => {
  const trimmed = apply(base, trim('shot-2', 20, 3));
  expect(() => apply(trimmed, { type: 'edit-shot', id: 'shot-2', patch: { chunks: 1 } })).toThrow(
    /has 12 frames, and 23 of them/,
  );
  const alone = apply(trimmed, { type: 'delete-shots', ids: ['shot-1'], mode: 'heal' });
  expect(trimOf(alone, 'shot-2')).toEqual({ head: 20, tail: 3 });
});

test('a divided shot keeps its trim at both ends; it is not divided where it is not shown', () => {
  const split: Command = { type: 'split-shot', id: 'shot-2', at: 1, restId: 'shot-3' };
  const divided = apply(apply(base, trim('shot-2', 5, 3)), split);
  expect([trimOf(divided, 'shot-2'), trimOf(divided, 'shot-3')]).toEqual([
    { head: 5, tail: 0 },
    { head: 0, tail: 3 },
  ]);
  expect(() => apply(apply(base, trim('shot-2', 14, 0)), split)).toThrow(/12 frames, and 14 of them/);
  expect(() => apply(apply(base, trim('shot-2', 0, 14)), split)).toThrow(/12 frames, and 14 of them/);
});

test('copies are trimmed as well', () => {
  const trimmed = apply(base, trim('shot-2', 5, 3));
  const [copy] = copyShotsOf(trimmed, new Set(['shot-2']), () => 'shot-9');
  expect(copy).toMatchObject({ id: 'shot-9', trim: { head: 5, tail: 3 } });
});
