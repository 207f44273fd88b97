import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder } from './place.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-folders-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('makes what is missing, and says where that begins', () => {
  const folder = temporaryFolder();
  expect(makeFolder(join(folder, 'a', 'b'))).toBe(join(folder, 'a'));
  expect(makeFolder(join(folder, 'a', 'b'))).toBeUndefined();
  expect(existsSync(join(folder, 'a', 'b'))).toBe(true);
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolder(join(folder, 'file', 'x'))).toThrow('ENOTDIR');
  expect(() => makeFolder(join(folder, 'file'))).toThrow('EEXIST');
});

// Node's own way never comes back there.
test('a folder is asked for where the folder that a process works in was deleted: that ends', () => {
  const folder = temporaryFolder();
  const code = `
    import { rmSync } from 'node:fs';
    import { makeFolder } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'place.ts')).href)};
    rmSync(${JSON.stringify(folder)}, { recursive: true });
    try { makeFolder('worker/cache'); console.log('made'); } catch (error) { console.log(error.code); }`;
  const { stdout } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '--eval', code], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  expect(['made\n', 'ENOENT\n']).toContain(stdout);
});
