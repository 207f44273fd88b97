import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importStories } from '../../src/shared/story-import/index.ts';

const resources = join(import.meta.dirname, '../../resources');
const vocabularyFile = join(resources, 'models/animatic/vocabulary.json');

function sample() {
  const text = readFileSync(join(resources, 'stories/sample.json'), 'utf8');
  const { stories, warnings } = importStories(text, {
    fileName: 'sample.json',
    chunksPerPrompt: 4,
    fps: 8,
    chunkFrames: 3,
  });
  expect(warnings).toEqual([]);
  return stories[0];
}

test('the sample story leaves places and characters, and returns to them', () => {
  const prompts = sample()?.shots.map((shot) => shot.prompt) ?? [];
  for (const word of ['meadow', 'city', 'beach', 'cat', 'robot', 'duck']) {
    const shots = prompts.flatMap((prompt, index) => (prompt.includes(word) ? [index] : []));
    const [first = 0] = shots;
    expect(
      shots.some((index) => index > first + 1),
      word,
    ).toBe(true);
  }
});

test.skipIf(!existsSync(vocabularyFile))('the built-in model knows every word of the sample story', () => {
  const { words } = JSON.parse(readFileSync(vocabularyFile, 'utf8')) as { words: { word: string }[] };
  const known = new Set(words.map(({ word }) => word));
  const used = (sample()?.shots ?? []).flatMap((shot) => shot.prompt.toLowerCase().match(/[a-z]+/g) ?? []);
  expect(used.filter((word) => !known.has(word))).toEqual([]);
});
