import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryRecordSchema } from './memory-record.ts';
import { readRecord } from './record-versions.ts';

const folder = join(import.meta.dirname, '../../tests/fixtures/records');

test.each(readdirSync(folder))('a record of every version that landed is read: %s', (name) => {
  const stored = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const { value, version, newer } = readRecord(stored, 'film.throughline');
  expect(`v${version}.json`).toBe(name);
  expect(newer).toBeNull();
  expect(memoryRecordSchema.parse(value)).toEqual(value);
});

test('one of a newer Throughline is shown as far as it is known', () => {
  const stored = JSON.parse(readFileSync(join(folder, 'v2.json'), 'utf8'));
  const { value, newer } = readRecord({ ...stored, version: 7, dream: 'of sheep' }, 'film.throughline');
  expect(value).toEqual(stored);
  expect(newer?.message).toMatch(/memory record in film\.throughline was made by a newer Throughline \(version 7/);
});
