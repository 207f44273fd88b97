import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyCommand, emptyDocument } from '../project/apply-command.ts';
import type { Command } from '../project/commands.ts';
import type { ProjectDocument, ProjectShot } from '../project/document.ts';
import { type ImportedShot, readScript, shotsOfStory } from './index.ts';
import { matchShots, unmoved } from './match-shots.ts';
import { indicesFor, type Merge, type MergeOptions, mergeImport, originOf } from './merge-import.ts';

const file = 'film.fountain';
let made = 0;

function makeShot(shot: ImportedShot, story: number, index: number): ProjectShot {
  made += 1;
  return {
    id: `made-${made}`,
    parent: null,
    name: '',
    prompt: shot.prompt,
    chunks: shot.chunks,
    seed: 0,
    seedLocked: false,
    transition: shot.transition ?? 'automatic',
    memory: {},
    held: null,
    fields: shot.fields,
    origin: originOf(shot, file, story, index),
  };
}

const read = (text: string, fileName = file) =>
  readScript(text, { fileName, chunksPerPrompt: 4, fps: 8, chunkFrames: 3 });

/** A project made of a script. */
function imported(text: string): ProjectDocument {
  const shots = read(text).stories.flatMap((story, s) => {
    let parent: string | null = null;
    return shotsOfStory(story).map((shot, i) => {
      const placed = { ...makeShot(shot, s, i), parent };
      parent = placed.id;
      return placed;
    });
  });
  return { ...emptyDocument('Film'), shots };
}

const apply = (document: ProjectDocument, ...commands: readonly Command[]) => commands.reduce(applyCommand, document);

function merged(document: ProjectDocument, text: string, options: Partial<MergeOptions> = {}) {
  const merge = mergeImport(document, read(text), { file, makeShot, isMade: () => false, ...options }) as Merge;
  return { ...merge, document: apply(document, ...merge.commands) };
}

/** Prompts from the root on, following first children. */
function line(document: ProjectDocument): string[] {
  const prompts: string[] = [];
  let parent: string | null = null;
  for (;;) {
    const next = document.shots.find((shot) => shot.parent === parent);
    if (!next) return prompts;
    prompts.push(next.prompt);
    parent = next.id;
  }
}

const shotWith = (document: ProjectDocument, prompt: string) =>
  document.shots.find((shot) => shot.prompt.endsWith(prompt)) as ProjectShot;

const kitchen = `INT. KITCHEN - DAY #1#

A cat sits.

CAT
Meow.

It waves its paw slowly.

EXT. BEACH - NIGHT #2#

A dog runs over the sand.

It finds a ball.`;

