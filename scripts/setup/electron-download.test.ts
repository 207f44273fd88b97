import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readAttempt } from './electron-attempt.ts';
import { DownloadDisplay, downloadElectron } from './electron-download.ts';

/** A fetcher of our own; what it does is the text of a program. */
function fetching(program: string, isTTY = false) {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-electron-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const fetcher = join(folder, 'fetch.mjs');
  writeFileSync(fetcher, program);
  let shown = '';
  const out = {
    isTTY,
    write: (text: string | Uint8Array) => {
      shown += text;
      return true;
    },
  };
  const memoryFile = join(folder, 'electron.json');
  const download = (more: { again?: boolean; idleTimeMs?: number } = {}) =>
    downloadElectron({ fetcher, memoryFile, show: new DownloadDisplay(out as never), ...more });
  return { download, memoryFile, shown: () => shown };
}

const steps = `for (let done = 0; done <= 100; done += 25) process.send({ transferred: done * 1e6, total: 1e8 });`;

test('shows how far it is: a line each tenth, or one line drawn over on a terminal', async () => {
  const piped = fetching(`${steps} process.disconnect();`);
  expect(await piped.download()).toBeNull();
  expect(piped.shown().split('\n').filter(Boolean)).toEqual([
    'Downloading Electron (once)',
    ...[25, 50, 75, 100].map((done) => expect.stringMatching(`^Downloading Electron: ${done} of 100 MB`)),
  ]);
  const terminal = fetching(`${steps} process.disconnect();`, true);
  await terminal.download();
  expect(terminal.shown()).toContain('\r\x1b[KDownloading Electron: 50 of 100 MB');
  expect(terminal.shown().endsWith('\r\x1b[K')).toBe(true);
});

test('one that gets nothing any more is given up, and remembered', async () => {
  const { download, memoryFile } = fetching(`${steps} setInterval(() => {}, 1000);`);
  expect(await download({ idleTimeMs: 2000 })).toBe(
    'The desktop app needs Electron, which could not be downloaded: nothing came for 2 seconds.',
  );
  expect(readAttempt(memoryFile)).toMatchObject({ reason: 'nothing came for 2 seconds.' });
});

test('one that fails says why once, and is not repeated until it is asked for', async () => {
  const { download, memoryFile, shown } = fetching(`throw new Error('getaddrinfo EAI_AGAIN somewhere');`);
  expect(await download()).toContain('the server that has it could not be reached.');
  const before = shown();
  expect(await download()).toContain('could not be downloaded just now');
  expect(await download()).toContain('npm run electron');
  expect(shown()).toBe(before);
  expect(await download({ again: true })).toContain('could not be reached');
  expect(shown()).not.toBe(before);
  expect(existsSync(memoryFile)).toBe(true);
});

test('one that works forgets earlier failures', async () => {
  const { download, memoryFile } = fetching('process.disconnect();');
  writeFileSync(memoryFile, JSON.stringify({ version: 'x', at: Date.now(), reason: 'x.' }));
  expect(await download()).toBeNull();
  expect(existsSync(memoryFile)).toBe(false);
});
