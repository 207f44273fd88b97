import { describe, expect, test } from 'vitest';
import { ThroughlineError } from '../errors.ts';
import { type ImportedScript, importStories, readScript, shotsOfStory } from './index.ts';

const options = { chunksPerPrompt: 4, fps: 8, chunkFrames: 3 };
const read = (text: string, fileName: string) => readScript(text, { ...options, fileName });
const shots = (script: ImportedScript) =>
  script.stories.map((story) =>
    shotsOfStory(story).map(({ prompt, chunks, transition }) => [prompt, chunks, transition]),
  );

function fault(text: string, fileName: string): string {
  try {
    read(text, fileName);
  } catch (error) {
    if (error instanceof ThroughlineError && error.code === 'bad-story' && error.hint !== '') return error.message;
    throw error;
  }
  return 'read';
}

describe('StoryMem', () => {
  const story = {
    story_name: 'The Musician',
    story_overview: 'He plays.',
    scenes: [
      {
        scene_num: 1,
        video_prompts: ['He opens a case.', 'He strums.'],
        first_frame_prompt: ['His face.', ''],
        cut: [true, false],
      },
      { scene_num: 2, video_prompts: ['He sits.'], cut: ['True'] },
    ],
  };

  test('scenes, five seconds a prompt, cuts as booleans or as words', () => {
    const script = read(JSON.stringify(story), 'black.json');
    expect(script.format).toBe('storymem');
    expect(script.title).toBe('The Musician');
    expect(script.titlePage).toEqual([{ key: 'Overview', value: 'He plays.' }]);
    // 5, 10 and 15 s lie nearest to the beginnings of chunks 4, 7 and 10.
    expect(shots(script)).toEqual([
      [
        ['He opens a case.', 4, 'cut'],
        ['He strums.', 3, 'continue'],
        ['He sits.', 3, 'cut'],
      ],
    ]);
    expect(script.stories[0]?.scenes.map(({ heading, number }) => [heading, number])).toEqual([
      ['Scene 1', '1'],
      ['Scene 2', '2'],
    ]);
    expect(script.stories[0]?.scenes[0]?.shots[0]?.fields.notes).toBe('First frame: His face.');
    expect(script.notes.map(({ where, text }) => [where, text])).toEqual([
      ['scenes[0].first_frame_prompt[0]', 'kept among the notes of its shot.'],
    ]);
  });

  test('lists of other lengths are said; a prompt that is no text is named', () => {
    const script = read(JSON.stringify({ scenes: [{ video_prompts: ['a', 'b'], cut: [true] }] }), 'x.json');
    expect(script.notes[0]).toMatchObject({ where: 'scenes[0].cut' });
    expect(fault(JSON.stringify({ scenes: [{ video_prompts: ['a', 3] }] }), 'x.json')).toMatch(
      /^x\.json, scenes\[0\]\.video_prompts\[1\]: /,
    );
    expect(fault(JSON.stringify({ scenes: [{ video_prompts: [] }] }), 'x.json')).toMatch(/has no shots/);
  });
});

describe('Infinity-RoPE', () => {
  test('lengths in seconds, cuts, subtitles as dialogue, a story a line', () => {
    const script = read('A girl dances.[40s]; dancing\nA cat sits [10s] | It runs[5.5s#] ;  one | two\n', 'p.txt');
    expect(script.format).toBe('prompt-lines');
    // 40, 10 and 15.5 s lie nearest to the beginnings of chunks 27, 7 and 11.
    expect(shots(script)).toEqual([
      [['A girl dances.', 27, 'continue']],
      [
        ['A cat sits', 7, 'continue'],
        ['It runs', 4, 'cut'],
      ],
    ]);
    expect(script.stories.map((story) => shotsOfStory(story).map(({ fields }) => fields.dialogue))).toEqual([
      ['dancing'],
      ['one', 'two'],
    ]);
    expect(script.notes).toMatchObject([{ where: 'lines 1 and 2', kind: 'kept' }]);
  });

  test('what is not of this form is named by line, not read as something else', () => {
    expect(fault('A cat[10s]\nA dog', 'p.txt')).toBe('p.txt, line 2: part 1 has no length in seconds, like [10s].');
    expect(fault('A cat[10s] | A dog', 'p.txt')).toBe('p.txt, line 1: part 2 has no length in seconds, like [10s].');
    expect(fault('A cat[10s] A dog[3s]', 'p.txt')).toMatch(/after part 1 comes neither/);
    expect(fault('[10s]', 'p.txt')).toMatch(/part 1 has a length and no prompt/);
    expect(fault('A cat[0s]', 'p.txt')).toMatch(/0 s long/);
  });
});

describe('Scope', () => {
  test('older entries with one text; a workflow with neither timeline nor prompts', () => {
    const old = { prompts: [{ text: 'A panda.', startTime: 0, endTime: 6 }] };
    expect(shots(read(JSON.stringify(old), 'x.json'))).toEqual([[['A panda.', 4, undefined]]]);
    const none = { format: 'scope-workflow', format_version: '1.1', pipelines: [], graph: { nodes: [] } };
    expect(fault(JSON.stringify(none), 'x.json')).toBe(
      'x.json: this Scope workflow has neither a timeline nor prompts.',
    );
  });

  test('times so large that chunks cannot be counted are refused', () => {
    const far = (endTime: number) => JSON.stringify({ prompts: [{ startTime: 0, endTime, prompts: [{ text: 'a' }] }] });
    expect(fault(far(1e308), 'x.json')).toMatch(/^x\.json, prompts\[0\]\.endTime: /);
    expect(fault(far(900_000), 'x.json')).toMatch(/chunks/);
  });
});

