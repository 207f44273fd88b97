import { expect, test } from 'vitest';
import { applyCommand, emptyDocument } from './apply-command.ts';
import type { ProjectShot } from './document.ts';
import { numbersFor } from './shot-numbers.ts';

function path(...numbers: string[]): ProjectShot[] {
  return numbers.map((number, i) => ({
    id: `shot-${i}`,
    parent: i === 0 ? null : `shot-${i - 1}`,
    name: '',
    prompt: 'A cat.',
    chunks: 1,
    seed: 1,
    seedLocked: false,
    transition: 'automatic',
    memory: {},
    held: null,
    ...(number === '' ? {} : { fields: { number } }),
  }));
}

function numbered(...numbers: string[]): string[] {
  const given = numbersFor(path(...numbers));
  return numbers.map((number, i) => number || (given.get(`shot-${i}`) ?? ''));
}

test('a cut without numbers is counted', () => {
  expect(numbered('', '', '')).toEqual(['1', '2', '3']);
});

test('numbers that were handed out stay; what was put in between gets letters', () => {
  expect(numbered('12', '', '', '13', '')).toEqual(['12', '12A', '12B', '13', '14']);
  expect(numbered('12', '12A', '', '13')).toEqual(['12', '12A', '12B', '13']);
  expect(numbered('12', '', '12A', '13')).toEqual(['12', '12B', '12A', '13']);
});

test('what comes before the first gets a letter in front', () => {
  expect(numbered('', '', '1', '2')).toEqual(['A1', 'B1', '1', '2']);
});

test('other people’s numbers are left alone', () => {
  expect(numbered('Sc. 4', '', '7', '')).toEqual(['Sc. 4', 'A1', '7', '8']);
});

test('after twenty-six letters there are two', () => {
  const many = numbered('1', ...Array.from({ length: 28 }, () => ''), '2');
  expect([many[26], many[27], many[28]]).toEqual(['1Z', '1AA', '1AB']);
});

test('what is numbered keeps its numbers when it is numbered again', () => {
  expect(numbersFor(path('1', '1A', '2'))).toEqual(new Map());
});

test('deleting a shot leaves the numbers of the others, which are not counted anew', () => {
  const document = { ...emptyDocument('Film'), shots: path('12', '12A', '12B', '13') };
  const rest = applyCommand(document, { type: 'delete-shots', ids: ['shot-1'], mode: 'heal' });
  expect(rest.shots.map(({ fields }) => fields?.number)).toEqual(['12', '12B', '13']);
  expect(numbersFor(rest.shots)).toEqual(new Map());
});

test('what is put in between two letters gets one that nothing has', () => {
  expect(numbered('12', '12A', '', '12B', '13')).toEqual(['12', '12A', '12C', '12B', '13']);
  expect(numbered('12', '', '12A', '', '13')).toEqual(['12', '12B', '12A', '12C', '13']);
});
