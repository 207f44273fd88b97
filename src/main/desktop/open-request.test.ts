import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { dataFolder, fileToOpen, isOpenable } from './open-request.ts';

const folder = resolve('/home/anna');

test('finds the file among switches, relative to where the command was given', () => {
  expect(fileToOpen(['/opt/throughline', 'Film.throughline'], folder)).toBe(join(folder, 'Film.throughline'));
  expect(fileToOpen(['/opt/throughline', '--no-sandbox', resolve('/tmp/story.JSONL')], folder)).toBe(
    resolve('/tmp/story.JSONL'),
  );
  expect(
    fileToOpen(['electron', '.', '--allow-file-access-from-files', 'a.throughline', 'b.throughline'], folder),
  ).toBe(join(folder, 'b.throughline'));
});

test('no file was asked for', () => {
  expect(fileToOpen(['/opt/throughline'], folder)).toBeNull();
  expect(fileToOpen(['electron', '.'], folder)).toBeNull();
  expect(fileToOpen(['/opt/app.throughline'], folder)).toBeNull();
  expect(fileToOpen(['x', '--file=a.throughline', 'notes.pdf', 'throughline'], folder)).toBeNull();
});

test('only endings of ours', () => {
  expect(['a.throughline', 'a.b.jsonl', 'a.mp4', 'jsonl', ''].map(isOpenable)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('the data folder, relative to where the command was given', () => {
  expect(dataFolder(['electron', '.', '--data=stick/throughline'], folder)).toBe(join(folder, 'stick/throughline'));
  expect(dataFolder(['electron', '.', '--data='], folder)).toBeUndefined();
  expect(dataFolder(['electron', '.', 'data'], folder)).toBeUndefined();
});
