import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ThroughlineError } from '../errors.ts';
import { type ImportOptions, importStories } from './index.ts';

const fixtures = join(import.meta.dirname, '../../../tests/fixtures/stories');

function read(text: string, fileName: string, options: Partial<ImportOptions> = {}) {
  return importStories(text, { fileName, chunksPerPrompt: 4, fps: 8, chunkFrames: 3, ...options });
}

/** Message and hint of the error that reading this text ends in. */
function fault(text: string, fileName: string): { message: string; hint: string } {
  try {
    read(text, fileName);
  } catch (error) {
    if (!(error instanceof ThroughlineError)) throw error;
    expect(error.code).toBe('bad-story');
    expect(error.hint).not.toBe('');
    return { message: error.message, hint: error.hint };
  }
  throw new Error('was read without complaint');
}

describe('prompt scripts', () => {
  test('the example that MemFlow publishes', () => {
    const name = 'memflow-interactive-example.jsonl';
    const { stories, warnings } = read(readFileSync(join(fixtures, name), 'utf8'), name, { chunksPerPrompt: 14 });
    expect(stories.map((story) => story.shots.length)).toEqual([6, 6, 6, 6]);
    expect(stories.map((story) => story.title)).toEqual([1, 2, 3, 4].map((n) => `memflow-interactive-example ${n}`));
    expect(stories[0]?.shots[0]).toMatchObject({ chunks: 14, transition: 'automatic' });
    expect(stories[0]?.shots[0]?.prompt).toMatch(/^A beekeeper in her 40s.*thousands of tiny creatures\.$/);
    expect(warnings).toEqual([]);
  });

  test('one story; empty lines, Windows line ends and a byte order mark do not matter', () => {
    const { stories } = read('\uFEFF\r\n{"prompts": [" a ", "b"]}\r\n\r\n', 'folder/two.jsonl');
    expect(stories).toHaveLength(1);
    expect(stories[0]?.title).toBe('two');
    expect(stories[0]?.shots.map((shot) => [shot.prompt, shot.chunks])).toEqual([
      ['a', 4],
      ['b', 4],
    ]);
  });

  test('the same in a .json file', () => {
    expect(read('{\n "prompts": ["a"]\n}', 'one.json').stories[0]?.shots).toHaveLength(1);
  });

  test('other fields are named as ignored', () => {
    expect(read('{"prompts": ["a"], "fps": 16}', 'x.jsonl').warnings).toEqual(['x.jsonl, line 1: fps ignored.']);
  });

  test('a broken line is named by its number in the file', () => {
    expect(fault('{"prompts": ["a"]}\n\n{"prompts": ["a" "b"]}', 'x.jsonl').message).toBe(
      "x.jsonl, line 3, column 18: this is not valid JSON (Expected ',' or ']' after array element).",
    );
  });

  test('a line that is no script', () => {
    expect(fault('{"prompts": ["a"]}\n{"prompt": "a"}', 'x.jsonl').message).toMatch(/^x\.jsonl, line 2, prompts: /);
    expect(fault('{"prompts": []}', 'x.jsonl').message).toMatch(/^x\.jsonl, line 1, prompts: /);
    expect(fault('{"prompts": ["a", 3]}', 'x.jsonl').message).toMatch(/^x\.jsonl, line 1, prompts\[1\]: .*string/);
  });

  test('an empty prompt', () => {
    expect(fault('{"prompts": ["a", " "]}', 'x.jsonl').message).toBe(
      'x.jsonl, line 1, prompts[1]: this prompt is empty.',
    );
  });
});

