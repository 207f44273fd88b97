import { expect, it } from 'vitest';
import { leftOutWords, type UnknownWord } from './word-help.ts';

const word = (text: string, own: Partial<UnknownWord> = {}): UnknownWord => ({
  ...{ start: 0, end: text.length, word: text, reason: 'none', suggestions: [], group: null, advice: null },
  ...own,
});

it('words that are left out for one reason share a sentence, each once, and those without advice come last', () => {
  const count = { advice: 'The model cannot count.' };
  const unknown = [
    ...[word('table'), word('All', count), word('three', count), word('table')],
    word('puppy', { suggestions: ['dog'] }),
  ];
  expect(leftOutWords(unknown)).toEqual([
    { words: ['All', 'three'], advice: 'The model cannot count.' },
    { words: ['table'], advice: '' },
  ]);
});
