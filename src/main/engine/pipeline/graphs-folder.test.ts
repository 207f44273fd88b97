import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { collectGraphFolders, prepareGraphsFolder } from './graphs-folder.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
const name = (i: number, device = 'cpu'): string => `${i.toString(16).padStart(16, '0')}-${device}`;

it('links what a symbolic link leads to, not the link', () => {
  const base = folder();
  mkdirSync(join(base, 'blobs'));
  mkdirSync(join(base, 'snapshot'));
  writeFileSync(join(base, 'blobs', 'abc'), 'weights');
  symlinkSync('../blobs/abc', join(base, 'snapshot', 'dit.safetensors')); // as a Hugging Face cache has it
  const target = join(base, 'graphs', name(1));
  prepareGraphsFolder(target, [join(base, 'snapshot', 'dit.safetensors')]);
  const made = join(target, 'dit.safetensors');
  expect(readFileSync(made, 'utf8')).toBe('weights');
  expect(statSync(made).ino).toBe(statSync(join(base, 'blobs', 'abc')).ino);
});

it('keeps the folders used last, whatever the clock says, and never touches what is not ours', () => {
  const parent = join(folder(), 'graphs');
  mkdirSync(join(parent, 'notes'), { recursive: true });
  for (const i of [1, 2, 3, 4]) prepareGraphsFolder(join(parent, name(i)), []);
  prepareGraphsFolder(join(parent, name(1)), []); // used again
  mkdirSync(join(parent, name(9))); // from before uses were counted
  expect(collectGraphFolders(join(parent, name(1)), { folders: 3, copiedBytes: 1000 })).toEqual([name(2), name(9)]);
  expect(readdirSync(parent).sort()).toEqual([name(1), name(3), name(4), 'notes'].sort());
});

it('lets go of copies that take too much, the one in use excepted', () => {
  const parent = join(folder(), 'graphs');
  for (const i of [1, 2, 3]) {
    prepareGraphsFolder(join(parent, name(i)), []);
    writeFileSync(join(parent, name(i), 'dit.safetensors'), Buffer.alloc(1000));
  }
  expect(collectGraphFolders(join(parent, name(3)), { folders: 8, copiedBytes: 2100 })).toEqual([name(1)]);
  expect(collectGraphFolders(join(parent, name(3)), { folders: 8, copiedBytes: 10 })).toEqual([name(2)]);
  expect(existsSync(join(parent, name(3), 'dit.safetensors'))).toBe(true);
});
