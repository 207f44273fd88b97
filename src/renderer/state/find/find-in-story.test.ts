import { expect, test } from 'vitest';
import type { ProjectShot } from '../../../shared/project/document.ts';
import { findInStory } from './find-in-story.ts';

const shot = (id: string, prompt: string, fields: ProjectShot['fields'] = {}): ProjectShot => ({
  ...{ id, parent: null, name: '', prompt, chunks: 1, seed: 1, seedLocked: false, transition: 'automatic' },
  ...{ memory: {}, held: null, fields },
});
const story = [
  shot('a', 'A red cat, a Cat!', { dialogue: 'MIA: That is a cat (no?)\nMIA: CAT' }),
  shot('b', 'Über den Dächern 🐈‍⬛', { scene: 'INT. KITCHEN - DAY', camera: 'dolly  in' }),
];
const places = (text: string) =>
  findInStory(story, text).map(({ shotId, field, start, end }) => [shotId, field, start, end]);

test('every place in prompts and fields, whatever its capitals, in the order of the story', () => {
  expect(places('cat')).toEqual([
    ['a', 'prompt', 6, 9],
    ['a', 'prompt', 13, 16],
    ['a', 'dialogue', 15, 18],
    ['a', 'dialogue', 30, 33],
  ]);
  expect(places('über')).toEqual([['b', 'prompt', 0, 4]]);
  expect(places('kitchen - d')).toEqual([['b', 'scene', 5, 16]]);
});

test('signs mean themselves, a space any white space, and nothing is nowhere', () => {
  expect(places('(no?)')).toEqual([['a', 'dialogue', 19, 24]]);
  expect(places(' dolly in ')).toEqual([['b', 'camera', 0, 9]]);
  expect(places('.*')).toEqual([]);
  expect(places('  ')).toEqual([]);
});
