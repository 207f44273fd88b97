import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathParts, readPageFile } from './page-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'throughline-page-'));
const page = join(folder, 'page');

beforeAll(() => {
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<!doctype html>');
  writeFileSync(join(page, 'assets', 'app.js'), 'start()');
  writeFileSync(join(page, '.secret.json'), '{}');
  writeFileSync(join(folder, 'outside.json'), '{"secret":true}');
  mkdirSync(join(folder, 'page-of-someone-else'));
  writeFileSync(join(folder, 'page-of-someone-else', 'a.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('serves the files of its folder with their types', async () => {
  expect(await readPageFile(page, '/')).toMatchObject({ type: 'text/html; charset=utf-8', immutable: false });
  expect(await readPageFile(page, '/index.html')).toMatchObject({ type: 'text/html; charset=utf-8' });
  expect(await readPageFile(page, '/assets/app.js')).toMatchObject({ immutable: true });
  const script = await readPageFile(page, '/assets/app.js');
  expect(script?.type).toBe('text/javascript; charset=utf-8');
  expect(Buffer.from(script?.bytes ?? []).toString()).toBe('start()');
});

test('what is not there, a folder, or of no known type is not found', async () => {
  for (const path of ['/missing.js', '/assets', '/assets/', '/index.html/x.js', '/index', `/${'a'.repeat(300)}.js`]) {
    expect(await readPageFile(page, path), path).toBeNull();
  }
});

const escapes = [
  '/../outside.json',
  '/assets/../../outside.json',
  '/%2e%2e/outside.json',
  '/%2E%2E%2Foutside.json',
  '/assets/%2e%2e/%2e%2e/outside.json',
  '/..%2foutside.json',
  '/..%5coutside.json',
  '/..\\outside.json',
  '/%252e%252e/outside.json',
  '/assets%2f..%2f..%2foutside.json',
  '//outside.json',
  '/page-of-someone-else/a.json',
  '/../page-of-someone-else/a.json',
  '/C:/outside.json',
  '/C:%5coutside.json',
  '/.secret.json',
  '/./index.html',
  '/index.html%00.js',
  '/%ff.js',
  '/%',
  'outside.json',
  '',
];

test.each(escapes)('path traversal is not found: %j', async (path) => {
  expect(await readPageFile(page, path)).toBeNull();
});

test('an absolute path is one below the folder, where there is nothing', async () => {
  expect(await readPageFile(page, join(folder, 'outside.json'))).toBeNull();
});

test.skipIf(process.platform === 'win32')('a link that leads out is not followed; one that stays in is', async () => {
  symlinkSync(join(folder, 'outside.json'), join(page, 'link.json'));
  symlinkSync(folder, join(page, 'up'));
  symlinkSync(join(page, 'assets', 'app.js'), join(page, 'inside.js'));
  symlinkSync(join(page, 'loop.js'), join(page, 'loop.js'));
  expect(await readPageFile(page, '/link.json')).toBeNull();
  expect(await readPageFile(page, '/up/outside.json')).toBeNull();
  expect(await readPageFile(page, '/loop.js')).toBeNull();
  expect(await readPageFile(page, '/inside.js')).not.toBeNull();
});

test('names are decoded once', () => {
  expect(pathParts('/a%20b/c%C3%A9.js')).toEqual(['a b', 'cé.js']);
  expect(pathParts('/a%252fb.js')).toBeNull();
});
