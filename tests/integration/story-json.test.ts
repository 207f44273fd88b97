import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editOfStory } from '../../src/main/cli/story-edit.ts';
import { writeStoryJson } from '../../src/main/export/scripts/story-json.ts';
import { editOfFilm } from '../../src/main/studio/export/edit-of-film.ts';
import { planEdit } from '../../src/shared/edit/edit-plan.ts';
import type { ProjectShot } from '../../src/shared/project/document.ts';
import type { ModelInfo } from '../../src/shared/render.ts';
import type { Story } from '../../src/shared/story.ts';
import { importStories } from '../../src/shared/story-import/index.ts';

const model = { chunkFrames: 3, video: { width: 16, height: 16, fps: 8 } } as ModelInfo;

function read(text: string): Story {
  const { stories, warnings } = importStories(text, { fileName: 'a.json', chunksPerPrompt: 3, fps: 8, chunkFrames: 3 });
  expect(warnings).toEqual([]);
  return stories[0] as Story;
}

/** Text that means the same once it is tidied: of any script, with an emoji, quotes, lines. */
const word = fc.constantFrom(
  'the cat',
  '猫 👩‍👩‍👧',
  'Кот',
  '"quoted" \\ {x: 1}',
  '[cut] 10s',
  '# not a title',
  '<b> & co',
);
const text = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
const pins = fc.uniqueArray(fc.record({ frame: fc.nat(500), name: word }), {
  selector: ({ frame }) => frame,
  maxLength: 3,
});
const memory = fc.record(
  { bankFrames: fc.nat(20), pins, bans: fc.uniqueArray(fc.nat(500), { maxLength: 3 }) },
  { requiredKeys: [] },
);
const fields = fc
  .record(
    { scene: text, number: fc.constantFrom('12', '12A'), dialogue: text, notes: text, camera: text, action: text },
    {
      requiredKeys: [],
    },
  )
  .filter((said) => Object.keys(said).length > 0);
const shot = fc
  .record(
    {
      ...{ prompt: text, chunks: fc.integer({ min: 1, max: 9 }), seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }) },
      transition: fc.constantFrom('automatic' as const, 'continue' as const, 'cut' as const),
      told: fc.constantFrom('automatic' as const, 'as-written' as const),
      memory: memory.filter((said) => Object.keys(said).length > 0),
      fields,
      trim: fc.record({ head: fc.nat(4), tail: fc.nat(4) }),
    },
    { requiredKeys: ['prompt', 'chunks', 'transition'] },
  )
  .filter(({ trim }) => trim === undefined || trim.head + trim.tail > 0);
const named = fc.record({
  ...{ name: word, digest: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)), builtIn: fc.boolean() },
  sources: fc.constantFrom<string[][]>([], ['owner/name']),
});
const size = fc.constantFrom({ width: 416, height: 240 }, { width: 32, height: 1360 });
const story: fc.Arbitrary<Story> = fc.record(
  {
    ...{ format: fc.constant('throughline-story' as const), version: fc.constant(1 as const), title: text },
    ...{ seed: fc.nat(1000), shots: fc.array(shot, { minLength: 1, maxLength: 6 }), model: named, frameSize: size },
    prompts: fc.constantFrom('as-written' as const, 'completed' as const),
  },
  { requiredKeys: ['format', 'version', 'title', 'seed', 'shots'] },
);

describe('a story file', () => {
  test('that is read and written is the same story', () => {
    fc.assert(
      fc.property(story, fc.constantFrom(null, 24), (made, fps) => {
        const known = read(JSON.stringify(made));
        const { plan } = editOfStory(known, model, fps, null);
        expect(read(writeStoryJson(plan))).toEqual(known);
      }),
      { numRuns: 200 },
    );
  });

  test('has what the shots of a project are made from', () => {
    const shots = [
      made(
        { prompt: 'a cat', chunks: 2, seed: 7, transition: 'cut', memory: { pins: [{ frame: 4, name: 'the cat' }] } },
        0,
      ),
      made(
        {
          prompt: 'a dog',
          chunks: 1,
          seed: 8,
          told: 'as-written',
          trim: { head: 2, tail: 1 },
          fields: { number: '12A' },
        },
        2,
      ),
    ];
    const film = { name: '', before: [], prompts: 'completed' as const, memory: { bankFrames: 2 }, shots };
    expect(read(writeStoryJson(editOfFilm(film, 'Film', model, 24).plan))).toEqual({
      ...{ format: 'throughline-story', version: 1, title: 'Film', seed: 0 },
      ...{ prompts: 'completed', memory: { bankFrames: 2 } },
      shots: [
        {
          ...{ prompt: 'a cat', chunks: 2, seed: 7, transition: 'cut' },
          memory: { pins: [{ frame: 4, name: 'the cat' }] },
        },
        {
          ...{ prompt: 'a dog', chunks: 1, seed: 8, transition: 'automatic', told: 'as-written' },
          ...{ trim: { head: 2, tail: 1 }, fields: { number: '12A' } },
        },
      ],
    });
  });

  test('of a later part counts its pins from there, and leaves out those before', () => {
    const pinned = {
      pins: [
        { frame: 4, name: 'before' },
        { frame: 13, name: 'here' },
      ],
      bans: [2, 12],
    };
    const film = { name: '', before: [], shots: [made({ prompt: 'a dog', chunks: 3, memory: pinned }, 4)] };
    const [first] = read(writeStoryJson(editOfFilm(film, 'Film', model, null).plan)).shots;
    expect(first?.memory).toEqual({ pins: [{ frame: 1, name: 'here' }], bans: [0] });
  });

  test('of a shot without a prompt is refused', () => {
    const film = { name: '', before: [], shots: [made({ prompt: '', chunks: 3 }, 0)] };
    expect(() => writeStoryJson(editOfFilm(film, 'Film', model, null).plan)).toThrow('Shot 1 has no prompt');
  });

  test('of nothing is refused', () => {
    const plan = planEdit([], { title: 'Film', size: { width: 1, height: 1 }, modelFps: 8, fps: 8 });
    expect(() => writeStoryJson(plan)).toThrow('There are no shots');
  });
});

function made(shot: Partial<ProjectShot>, firstChunk: number) {
  const whole = { seed: 0, transition: 'automatic', memory: {}, ...shot } as ProjectShot;
  return { shot: whole, title: '', keys: [], places: [], firstChunk };
}