describe('Scope timelines', () => {
  const entry = (startTime: number, endTime: number, rest: object = {}) => ({
    startTime,
    endTime,
    prompts: [{ text: `from ${startTime}`, weight: 100 }],
    ...rest,
  });
  const timeline = (prompts: object[], settings: object = {}) => JSON.stringify({ prompts, settings });

  test('a timeline that Scope saved', () => {
    const name = 'scope-timeline-beekeeper.json';
    const { stories, warnings } = read(readFileSync(join(fixtures, name), 'utf8'), name);
    // 0 s to 4.70 s to 11.17 s; chunk 3 begins at 4.125 s, chunk 7 at 10.125 s, chunk 8 at 11.625 s
    expect(stories[0]?.shots.map((shot) => shot.chunks)).toEqual([3, 5]);
    expect(stories[0]).toMatchObject({ title: 'scope-timeline-beekeeper', seed: 42 });
    expect(warnings).toEqual([]);
  });

  test('a faster film takes more chunks', () => {
    const at = (fps: number) => read(timeline([entry(0, 6)]), 'x.json', { fps }).stories[0]?.shots[0]?.chunks;
    expect([at(8), at(16)]).toEqual([4, 8]);
  });

  test('entries out of order, and one too short for a chunk', () => {
    const { stories } = read(timeline([entry(3, 3.2), entry(0, 3)]), 'x.json');
    expect(stories[0]?.shots.map((shot) => [shot.prompt, shot.chunks])).toEqual([
      ['from 0', 2],
      ['from 3', 1],
    ]);
  });

  test('of weighted prompts the heaviest, with a warning', () => {
    const prompts = [
      { text: 'light', weight: 20 },
      { text: 'heavy', weight: 80 },
    ];
    const { stories, warnings } = read(timeline([entry(0, 3, { prompts })]), 'x.json');
    expect(stories[0]?.shots[0]?.prompt).toBe('heavy');
    expect(warnings).toEqual(['x.json, prompts[0]: prompts cannot be blended; of 2 the heaviest is used.']);
  });

  test('warns of fades, gaps, overlaps, odd seeds and LoRAs', () => {
    const text = timeline([entry(0, 3), entry(5, 8, { transitionSteps: 4 }), entry(7, 9)], { seed: -1, loras: [{}] });
    expect(read(text, 'x.json').warnings.map((warning) => warning.replace('x.json, ', ''))).toEqual([
      'prompts[1]: prompts do not fade into each other here; transitionSteps ignored.',
      'prompts[1]: a gap before 5 s is closed; each prompt keeps its own length.',
      'prompts[2]: an overlap before 7 s is closed; each prompt keeps its own length.',
      'settings.seed: not a whole number from 0 to 4294967295; 0 is used.',
      'settings.loras: ignored.',
    ]);
  });

  test('an entry that ends before it starts, an empty prompt, a missing time', () => {
    expect(fault(timeline([entry(0, 3), entry(5, 4)]), 'x.json').message).toBe(
      'x.json, prompts[1]: it ends at 4 s, which is not after its start at 5 s.',
    );
    expect(fault(timeline([entry(0, 3, { prompts: [{ text: '' }] })]), 'x.json').message).toMatch(
      /prompts\[0\]\.prompts/,
    );
    expect(fault(timeline([{ startTime: 0, prompts: [{ text: 'a' }] }]), 'x.json').message).toMatch(
      /^x\.json, prompts\[0\]\.endTime: /,
    );
  });
});