describe('a changed script', () => {
  test('that says what it said changes nothing', () => {
    const { commands, update } = merged(imported(kitchen), kitchen);
    expect(commands).toEqual([]);
    expect(update).toEqual({ changes: [], same: 4 });
    expect(mergeImport(emptyDocument('x'), read(kitchen), { file, makeShot, isMade: () => false })).toBeNull();
    expect(mergeImport(imported(kitchen), read(kitchen), { file: 'other', makeShot, isMade: () => false })).toBeNull();
  });

  test('changes what it changed and nothing else: the same shot, its seed and results', () => {
    const before = imported(kitchen);
    const dog = shotWith(before, 'sand.');
    const mine = apply(before, { type: 'edit-shot', id: dog.id, patch: { seed: 99, name: 'The dog' } });
    const text = kitchen
      .replace('A dog runs over the sand.', 'A big dog runs over the sand.')
      .replace('Meow.', 'Purr.');
    const { document, update } = merged(mine, text);
    expect(document.shots).toHaveLength(4);
    expect(document.shots.find(({ id }) => id === dog.id)).toMatchObject({
      prompt: 'Beach, night. A big dog runs over the sand.',
      seed: 99,
      name: 'The dog',
      fields: { action: 'A big dog runs over the sand.', number: '2' },
    });
    expect(shotWith(document, 'A cat sits.').fields?.dialogue).toBe('CAT: Purr.');
    expect(update.same).toBe(2);
    expect(update.changes).toMatchObject([
      { kind: 'changed', parts: ['dialogue'], kept: [], moved: false },
      { kind: 'changed', shotId: dog.id, parts: ['prompt', 'action'], kept: [], moved: false },
    ]);
    // And once more, it says what it said.
    expect(merged(document, text).commands).toEqual([]);
  });

  test('what the person changed stays, also where the script changed it too, which is said', () => {
    const before = imported(kitchen);
    const { id } = shotWith(before, 'sand.');
    const mine = apply(before, { type: 'edit-shot', id, patch: { prompt: 'Mine.', chunks: 9 } });
    expect(merged(mine, kitchen)).toMatchObject({ commands: [], update: { same: 4 } });
    const { document, update } = merged(mine, kitchen.replace('over the sand', 'over the wet sand'));
    expect(document.shots.find((shot) => shot.id === id)).toMatchObject({
      prompt: 'Mine.',
      chunks: 9,
      fields: { action: 'A dog runs over the wet sand.' },
    });
    expect(update.changes).toMatchObject([{ kind: 'changed', shotId: id, parts: ['action'], kept: ['prompt'] }]);
  });

  test('new shots stand where the script has them, under numbers of their own', () => {
    const before = imported(kitchen);
    const text = kitchen
      .replace('A cat sits.', 'A bird sings.\n\nA cat sits.')
      .replace('It waves', 'A mouse comes in.\n\nIt waves')
      .concat('\n\nIt swims.');
    const { document, update } = merged(before, text);
    expect(line(document)).toEqual([
      'Kitchen, day. A bird sings.',
      'Kitchen, day. A cat sits.',
      'Kitchen, day. A mouse comes in.',
      'Kitchen, day. It waves its paw slowly.',
      'Beach, night. A dog runs over the sand.',
      'Beach, night. It finds a ball.',
      'Beach, night. It swims.',
    ]);
    expect(document.shots.map(({ fields }) => fields?.number).sort()).toEqual(['1', '1A', '1B', '1C', '2', '2A', '2B']);
    expect(shotWith(document, 'A cat sits.').fields?.number).toBe('1');
    expect(update.changes.map(({ kind }) => kind)).toEqual(['new', 'new', 'new']);
    expect(merged(document, text).commands).toEqual([]);
    const without = merged(before, text, { leaveOut: new Set(['1.1.1', '1.1.3']) });
    expect(without.document.shots).toHaveLength(5);
  });

  test('what is gone goes, but for what was made or changed by the person', () => {
    const before = imported(kitchen);
    const text = kitchen.replace('It waves its paw slowly.\n\n', '').replace('It finds a ball.', '');
    expect(line(merged(before, text).document)).toEqual([
      'Kitchen, day. A cat sits.',
      'Beach, night. A dog runs over the sand.',
    ]);
    const paw = shotWith(before, 'slowly.').id;
    const ball = shotWith(before, 'ball.').id;
    const mine = apply(before, { type: 'edit-shot', id: ball, patch: { prompt: 'It finds a stick.' } });
    const { document, update } = merged(mine, text, { isMade: (id) => id === paw });
    expect(document.shots).toHaveLength(4);
    expect(update.changes).toEqual([
      { kind: 'gone', shotId: paw, stays: true },
      { kind: 'gone', shotId: ball, stays: true },
    ]);
    // They are the person's own from here on.
    expect(merged(document, text).update).toEqual({ changes: [], same: 2 });
  });

  test('a scene that moved moves, with its shots, and branches stay where they hang', () => {
    const before = imported(`${kitchen}\n\nINT. CITY - DAY #3#\n\nA robot walks.\n\nIt stops.`);
    const branch: ProjectShot = { ...shotWith(before, 'It stops.'), id: 'branch', prompt: 'Mine.', origin: null };
    const mine = apply(before, { type: 'add-shot', parent: shotWith(before, 'sand.').id, shot: branch });
    const [one, two] = kitchen.split('EXT. BEACH');
    const text = `${one}INT. CITY - DAY #3#\n\nA robot walks.\n\nIt stops.\n\nEXT. BEACH${two}`;
    const { document, update } = merged(mine, text);
    expect(line(document)).toEqual([
      'Kitchen, day. A cat sits.',
      'Kitchen, day. It waves its paw slowly.',
      'City, day. A robot walks.',
      'City, day. It stops.',
      'Beach, night. A dog runs over the sand.',
      'Beach, night. It finds a ball.',
    ]);
    expect(document.shots.find(({ id }) => id === 'branch')?.parent).toBe(shotWith(document, 'sand.').id);
    expect(new Set(document.shots.map(({ id }) => id))).toEqual(new Set(mine.shots.map(({ id }) => id)));
    expect(
      update.changes.filter(({ kind }) => kind === 'changed').map((change) => 'moved' in change && change.moved),
    ).toEqual([true, true]);
  });

  test('a story that is no longer in the file is gone; the others are not touched', () => {
    const stories = (...all: string[][]) => all.map((prompts) => JSON.stringify({ prompts })).join('\n');
    const two = read(stories(['A cat.', 'It runs.'], ['A dog.']), 'x.jsonl').stories.flatMap((story, s) =>
      shotsOfStory(story).map((shot, i) => makeShot(shot, s, i)),
    );
    const before = { ...emptyDocument('Film'), shots: two };
    const script = read(stories(['A cat.', 'It runs.']), 'x.jsonl');
    const merge = mergeImport(before, script, { file, makeShot, isMade: () => false });
    expect(merge?.update).toEqual({ changes: [{ kind: 'gone', shotId: two[2]?.id, stays: false }], same: 2 });
    expect(apply(before, ...(merge?.commands ?? [])).shots).toEqual(two.slice(0, 2));
  });
});

