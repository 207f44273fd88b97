import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { defaultSettings, SettingsStore } from './settings-store.ts';

const fixtures = join(import.meta.dirname, '../../../../tests/fixtures/settings');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-settings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, 'settings.json');
const written = () => JSON.parse(readFileSync(file(), 'utf8'));

test.each(readdirSync(fixtures))('settings of every version that landed are read: %s', (name) => {
  copyFileSync(join(fixtures, name), file());
  expect(new SettingsStore(folder).current).toEqual({
    modelFolder: '/models/large',
    device: 'webgpu',
    precision: 'fp32',
    threads: 6,
    kvStorage: 'int8',
    cacheBudgetBytes: 1_000_000,
    // Of versions that knew no farm.
    renderOn: 'here',
    farm: null,
    theme: 'light',
    reducedMotion: 'on',
  });
});

test('they are written with their version, and read again', () => {
  new SettingsStore(folder).update({ threads: 3 });
  expect(written()).toEqual({ ...defaultSettings, version: 1, threads: 3 });
  expect(new SettingsStore(folder).current.threads).toBe(3);
});

test('one bad line costs only itself; no settings at all are the default ones', () => {
  writeFileSync(file(), JSON.stringify({ ...defaultSettings, threads: 'many', theme: 'light' }));
  expect(new SettingsStore(folder).current).toEqual({ ...defaultSettings, theme: 'light' });
  for (const text of ['', '[]', '7', '{"version":"x"}']) {
    writeFileSync(file(), text);
    expect(new SettingsStore(folder).current).toEqual(defaultSettings);
  }
});

test('what a newer Throughline wrote is used as far as it is known, and written back whole', () => {
  writeFileSync(file(), JSON.stringify({ ...defaultSettings, version: 9, threads: 2, language: 'de' }));
  const store = new SettingsStore(folder);
  expect(store.current).toEqual({ ...defaultSettings, threads: 2 });
  store.update({ theme: 'light' });
  expect(written()).toEqual({ ...defaultSettings, version: 9, threads: 2, theme: 'light', language: 'de' });
});