describe('limits are said, with the place, before work is done', () => {
  test('shots and chunks of a story', () => {
    const many = (count: number, chunks: number) => `[${chunks} chunks] A cat.\n\n`.repeat(count);
    expect(fault(many(10_001, 1), 'x.txt')).toBe('x.txt: the story "x" has 10001 shots; a story has at most 10000.');
    expect(fault(many(200, 1000), 'x.txt')).toBe(
      'x.txt, line 201: up to here the story has 101000 chunks; a story has at most 100000 in all.',
    );
    const own = { format: 'throughline-story', version: 1, shots: Array(101).fill({ prompt: 'a', chunks: 1000 }) };
    expect(fault(JSON.stringify(own), 'x.json')).toMatch(/^x\.json, shots: .*100000 chunks/);
  });

  test('pins of a story and of its first shot are counted together', () => {
    const pins = Array.from({ length: 40 }, (_, frame) => ({ frame, name: `n${frame}` }));
    const own = {
      format: 'throughline-story',
      version: 1,
      memory: { pins },
      shots: [{ prompt: 'a', chunks: 1, memory: { pins } }],
    };
    expect(fault(JSON.stringify(own), 'x.json')).toBe(
      'x.json, memory.pins: the story and its first shot have 80 pins together; a shot has at most 64.',
    );
  });

  test('a prompt too long in JSON', () => {
    const own = { format: 'throughline-story', version: 1, shots: [{ prompt: 'a'.repeat(4001), chunks: 1 }] };
    expect(fault(JSON.stringify(own), 'x.json')).toBe(
      'x.json, shots[0].prompt: this prompt has 4001 characters; a prompt has at most 4000.',
    );
  });

  test('nesting, values and lines', () => {
    expect(fault('['.repeat(100_000), 'x.json')).toMatch(/column 65: .*nested more than 64 deep/);
    expect(fault(`{"prompts": [${'{},'.repeat(1_000_001)}{}]}`, 'x.json')).toMatch(/more than 1000000 values/);
    expect(fault('a\n'.repeat(500_001), 'x.txt')).toMatch(/more than 500000 lines/);
    expect(fault('a'.repeat(20_000_001), 'x.txt')).toMatch(/21 million characters/);
  });
});

describe('files that are no script are named as what they are', () => {
  test('PDF, ZIP, RTF, web page, LFS pointer', () => {
    expect(fault('%PDF-1.7 ...', 'x.txt')).toBe('x.txt: this is a PDF, not a script.');
    expect(fault('MZ and text', 'Setup.EXE')).toBe('Setup.EXE: it is named as a program, not as a script.');
    expect(fault('A cat waves.', 'bad.png')).toBe('bad.png: it is named as a picture, not as a script.');
    expect(fault('{\\rtf1 ...', 'x.txt')).toMatch(/rich text/);
    expect(fault('PK\u0003\u0004...', 'x.fadein')).toMatch(/ZIP/);
    expect(fault('<!doctype html><p>', 'x.fountain')).toMatch(/web page/);
    expect(fault('version https://git-lfs.github.com/spec/v1\noid', 'x.fdx')).toMatch(/Git LFS pointer/);
  });
});

/**
 * Each of these took seconds at 80,000 characters where reading was quadratic, and would take an hour at two million:
 * the test's time limit, far above what any machine needs, is what notices.
 */
describe('texts that blocked are read in one pass', () => {
  const length = 2_000_000;
  const hostile: readonly (readonly [name: string, text: string])[] = [
    ['spaces', `A cat${' '.repeat(length)}sits`],
    ['brackets', '['.repeat(length)],
    ['closing brackets', `A${']'.repeat(length)}`],
    ['pairs of brackets', `A ${'[cut]'.repeat(length / 5)}`],
    ['a JSON error at the end', `{"prompts": ["${'a'.repeat(length)}", oops]}`],
    ['notes', '[['.repeat(length / 2)],
    ['omissions', '/*'.repeat(length / 2)],
    ['stars', `A ${'*a _b'.repeat(length / 5)}`],
    ['backslashes', `A ${'\\*'.repeat(length / 2)}`],
    ['lengths', 'a[1s]|'.repeat(length / 6)],
    ['tags', `<?xml?>${'<a>'.repeat(length / 3)}`],
    ['a tag never closed', `<FinalDraft ${'a="b" '.repeat(length / 6)}`],
    ['ampersands', `<FinalDraft>${'&amp;&#'.repeat(length / 7)}</FinalDraft>`],
    ['hashes', `INT. X ${'#'.repeat(length)}`],
    ['title page', `Title: ${'a: '.repeat(length / 3)}`],
  ];
  test.each(hostile)('%s', { timeout: 120_000 }, (_, text) => {
    for (const fileName of ['x.txt', 'x.fountain', 'x.json', 'x.jsonl', 'x.fdx']) {
      try {
        importStories(text, { ...options, fileName });
      } catch (error) {
        expect(error).toBeInstanceOf(ThroughlineError);
      }
    }
  });
});
