import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PathDoor } from './path-door.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'throughline-door-')));
const at = (name: string) => join(folder, name);
const onUnix = test.skipIf(process.platform === 'win32');
const onLinux = test.skipIf(process.platform !== 'linux');

beforeAll(() => {
  mkdirSync(at('mine/sub'), { recursive: true });
  mkdirSync(at('mine-too'));
  mkdirSync(at('other'));
  for (const name of [
    'mine/a.throughline',
    'mine/sub/b.throughline',
    'mine-too/c.txt',
    'other/secret.txt',
    'other/opened.txt',
  ])
    writeFileSync(at(name), 'x');
  if (process.platform === 'win32') return;
  symlinkSync(at('other'), at('mine/out'));
  symlinkSync(at('other/secret.txt'), at('mine/secret.txt'));
  symlinkSync(at('other/new.txt'), at('mine/dangling.txt'));
  symlinkSync(at('mine/loop'), at('mine/loop'));
  symlinkSync(at('mine'), at('alias'));
  spawnSync('mkfifo', [at('mine/pipe')]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const refused = async (door: PathDoor, path: string, use: 'read' | 'write' | 'model', sentence: string) =>
  expect(door.admit(path, use), path).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining(sentence),
    hint: expect.stringMatching(/./),
  });

describe('without folders', () => {
  const door = new PathDoor();

  onUnix('a path is taken as it is pasted: in quotes, or as an address', async () => {
    const file = at('mine/a.throughline');
    mkdirSync(at('mine/two words'), { recursive: true });
    expect(await door.admit(`"${file}"`, 'read')).toBe(file);
    expect(await door.admit(` '${file}' `, 'read')).toBe(file);
    expect(await door.admit(`file://${folder}/mine/two%20words`, 'parts')).toBe(at('mine/two words'));
    await refused(door, 'file:///nul%00byte', 'read', 'no file can have');
    await refused(door, 'file://elsewhere/share/a.txt', 'read', 'There is no file');
  });

  test('files to read, files to write, folders', async () => {
    expect(await door.admit(at('mine/a.throughline'), 'read')).toBe(at('mine/a.throughline'));
    expect(await door.admit(at('mine/new/deep/x.mp4'), 'write')).toBe(at('mine/new/deep/x.mp4'));
    expect(await door.admit(at('mine'), 'model')).toBe(at('mine'));
    expect(await door.admit('~', 'model')).toBe(realpathSync(homedir()));
    await refused(door, at('mine/none'), 'read', 'There is no file');
    await expect(door.admit(at('none'), 'model')).rejects.toMatchObject({ code: 'model-missing' });
    await refused(door, at('mine'), 'read', 'is a folder');
    await refused(door, at('mine'), 'write', 'is a folder');
    await refused(door, at('mine/a.throughline'), 'model', 'is not a folder');
    await refused(door, at('mine/a.throughline/x'), 'write', 'is a file, not a folder');
    await refused(door, 'nul\0byte', 'read', 'no file can have');
    await refused(door, at('n'.repeat(300)), 'write', 'longer than');
  });

  onUnix('links are resolved; circles and pipes are refused', async () => {
    expect(await door.admit(at('alias/a.throughline'), 'read')).toBe(at('mine/a.throughline'));
    expect(await door.admit(at('alias/new.mp4'), 'write')).toBe(at('mine/new.mp4'));
    await refused(door, at('mine/loop'), 'read', 'round in a circle');
    for (const use of ['read', 'write'] as const)
      await refused(door, at('mine/pipe'), use, 'a pipe, a socket or a device');
  });

  onLinux('what is the system’s own is refused', async () => {
    for (const path of ['/dev/zero', '/dev/stdin', '/proc/self/mem', '/proc/x/y', '/sys/x'])
      for (const use of ['read', 'write'] as const)
        await expect(door.admit(path, use), path).rejects.toMatchObject({ code: 'bad-input' });
    expect(await door.admit('/dev/shm/x.mp4', 'write')).toBe('/dev/shm/x.mp4');
  });
});

describe('confined to folders', () => {
  const door = new PathDoor({
    folders: [at('mine'), at('not-there-yet')],
    alsoRead: () => [at('other/opened.txt'), null],
    howToAllow: (named) => `Start it with --folder ${named}.`,
  });

  test('what is in them passes, also where a folder is made later', async () => {
    expect(await door.admit(at('mine/sub/b.throughline'), 'read')).toBe(at('mine/sub/b.throughline'));
    expect(await door.admit(at('mine/../mine/a.throughline'), 'read')).toBe(at('mine/a.throughline'));
    expect(await door.admit(at('not-there-yet/x'), 'write')).toBe(at('not-there-yet/x'));
  });

  test('everything else is refused, with what allows it, whether or not it is there', async () => {
    for (const path of [
      'other/secret.txt',
      'mine/../other/secret.txt',
      'mine-too/c.txt',
      'other/none.txt',
      'mine/../x',
    ])
      for (const use of ['read', 'write'] as const) await refused(door, at(path), use, 'outside the folders');
    await refused(door, folder, 'model', 'outside the folders');
    await refused(door, '/', 'model', 'outside the folders');
    await expect(door.admit(at('other/secret.txt'), 'read')).rejects.toMatchObject({
      hint: `Start it with --folder ${at('other')}.`,
    });
  });

  test('what a person opened before may be read again, not written', async () => {
    expect(await door.admit(at('other/opened.txt'), 'read')).toBe(at('other/opened.txt'));
    await refused(door, at('other/opened.txt'), 'write', 'outside the folders');
  });

  onUnix('links out are followed before they are judged', async () => {
    for (const path of ['mine/out/secret.txt', 'mine/secret.txt']) await refused(door, at(path), 'read', 'outside');
    for (const path of ['mine/out/new.txt', 'mine/out/a/b/new.txt']) await refused(door, at(path), 'write', 'outside');
    await refused(door, at('mine/dangling.txt'), 'write', 'leads nowhere');
    await refused(door, at('mine/dangling.txt'), 'read', 'leads nowhere');
    expect(await door.admit(at('alias/a.throughline'), 'read')).toBe(at('mine/a.throughline'));
  });

  test('the whole disk, where a person said so', async () => {
    const open = new PathDoor({ folders: ['/'] });
    expect(await open.admit(at('other/secret.txt'), 'read')).toBe(at('other/secret.txt'));
  });
});

test('a disk that does not answer is given up on, and the next questions are answered', async () => {
  const never = new Promise<never>(() => {});
  const door = new PathDoor({
    deadlineMs: 50,
    disk: {
      stat,
      lstat,
      realpath: ((path: string) => (path.includes('gone') ? never : realpath(path))) as typeof realpath,
    },
  });
  await refused(door, '/gone/a', 'read', 'does not answer');
  expect(await door.admit(at('mine/a.throughline'), 'read')).toBe(at('mine/a.throughline'));
  // Only two threads are ever lost to it.
  await refused(door, '/gone/b', 'read', 'does not answer');
  await refused(door, '/gone/c', 'read', 'does not answer');
});
