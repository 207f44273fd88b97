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
  ['NUL.mp4', 'Untitled'],
  ['com1. the film', 'Untitled'],
  ['console', 'console'],
  // The 60th sign is an emoji of two, of seven and of four UTF-16 units; it stays whole or goes whole.
  [`${'a'.repeat(59)}🐈 and more`, `${'a'.repeat(59)}🐈`],
  [`${'a'.repeat(59)}👩‍👩‍👧 and more`, `${'a'.repeat(59)}👩‍👩‍👧`],
  [`${'a'.repeat(60)}🐈`, 'a'.repeat(60)],
  ['🇩🇪'.repeat(40), '🇩🇪'.repeat(16)],
  ['猫'.repeat(80), '猫'.repeat(43)],
  ['half \ud83d of one', 'half of one'],
  ['\u202egpj.exe', 'gpj.exe'],
  ['e\u0301', 'é'],
])('%j becomes %j', (title, name) => {
  expect(fileNameOf(title)).toBe(name);
  expect(encodeURIComponent(fileNameOf(title))).toBeTruthy();
  expect(Buffer.byteLength(`${fileNameOf(title)} - 99.mp4`)).toBeLessThanOrEqual(143);
});

test('a name that is taken gets a number', () => {
  const taken = new Set(['film.mp4', 'film 2.mp4']);
  expect(unusedName('film', '.mp4', (path) => taken.has(path))).toBe('film 3.mp4');
});
