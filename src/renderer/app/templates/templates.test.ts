import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readScript, shotsOfStory } from '../../../shared/story-import/index.ts';
import { templates } from './templates.ts';

const { words } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../resources/models/animatic/vocabulary.json'), 'utf8'),
) as { readonly words: readonly { readonly word: string }[] };
const known = new Set(words.map(({ word }) => word));

test.each(templates)('$title is a story of several shots in words that the built-in model knows', ({ script }) => {
  const { stories } = readScript(script.text, { fileName: script.name, chunksPerPrompt: 2, fps: 8, chunkFrames: 3 });
  const shots = stories.flatMap(shotsOfStory);
  expect(shots.length).toBeGreaterThan(3);
  for (const { prompt } of shots) {
    expect((prompt.toLowerCase().match(/[a-z]+/g) ?? []).filter((word) => !known.has(word))).toEqual([]);
  }
});
