import { expect, it } from 'vitest';
import { cleanPrompt } from './text-cleaning.ts';

it.each([
  ['  A \t cat\n\nwalks  ', 'A cat walks'],
  ['Caf\u00c3\u00a9 na\u00c3\u00afve', 'Caf\u00e9 na\u00efve'], // UTF-8 read as Latin-1
  ['it\u00e2\u20ac\u2122s', "it's"], // UTF-8 read as Windows-1252
  ['Caf\u00e9 na\u00efve \u00c3', 'Caf\u00e9 na\u00efve \u00c3'], // right as it is
  ['\u201cquoted\u201d \u2018it\u2019', '"quoted" \'it\''],
  ['\ufb01re \uff26\uff35\uff2c\uff2c\u3000width', 'fire FULL width'],
  ['fish &amp;amp; chips &lt;3 &eacute;', 'fish & chips <3 \u00e9'],
  ['e\u0301', '\u00e9'],
  ['a\u0000b\u001b[31mc\ufeff', 'abc'],
  ['lone \ud800 half', 'lone \ufffd half'],
])('cleans %j as published', (text, cleaned) => {
  expect(cleanPrompt(text, 'published')).toBe(cleaned);
});

it('collapses white space only, for the built-in model', () => {
  expect(cleanPrompt(' \u201cA&amp;B\u201d \n x ', 'whitespace')).toBe('\u201cA&amp;B\u201d x');
});
