import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readVersioned, type VersionedFormat } from '../versioned.ts';
import { emptyDocument } from './apply-command.ts';
import type { ProjectShot } from './document.ts';
import { projectDocumentSchema } from './document.ts';
import { type DocumentStep, documentSteps, documentVersion } from './document-steps.ts';
import { migrateDelta, readDocument } from './document-versions.ts';

const folder = join(import.meta.dirname, '../../../tests/fixtures/documents');
const stored = (name: string): string => readFileSync(join(folder, name), 'utf8');
const versions = Array.from({ length: documentVersion }, (_, i) => i + 1);

test('there is a document and an undo step of every version that ever landed, and of no other', () => {
  const names = versions.flatMap((version) => [`v${version}.json`, `undo-step-v${version}.json`]);
  expect(readdirSync(folder).sort()).toEqual(names.sort());
});

test.each(versions)('a document of version %i is read', (version) => {
  const read = readDocument(stored(`v${version}.json`));
  expect(read).toMatchObject({ version, newer: null, mended: [] });
  expect(projectDocumentSchema.parse(read.value)).toEqual(read.value);
  const { title, shots, cutNames } = read.value;
  expect(title).toBe('There and back');
  expect(shots.map(({ id, parent }) => [id, parent])).toEqual([
    ['shot-1', null],
    ['shot-2', 'shot-1'],
    ['shot-3', 'shot-2'],
    ['shot-4', 'shot-1'],
  ]);
  expect(cutNames).toEqual({ 'shot-3': 'Main line' });
  // What a shot said before it could begin automatically still holds.
  expect(shots[2]).toMatchObject({
    prompt: 'Back in the meadow, the cat waves.',
    transition: 'cut',
    memory: { policy: 'nam+sma', pins: [{ frame: 3, name: 'The red cat' }], bans: [9, 10] },
    held: ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)],
  });
});

test.each(versions)('an undo step of version %i is read', (version) => {
  const text = stored(`undo-step-v${version}.json`);
  const { shots, title } = migrateDelta(JSON.parse(text));
  expect(title).toEqual(['There', 'There and back']);
  for (const ends of shots as ProjectShot[][])
    for (const end of ends) if (end) projectDocumentSchema.shape.shots.element.parse(end);
});

const steps: readonly DocumentStep[] = [
  ...documentSteps,
  {
    what: 'characters',
    shot: ({ prompt, ...shot }) => ({ ...shot, text: prompt, cast: [] }),
    fields: { cast: (old) => old ?? [], title: (old) => ({ text: old }) },
  },
];

test('a step changes the shots and fields of an undo step as it does those of a document', () => {
  const delta = migrateDelta(JSON.parse(stored('undo-step-v1.json')), steps);
  expect(delta.title).toEqual([{ text: 'There' }, { text: 'There and back' }]);
  expect(delta).not.toHaveProperty('cast');
  expect(delta.shots).toMatchObject([
    [{ text: 'A robot.', cast: [] }, { text: 'A blue robot stands in the city at night.' }],
    [null, { text: '', cast: [] }],
  ]);
});

test('a document of a newer Throughline is read only, without what this one does not know', () => {
  const document = { ...emptyDocument('Tomorrow'), version: 99, weather: 'fine' };
  const read = readDocument(JSON.stringify(document), 'film.throughline');
  expect(read.value).toEqual(emptyDocument('Tomorrow'));
  expect(read.newer).toMatchObject({
    code: 'database',
    message: `The storyboard in film.throughline was made by a newer Throughline (version 99; this one knows up to ${documentVersion}) and is read only.`,
  });
  const strange = { ...document, shots: { 'shot-1': {} } };
  expect(() => readDocument(JSON.stringify(strange))).toThrow(/made by a newer Throughline \(version 99/);
});

test.each(['', '[]', 'null', '{"version":0}', '{"version":"2"}', '{"format":"throughline-project"}'])(
  'what is no document is told as such: %s',
  (text) => expect(() => readDocument(text)).toThrow(/^The storyboard in this file cannot be read: /),
);

test('a step that fails names itself', () => {
  const failing: VersionedFormat<unknown> = {
    what: 'storyboard',
    schema: projectDocumentSchema,
    steps: [
      {
        what: 'colours',
        up: () => {
          throw new Error('no such colour');
        },
      },
    ],
  };
  expect(() => readVersioned(failing, { version: 1 }, 'here')).toThrow(/brought up to date \(colours\)/);
});

test('a tree that does not hold together is mended: circles, lost parents, ids that are there twice', () => {
  const shot = (id: string, parent: string | null): ProjectShot => ({
    ...{ id, parent, name: '', prompt: id, chunks: 1, seed: 1, seedLocked: false },
    ...{ transition: 'continue', memory: {}, held: null },
  });
  const shots = [
    ...[shot('shot-1', 'shot-3'), shot('shot-2', 'shot-1'), shot('shot-3', 'shot-2'), shot('shot-4', 'shot-4')],
    ...[shot('shot-5', 'gone-1'), shot('shot-6', 'shot-5'), shot('shot-6', null), shot('shot-7', 'shot-2')],
  ];
  const { value, mended } = readDocument(JSON.stringify({ ...emptyDocument('Knot'), shots }));
  expect(value.shots.map(({ id, parent }) => `${id} ${parent}`)).toEqual([
    ...['shot-1 shot-3', 'shot-2 null', 'shot-3 shot-2', 'shot-4 null', 'shot-5 null', 'shot-6 shot-5'],
    'shot-7 shot-2',
  ]);
  expect(mended).toEqual([
    'One shot had the id of another and is left out.',
    '3 shots followed no shot that is there and now begin stories of their own.',
  ]);
});
