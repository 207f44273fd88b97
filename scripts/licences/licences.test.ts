import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { licenceFile, listedPackages } from './licence-text.ts';
import { importedPackages, shippedPackages } from './shipped-packages.ts';
import { shippedRoots } from './shipped-roots.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('THIRD_PARTY_LICENSES.txt lists exactly what is shipped', () => {
  const shipped = shippedPackages(JSON.parse(read('package-lock.json')), shippedRoots(root));
  expect(listedPackages(read('THIRD_PARTY_LICENSES.txt')), 'run: npm run licenses').toEqual(shipped);
});

test('says what the codec contains, and that a packaged app is under the GPL', () => {
  const file = read('THIRD_PARTY_LICENSES.txt');
  for (const fact of ['x264', 'x265', 'GNU General Public License', 'offer its complete source', 'h264-mp4-encoder']) {
    expect(file).toContain(fact);
  }
  expect(read('packaging/GPL-3.0.txt')).toContain('GNU GENERAL PUBLIC LICENSE');
});

test('our own licence is MIT, wherever it is named', () => {
  expect(read('LICENSE')).toMatch(/^MIT License/);
  expect(JSON.parse(read('package.json')).license).toBe('MIT');
  expect(existsSync(join(root, 'packaging/package-lock.json'))).toBe(true);
});

test('follows dependencies, optional and peer ones, to where Node finds them', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/a': {
        version: '1.0.0',
        dependencies: { b: '^2' },
        optionalDependencies: { 'a-linux-x64': '1.0.0', 'a-absent': '1.0.0' },
        peerDependencies: { p: '*', q: '*' },
        peerDependenciesMeta: { q: { optional: true } },
      },
      'node_modules/a/node_modules/b': { version: '2.0.0', dependencies: { a: '*' } },
      'node_modules/b': { version: '1.0.0' },
      'node_modules/a-linux-x64': { version: '1.0.0', optional: true },
      'node_modules/p': { version: '3.0.0' },
      'node_modules/q': { version: '4.0.0' },
    },
  };
  expect(shippedPackages(lock, ['a'])).toEqual(['a-linux-x64@1.0.0', 'a@1.0.0', 'b@2.0.0', 'p@3.0.0']);
  expect(() => shippedPackages(lock, ['gone'])).toThrow('gone');
});

test('reads the packages that a source file imports, types left out', () => {
  const source = `
import { z } from 'zod';
import type { contract } from '@orpc/contract';
import { type Node, useStore } from '@xyflow/react/dist/x.js';
import {
  app,
} from 'electron';
import '@fontsource/inter/400.css';
export { x } from 'x';
import { join } from 'node:path';
import { a } from './a.ts';
const later = await import('later');
`;
  expect(importedPackages(source).toSorted()).toEqual(
    ['@fontsource/inter', '@xyflow/react', 'electron', 'later', 'x', 'zod'].toSorted(),
  );
});

test('one text for all who share it, and a list that can be read back', () => {
  const file = licenceFile([
    { id: 'a@1.0.0', licence: 'MIT', repository: 'https://example.com/a', text: 'MIT License\r\n' },
    { id: '@b/c@2.0.0', licence: '(MIT OR Apache-2.0)', repository: null, text: 'MIT License' },
    { id: 'd@1.0.0-rc.1', licence: 'ISC', repository: null, text: null },
  ]);
  expect(listedPackages(file)).toEqual(['a@1.0.0', '@b/c@2.0.0', 'd@1.0.0-rc.1']);
  expect(file.match(/^MIT License$/gm)).toHaveLength(1);
});
