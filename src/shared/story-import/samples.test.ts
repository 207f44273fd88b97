import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ThroughlineError } from '../errors.ts';
import { decodeText, type ImportedScript, readScript, shotsOfStory } from './index.ts';

const fixtures = join(import.meta.dirname, '../../../tests/fixtures/stories');

/** A sample read as a person's file is: from its bytes. */
function sample(fileName: string): ImportedScript {
  const { text, encoding } = decodeText(readFileSync(join(fixtures, fileName)));
  return readScript(text, { fileName, chunksPerPrompt: 4, fps: 8, chunkFrames: 3 }, encoding);
}

const promptsOf = (script: ImportedScript) => script.stories.flatMap(shotsOfStory).map(({ prompt }) => prompt);
const notesOf = (script: ImportedScript) => script.notes.map(({ where, text }) => [where, text]);

describe('every file of the samples, as its README says', () => {
  test('memflow-interactive-example.jsonl and scope-timeline-beekeeper.json import whole', () => {
    const memflow = sample('memflow-interactive-example.jsonl');
    expect(memflow.format).toBe('prompt-script');
    expect(memflow.stories.map((story) => shotsOfStory(story).length)).toEqual([6, 6, 6, 6]);
    expect(memflow.notes).toEqual([]);
    const beekeeper = sample('scope-timeline-beekeeper.json');
    expect(beekeeper.format).toBe('scope-timeline');
    expect(beekeeper.stories.flatMap(shotsOfStory).map(({ chunks }) => chunks)).toEqual([3, 5]);
    expect(beekeeper.notes).toEqual([]);
  });

  test('scope-workflow.json: one story from timeline.entries', () => {
    const script = sample('scope-workflow.json');
    expect(script.format).toBe('scope-workflow');
    expect(script.title).toBe('Harbour');
    expect(script.stories.map((story) => shotsOfStory(story).map(({ prompt, chunks }) => [prompt, chunks]))).toEqual([
      [
        ['A red fox sits on the beach.', 4],
        ['The fox walks along the beach at sunset.', 4],
      ],
    ]);
    expect(notesOf(script)).toEqual([['timeline.entries[1]', 'prompts cannot be blended; of 2 the heaviest is used.']]);
  });

  test('scope-workflow-prompts-only.json: one story, a shot of the default length', () => {
    const script = sample('scope-workflow-prompts-only.json');
    expect(script.title).toBe('One');
    expect(script.stories).toHaveLength(1);
    expect(script.stories.flatMap(shotsOfStory)).toMatchObject([
      { prompt: 'A blue robot waves in the city.', chunks: 4 },
    ]);
    expect(script.notes).toEqual([]);
  });

  test('scope-timeline-live-block.json: the empty block is skipped with a note, the rest imports', () => {
    const script = sample('scope-timeline-live-block.json');
    expect(promptsOf(script)).toEqual(['A yellow duck stands in the snow.']);
    expect(script.notes).toEqual([
      { kind: 'left-out', line: null, where: 'prompts[1]', text: 'this block is empty: it starts and ends at 4.7 s.' },
    ]);
  });

  test('carriage-returns.txt: two shots', () => {
    const script = sample('carriage-returns.txt');
    expect(promptsOf(script)).toEqual(['A cat waves in the meadow.', 'A robot walks in the city.']);
    expect(script.stories.flatMap(shotsOfStory).map(({ line }) => line)).toEqual([1, 3]);
  });

  test('latin1.txt: read as Latin-1 with a note, no replacement character', () => {
    const script = sample('latin1.txt');
    expect(promptsOf(script)).toEqual(['A café by the sea, a red cat sits.']);
    expect(notesOf(script)).toEqual([
      ['', 'the text is not UTF-8; it was read as Latin-1 (Windows-1252). Check accents and quotes.'],
    ]);
  });

  test('utf16.txt: one shot, as written', () => {
    const script = sample('utf16.txt');
    expect(promptsOf(script)).toEqual(['A red cat sits in the meadow.']);
  });

  test('odd-characters.jsonl: U+0000 and half a pair are removed with a note; U+202E stays text', () => {
    const script = sample('odd-characters.jsonl');
    expect(promptsOf(script)).toEqual(['A cat sits', 'A dog  runs', 'A \u202Efox\u202C waves']);
    expect(notesOf(script)).toEqual([
      ['line 1, prompts[0]', 'U+0000 removed: no prompt can hold such characters.'],
      ['line 1, prompts[1]', 'U+D800 removed: no prompt can hold such characters.'],
    ]);
  });

  test('kilometre.txt: a sentence that says which limit, where', () => {
    const read = () => sample('kilometre.txt');
    expect(read).toThrow(ThroughlineError);
    expect(read).toThrow('kilometre.txt, line 1: this prompt has 4989 characters; a prompt has at most 4000.');
  });

  test('script.fountain and script.fdx: the same two scenes', () => {
    const fountain = sample('script.fountain');
    const finalDraft = sample('script.fdx');
    expect([fountain.format, finalDraft.format]).toEqual(['fountain', 'final-draft']);
    const inside = (script: ImportedScript) =>
      script.stories.flatMap(({ scenes }) =>
        scenes.map(({ number, shots }) => [
          number,
          ...shots.map(({ fields, transition }) => [fields.number, fields.action, fields.dialogue, transition]),
        ]),
      );
    expect(inside(fountain)).toEqual([
      [
        '1',
        ['1', 'A blue robot stands in the kitchen.', 'ROBOT: (quietly) Is anybody here?', undefined],
        ['1A', 'The robot waves.', undefined, undefined],
      ],
      ['2', ['2', 'A red cat walks on the beach.', undefined, 'cut']],
      ['3', ['3', 'The robot sits in the kitchen.', undefined, 'cut']],
    ]);
    expect(inside(finalDraft)).toEqual(inside(fountain));
    expect(promptsOf(fountain)).toEqual([
      'Kitchen, day. A blue robot stands in the kitchen.',
      'Kitchen, day. The robot waves.',
      'Beach, sunset. A red cat walks on the beach.',
      'Kitchen again. The robot sits in the kitchen.',
    ]);
    expect(promptsOf(finalDraft).at(-1)).toBe('Kitchen, day. The robot sits in the kitchen.');
    expect(promptsOf(fountain).join()).not.toMatch(/anybody|phone|floor|twice/);
    expect(fountain.title).toBe('Two Visits');
    expect(fountain.titlePage).toEqual([
      { key: 'Credit', value: 'Written for a test' },
      { key: 'Draft date', value: '28/11/2026' },
    ]);
    expect(fountain.stories[0]?.scenes[0]).toMatchObject({
      heading: 'INT. KITCHEN - DAY',
      sections: ['ACT ONE'],
      synopsis: 'The robot comes to the kitchen twice.',
      line: 9,
    });
    expect(fountain.stories[0]?.scenes[0]?.shots[0]?.fields.notes).toContain('check the colour of the floor');
    expect(notesOf(fountain).map(([where]) => where)).toEqual(['line 19', '', 'line 11', 'line 13']);
  });
});
