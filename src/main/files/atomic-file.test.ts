import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ThroughlineError } from '../../shared/errors.ts';
import { lookAtTarget, removeLeftovers, temporaryName, writeFileAtomically, writeSmallFile } from './index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');
const onUnix = test.skipIf(process.platform === 'win32');

describe('a file that is written', () => {
  test('is new, or replaces what was there when it was begun', async () => {
    expect(await writeFileAtomically(at('a.txt'), 'one')).toBe(at('a.txt'));
    expect(await writeFileAtomically(at('a.txt'), 'two')).toBe(at('a.txt'));
    expect(text('a.txt')).toBe('two');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  test('never replaces a file that appeared meanwhile: it takes the next free name', async () => {
    const target = await lookAtTarget(at('film.mp4'), true);
    writeFileSync(at('film.mp4'), 'of somebody else');
    writeFileSync(at('film 2.mp4'), 'of somebody else too');
    expect(await writeFileAtomically(target, 'ours')).toBe(at('film 3.mp4'));
    expect([text('film.mp4'), text('film 2.mp4'), text('film 3.mp4')]).toEqual([
      'of somebody else',
      'of somebody else too',
      'ours',
    ]);
  });

  test('never replaces one that changed, or was replaced, meanwhile', async () => {
    writeFileSync(at('a.txt'), 'old');
    const target = await lookAtTarget(at('a.txt'), true);
    writeFileSync(at('a.txt'), 'edited meanwhile');
    expect(await writeFileAtomically(target, 'ours')).toBe(at('a 2.txt'));
    const again = await lookAtTarget(at('a.txt'), true);
    rmSync(at('a.txt'));
    expect(await writeFileAtomically(again, 'ours')).toBe(at('a.txt'));
    expect(text('a.txt')).toBe('ours');
  });

  test('is refused where one is that may not be replaced, in a sentence', async () => {
    writeFileSync(at('a.txt'), '');
    await expect(lookAtTarget(at('a.txt'), false)).rejects.toMatchObject({
      code: 'bad-input',
      message: `There is already a file ${at('a.txt')}.`,
    });
    mkdirSync(at('folder.txt'));
    await expect(lookAtTarget(at('folder.txt'), true)).rejects.toThrow('There is a folder named folder.txt');
    await expect(lookAtTarget(at('a.txt/b.txt'), true)).rejects.toThrow('is a file, not a folder');
    await expect(lookAtTarget(at('none/b.txt'), true)).rejects.toThrow('does not exist');
    await expect(lookAtTarget(at(`${'n'.repeat(300)}.txt`), true)).rejects.toThrow('too long');
  });

  test('has room for a number, however long its name is', async () => {
    const name = `${'n'.repeat(251)}.mp4`;
    const target = await lookAtTarget(at(name), true);
    writeFileSync(at(name), 'of somebody else');
    await writeFileAtomically(target, 'ours');
    expect(text(`${'n'.repeat(244)} 2.mp4`)).toBe('ours');
    expect(text(name)).toBe('of somebody else');
  });

  onUnix('goes where a link leads, and the link stays', async () => {
    writeFileSync(at('far.txt'), 'old');
    symlinkSync(at('far.txt'), at('near.txt'));
    expect(await writeFileAtomically(at('near.txt'), 'new')).toBe(at('far.txt'));
    expect(text('near.txt')).toBe('new');
    symlinkSync(at('loop.txt'), at('loop.txt'));
    await expect(lookAtTarget(at('loop.txt'), true)).rejects.toThrow('round in a circle');
  });

  onUnix('is no pipe and no device', async () => {
    spawnSync('mkfifo', [at('pipe.mp4')]);
    await expect(lookAtTarget(at('pipe.mp4'), true)).rejects.toThrow('is not a file that can be replaced');
    await expect(lookAtTarget('/dev/null', true)).rejects.toThrow('is not a file that can be replaced');
  });

  onUnix('does not reach through a hard link to another name', async () => {
    writeFileSync(at('one.txt'), 'kept');
    linkSync(at('one.txt'), at('other.txt'));
    await writeFileAtomically(at('other.txt'), 'new');
    expect([text('one.txt'), text('other.txt')]).toEqual(['kept', 'new']);
  });

  test('small files of ours: whole, in a folder that is made', () => {
    writeSmallFile(at('config/settings.json'), '{}');
    writeSmallFile(at('config/settings.json'), '{"a":1}');
    expect(text('config/settings.json')).toBe('{"a":1}');
    expect(readdirSync(at('config'))).toEqual(['settings.json']);
    expect(() => writeSmallFile(at('config/settings.json/x'), '')).toThrow(ThroughlineError);
  });
});

describe('temporary files', () => {
  const leave = (name: string, ageSec = 0) => {
    writeFileSync(at(name), '');
    const time = Date.now() / 1000 - ageSec;
    utimesSync(at(name), time, time);
  };
  /** This machine's mark, as its names have it. */
  const mark = () => /throughline-([0-9a-f]{6})-/.exec(temporaryName(at('x'), 'part'))?.[1];

  test('of killed processes are removed; those of running ones, of others and of nobody stay', async () => {
    const here = mark();
    const there = here === '000000' ? '111111' : '000000';
    const day = 86_400;
    const gone = [
      `.throughline-${here}-77-00000000.part`,
      `.throughline-${here}-77-00000001.frames`,
      `.throughline-${here}-${process.pid}-00000002.part`,
      `.throughline-${there}-77-00000003.part`,
    ];
    const kept = [
      `.throughline-${here}-88-00000004.part`,
      `.throughline-${there}-77-00000005.part`,
      '.throughline-notes.part',
      '.film.mp4.deadbeef.part',
      'film.mp4',
    ];
    for (const name of [...gone, ...kept]) leave(name, name === gone[3] ? 2 * day : 60);
    const inUse = temporaryName(at('film.mp4'), 'part');
    writeFileSync(inUse, '');
    expect(await removeLeftovers(folder, (processId) => processId === 88)).toBe(gone.length);
    for (const name of gone) expect(existsSync(at(name)), name).toBe(false);
    for (const name of kept) expect(existsSync(at(name)), name).toBe(true);
    expect(existsSync(inUse)).toBe(true);
    expect(await removeLeftovers(at('nowhere'))).toBe(0);
  });

  test('go when their process ends, whatever ends it but SIGKILL', () => {
    const door = new URL('./index.ts', import.meta.url).href;
    const program = `
      const { temporaryName } = await import(${JSON.stringify(door)});
      const { writeFileSync } = await import('node:fs');
      for (const kind of ['frames', 'part']) writeFileSync(temporaryName(${JSON.stringify(at('film.mp4'))}, kind), 'x');
      if (process.argv[1] === 'throw') throw new Error('on purpose');
      process.exit(3);`;
    for (const how of ['exit', 'throw']) {
      const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program, how]);
      expect(status).toBe(how === 'exit' ? 3 : 1);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test('keep what a file was: its place, its size', async () => {
    await writeFileAtomically(at('a.bin'), new Uint8Array(1000));
    expect(statSync(at('a.bin')).size).toBe(1000);
  });
});