describe('plain text', () => {
  test('a shot a paragraph, a title, directives', () => {
    const text = [
      '# The cat’s day',
      '',
      'A cat waves',
      '  in a meadow.',
      '',
      '',
      '[cut] A robot walks. [6 chunks, seed 7]',
      '',
      '[Continue][1 chunk]',
      'It sits.',
    ].join('\n');
    const { stories } = read(text, 'x.txt');
    expect(stories).toHaveLength(1);
    expect(stories[0]?.title).toBe('The cat’s day');
    expect(stories[0]?.shots).toEqual([
      { prompt: 'A cat waves in a meadow.', chunks: 4, transition: 'automatic' },
      { prompt: 'A robot walks.', chunks: 6, seed: 7, transition: 'cut' },
      { prompt: 'It sits.', chunks: 1, transition: 'continue' },
    ]);
  });

  test('no title, several titles, brackets inside a prompt', () => {
    expect(read('A cat.', 'my film.txt').stories[0]?.title).toBe('my film');
    expect(read('# One\nA cat.\n# Two\nA dog.', 'x.md').stories.map((story) => story.title)).toEqual(['One', 'Two']);
    expect(read('A cat [the red one] waves.', 'x.txt').stories[0]?.shots[0]?.prompt).toBe('A cat [the red one] waves.');
  });

  test('unknown and impossible directives', () => {
    const unknown = fault('A cat.\n\n[fade] A dog.', 'x.txt');
    expect(unknown.message).toBe('x.txt, line 3: [fade] is not a directive.');
    expect(unknown.hint).toContain('[cut]');
    expect(fault('[0 chunks] A dog.', 'x.txt').message).toContain('1 to 1000');
    expect(fault('[seed 4294967296] A dog.', 'x.txt').message).toContain('0 to 4294967295');
    expect(fault('[cut]', 'x.txt').message).toBe('x.txt, line 1: this paragraph has directives but no prompt.');
  });

  test('a title without shots', () => {
    expect(fault('# One\n\n# Two\nA dog.', 'x.txt').message).toBe('x.txt: the story "One" has no shots.');
  });
});

describe('our own JSON', () => {
  const own = (rest: object) => JSON.stringify({ format: 'throughline-story', version: 1, ...rest });

  test('with and without the optional parts', () => {
    expect(read(own({ shots: [{ prompt: 'a', chunks: 2 }] }), 'x.json').stories[0]).toEqual({
      format: 'throughline-story',
      version: 1,
      title: 'Untitled',
      seed: 0,
      shots: [{ prompt: 'a', chunks: 2, transition: 'automatic' }],
    });
    const memory = { policy: 'nam', pins: [{ frame: 0, name: 'Mia' }] };
    expect(read(own({ memory, shots: [{ prompt: 'a', chunks: 2 }] }), 'story').stories[0]?.memory).toEqual(memory);
  });

  test('names the path of what is wrong', () => {
    const shot = { prompt: 'a', chunks: 2 };
    expect(fault(own({ shots: [shot, { prompt: 'a', chunks: 0 }] }), 'x.json').message).toMatch(
      /^x\.json, shots\[1\]\.chunks: /,
    );
    expect(fault(own({ shots: [{ ...shot, lenght: 3 }] }), 'x.json').message).toContain('lenght');
    expect(fault(own({ shots: [{ ...shot, transition: 'fade' }] }), 'x.json').message).toContain('shots[0].transition');
    expect(fault(own({ shots: [] }), 'x.json').message).toContain('shots');
  });

  test('a version from the future', () => {
    expect(fault('{"format": "throughline-story", "version": 2}', 'x.json').message).toContain('version 2');
  });
});

describe('what is no story at all', () => {
  test('empty, binary, a report, other JSON', () => {
    expect(fault(' \n', 'x.txt').message).toBe('x.txt: the file is empty.');
    expect(fault('\0\u0001', 'x.mp4').message).toBe('x.mp4: this is not a text file.');
    expect(fault('{"format": "throughline-report"}', 'x.json').hint).toContain('inspect');
    for (const json of ['[]', '3', '{}', '{"prompts": "a"}', 'null']) {
      expect(fault(json, 'x.json').message).toBe('x.json: this JSON is no story that Throughline knows.');
    }
  });

  test('JSON errors have line and column wherever they are', () => {
    expect(fault('{\n  "a": oops\n}', 'x.json').message).toMatch(/^x\.json, line 2, column 8: /);
    expect(fault('{\n  "a": 1,\n}', 'x.json').message).toMatch(/^x\.json, line 3, column 1: /);
    expect(fault('{"a": "b', 'x.json').message).toMatch(/^x\.json, line 1, column 9: /);
    expect(fault('{"a": [1,\n', 'x.json').message).toMatch(/^x\.json, line 2, column 1: /);
  });
});