describe('matching', () => {
  const shot = (text: string, scene = '') => ({ fingerprint: text, scene, text });

  test('equal shots first, in their own scene before any other, in order; then the most alike', () => {
    const before = [shot('it waves', 'a'), shot('it waves', 'b'), shot('the red cat sits on a chair', 'b')];
    const after = [shot('it waves', 'b'), shot('the red cat sits on a table', 'b'), shot('it waves', 'a')];
    expect(matchShots(before, after)).toEqual([1, 2, 0]);
    expect(matchShots([shot('a b c d')], [shot('x y')])).toEqual([null]);
  });

  test('no shot is matched twice, and what is equal is always matched', () => {
    const shots = fc.array(fc.record({ scene: fc.constantFrom('a', 'b'), word: fc.nat(6) }), { maxLength: 30 });
    const of = (list: readonly { scene: string; word: number }[]) =>
      list.map(({ scene, word }) => shot(`w${word}`, scene));
    fc.assert(
      fc.property(shots, shots, (one, other) => {
        const places = matchShots(of(one), of(other)).filter((place) => place !== null);
        expect(new Set(places).size).toBe(places.length);
        expect(matchShots(of(one), of(one)).every((place) => place !== null)).toBe(true);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('the fewest that can have moved', () => {
    expect(unmoved([0, 3, 1, 2])).toEqual(new Set([0, 1, 2]));
    expect(unmoved([2, 0, 1])).toEqual(new Set([0, 1]));
    expect(unmoved([])).toEqual(new Set());
  });

  test('numbers between neighbours', () => {
    expect(indicesFor([null, 0, null, null, 3, null])).toEqual([-1, 0, 1, 2, 3, 4]);
    expect(indicesFor([null, null])).toEqual([0, 1]);
  });

  test('ten thousand shots, a tenth of them new, in one pass', () => {
    const many = (from: number) =>
      Array.from({ length: 10_000 }, (_, i) => shot(`shot number ${i + from}`, `s${i % 50}`));
    const places = matchShots(many(0), many(1000));
    expect(places.filter((place) => place !== null).length).toBeGreaterThanOrEqual(9000);
  });
});

/** Any script, changed in any way: the project follows it, and a second time there is nothing to do. */
test('after an update the project says what the script says, and another one changes nothing', () => {
  const scene = fc.record({
    place: fc.constantFrom('KITCHEN', 'BEACH', 'CITY'),
    actions: fc.array(fc.constantFrom('A cat sits.', 'It waves.', 'A dog runs fast.', 'A bird flies.', 'Rain falls.'), {
      minLength: 1,
      maxLength: 4,
    }),
  });
  const script = fc.array(scene, { minLength: 1, maxLength: 5 });
  const textOf = (scenes: readonly { place: string; actions: readonly string[] }[]) =>
    scenes.map(({ place, actions }) => `INT. ${place} - DAY\n\n${actions.join('\n\n')}`).join('\n\n');
  fc.assert(
    fc.property(script, script, (one, other) => {
      const { document } = merged(imported(textOf(one)), textOf(other));
      const wanted = read(textOf(other)).stories.flatMap(shotsOfStory);
      expect(line(document)).toEqual(wanted.map(({ prompt }) => prompt));
      expect(document.shots).toHaveLength(wanted.length);
      expect(merged(document, textOf(other))).toMatchObject({ commands: [], update: { same: wanted.length } });
    }),
    { seed: 1, numRuns: 300 },
  );
});
