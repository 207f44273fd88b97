import { expect, test } from 'vitest';
import { checkStory, wordNotes } from './story-words.ts';
import { Vocabulary } from './vocabulary.ts';

const word = (text: string) => ({ word: text, part: 'noun', group: 'test', synonyms: [] });
const vocabulary = new Vocabulary([word('a'), word('cat'), word('day')], 5);

test('notes for the command line: unknown words with their shots, and prompts that are too long', () => {
  const prompts = ['a sunny cat', 'a sunny day', 'a gentle cat a cat a cat'];
  expect(wordNotes(checkStory(vocabulary, prompts))).toEqual([
    'the model does not know 2 words and leaves them out: sunny (shots 1, 2; try day), gentle (shot 3).',
    'the prompt of shot 3 is too long: the model stops reading before “a cat”.',
  ]);
  expect(wordNotes(checkStory(vocabulary, ['a cat']))).toEqual([]);
});

test('of many words some are named and the rest is counted', () => {
  const prompts = ['happy', 'sad', 'gentle', 'calm', 'quiet', 'brave', 'proud', 'lonely'];
  expect(wordNotes(checkStory(vocabulary, prompts))[0]).toMatch(/^the model does not know 8 words .* and 2 more\.$/);
});
