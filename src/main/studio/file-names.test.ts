import { expect, test } from 'vitest';
import { fileNameOf, unusedName } from './file-names.ts';

test.each([
  ['There and back', 'There and back'],
  ['../../etc/passwd', '.. .. etc passwd'],
  ['a: b? <c>', 'a b c'],
  ['con', 'Untitled'],
  ['   ', 'Untitled'],
  ['line\nbreak\u0000', 'line break'],
  ['ends.. ', 'ends'],
])('%j becomes %j', (title, name) => {
  expect(fileNameOf(title)).toBe(name);
});

test('a name that is taken gets a number', () => {
  const taken = new Set(['film.mp4', 'film 2.mp4']);
  expect(unusedName('film', '.mp4', (path) => taken.has(path))).toBe('film 3.mp4');
});
