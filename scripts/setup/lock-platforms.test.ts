import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addMissingPlatforms } from './lock-platforms.mjs';

const optional = (version: string, ...names: string[]) => ({
  optionalDependencies: Object.fromEntries(names.map((name) => [name, version])),
});

test('our own lock file is complete, so that npm ci takes it on every platform', () => {
  const lock = JSON.parse(readFileSync(join(import.meta.dirname, '../../package-lock.json'), 'utf8'));
  expect(addMissingPlatforms(lock), 'run: npm run lock').toEqual([]);
});

test('adds what is missing, with its platform, in the order of paths', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/tool': {
        dev: true,
        ...optional('1.2.3', 'tool-win32-x64-msvc', 'tool-linux-arm64-musl', 'tool-darwin-x64'),
      },
      'node_modules/tool-darwin-x64': { version: '1.2.3' },
    },
  };
  expect(addMissingPlatforms(lock)).toEqual(['node_modules/tool-win32-x64-msvc', 'node_modules/tool-linux-arm64-musl']);
  expect(Object.keys(lock.packages).slice(3)).toEqual([
    'node_modules/tool-linux-arm64-musl',
    'node_modules/tool-win32-x64-msvc',
  ]);
  expect(lock.packages).toMatchObject({
    'node_modules/tool-win32-x64-msvc': { version: '1.2.3', os: ['win32'], cpu: ['x64'], dev: true, optional: true },
    'node_modules/tool-linux-arm64-musl': { os: ['linux'], cpu: ['arm64'], libc: ['musl'] },
  });
});

test('finds a package beside its parent, and one further out', () => {
  const parent = optional('1.0.0', 'a-linux-x64');
  const nested = { 'node_modules/p/node_modules/a': parent, 'node_modules/p/node_modules/a-linux-x64': {} };
  expect(addMissingPlatforms({ packages: nested })).toEqual([]);
  const outer = { 'node_modules/p/node_modules/a': parent, 'node_modules/a-linux-x64': {} };
  expect(addMissingPlatforms({ packages: outer })).toEqual([]);
});

test('refuses to guess', () => {
  expect(() => addMissingPlatforms({ packages: { 'node_modules/a': optional('1.0.0', 'a-native') } })).toThrow(
    'a-native',
  );
  expect(() => addMissingPlatforms({ packages: { 'node_modules/a': optional('^1.0.0', 'a-linux-x64') } })).toThrow(
    '^1.0.0',
  );
});
