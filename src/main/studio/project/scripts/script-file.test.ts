import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ThroughlineError } from '../../../../shared/errors.ts';
import { readScriptFile } from './script-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'throughline-script-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fault(path: string): string {
  try {
    readScriptFile(path);
  } catch (error) {
    if (error instanceof ThroughlineError && error.code === 'bad-story') return error.message;
    throw error;
  }
  return 'read';
}

describe('a script on the disk', () => {
  test('is decoded', () => {
    const path = join(folder, 'café.txt');
    writeFileSync(path, Buffer.from('A caf\xe9.', 'latin1'));
    expect(readScriptFile(path)).toEqual({ name: 'café.txt', text: 'A café.', encoding: 'windows-1252' });
  });

  test('that is none says why', () => {
    expect(fault(join(folder, 'none.txt'))).toMatch(/^There is no file /);
    expect(fault(folder)).toMatch(/^This is a folder: /);
    const large = join(folder, 'large.txt');
    writeFileSync(large, '');
    truncateSync(large, 21_000_000);
    expect(fault(large)).toBe('large.txt is too large to be a script: 21 MB; a script has at most 20.');
  });

  test.skipIf(process.platform === 'win32')('a pipe and a device are refused before anything is read', () => {
    const pipe = join(folder, 'pipe.txt');
    execFileSync('mkfifo', [pipe]);
    expect(fault(pipe)).toMatch(/^This is no file but a pipe or a device: /);
    expect(fault('/dev/zero')).toMatch(/^This is no file but a pipe or a device: /);
  });
});
