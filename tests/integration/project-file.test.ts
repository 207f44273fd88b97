import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/main/persistence/database.ts';
import { openFileLike, openProjectFile } from '../../src/main/persistence/index.ts';
import { ProjectFile } from '../../src/main/persistence/project-file.ts';
import { ThroughlineError } from '../../src/shared/errors.ts';
import { addChunks, other, retitle, sampleDocument, titleOf, writer } from './project-samples.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'throughline-project-'));
  file = path.join(folder, 'story.throughline');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(at = file, document: string | null = null): Promise<ProjectFile> {
  const project = await ProjectFile.open(at, document);
  onTestFinished(() => project.close());
  return project;
}

/** Every file of a folder, byte for byte. */
function picture(of = folder): Record<string, string> {
  return Object.fromEntries(readdirSync(of).map((name) => [name, readFileSync(path.join(of, name), 'base64')]));
}

/** That it is refused so, and that nothing in the folder was changed by it. */
async function expectRefused(at: string, sentence: RegExp, hint = /./): Promise<void> {
  const before = picture();
  const error = await ProjectFile.open(at, null).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ThroughlineError);
  expect((error as ThroughlineError).message).toMatch(sentence);
  expect((error as ThroughlineError).hint).toMatch(hint);
  expect(picture()).toEqual(before);
}

describe('a log that lies beside a project', () => {
  test('of an older state of it is noticed; the good file stays good, and opens once the log is away', async () => {
    other('new', file);
    other('retitle-and-die', file, 'Retitled');
    expect(existsSync(`${file}-wal`)).toBe(true);
    // Only the file is taken along; on another machine the log is nowhere.
    const away = path.join(folder, 'away');
    mkdirSync(away);
    const elsewhere = path.join(away, 'story.throughline');
    renameSync(file, elsewhere);
    renameSync(`${file}-wal`, `${file}-kept`);
    other('add-and-close', elsewhere, '4');
    renameSync(elsewhere, file);
    rmSync(away, { recursive: true });
    renameSync(`${file}-kept`, `${file}-wal`);

    await expectRefused(file, /lies .*-wal, the log of another state of this project/, /move .*-wal to another folder/);
    renameSync(`${file}-wal`, `${file}-kept`);
    expect((await open()).contents().chunks).toHaveLength(8);
  });

  test('of a newer state is noticed when an older backup is put back', async () => {
    other('new', file);
    const backup = path.join(folder, 'backup');
    copyFileSync(file, backup);
    other('add-and-close', file, '1');
    other('retitle-and-die', file, 'Retitled');
    copyFileSync(backup, file);
    await expectRefused(file, /the log of another state of this project/);
    rmSync(`${file}-wal`);
    expect((await open()).contents().chunks).toHaveLength(4);
  });

  test('is noticed when a copy that was made meanwhile is put back', async () => {
    const project = await open(file, sampleDocument('Story'));
    const copy = path.join(folder, 'copy.throughline');
    retitle(project, 'One');
    await project.copyTo(copy);
    retitle(project, 'Two');
    copyFileSync(`${file}-wal`, `${copy}-wal`); // as a crash would leave it, with the copy put back
    await expectRefused(copy, /the log of another state of this project/);
    rmSync(`${copy}-wal`);
    expect(titleOf(await open(copy))).toBe('One');
  });

  test('its own, after a crash, is taken in', async () => {
    other('new', file);
    other('retitle-and-die', file, 'Retitled');
    const project = await open();
    expect(project.contents()).toMatchObject({ crashed: true, withoutLog: false });
    expect(titleOf(project)).toBe('Retitled');
    project.close();
    expect(readdirSync(folder)).toEqual(['story.throughline']);
  });

  test('is left at the old place when a file is moved alone: the sentence says where it lies', async () => {
    other('new', file);
    other('retitle-and-die', file, 'Retitled');
    const moved = path.join(folder, 'moved.throughline');
    renameSync(file, moved);
    await expectRefused(moved, /was moved while it was open, without its log: .* lies in .*story\.throughline-wal/);
    renameSync(`${file}-wal`, `${moved}-wal`);
    expect(titleOf(await open(moved))).toBe('Retitled');
  });

  test('that is missing altogether is said', async () => {
    other('new', file);
    other('retitle-and-die', file, 'Retitled');
    rmSync(`${file}-wal`);
    expect((await open()).contents()).toMatchObject({ crashed: true, withoutLog: true });
  });

  test('from a project of the same name that is gone does not become part of a new one', async () => {
    other('new', file);
    other('retitle-and-die', file, 'Retitled');
    rmSync(file);
    const before = picture();
    await expect(ProjectFile.open(file, sampleDocument('New'))).rejects.toThrow(/the log of another state/);
    expect(picture()).toEqual(before);
  });
});

test('refusing a newer project leaves it and its log as they are', async () => {
  other('new', file);
  other('retitle-and-die', file, 'Retitled');
  const db = connect(file);
  db.pragma('user_version = 99');
  db.close();
  other('new', path.join(folder, 'other.throughline'));
  await expectRefused(file, /newer Throughline/);
});

describe('a project that is moved, deleted or replaced while it is open', () => {
  test('is not called saved; what was written went along with the file, log included', async () => {
    const project = await open(file, sampleDocument('Story'));
    addChunks(project, 1);
    const moved = path.join(folder, 'moved.throughline');
    renameSync(file, moved);
    expect(() => retitle(project, 'Lost?')).toThrow(/is not there any more: it was moved or deleted while it was open/);
    renameSync(moved, file);
    retitle(project, 'Saved again');
    expect(titleOf(project)).toBe('Saved again');
  });

  test('a chunk lies in the file itself as soon as it is committed', async () => {
    const project = await open(file, sampleDocument('Story'));
    addChunks(project, 2);
    const alone = path.join(folder, 'alone.throughline');
    copyFileSync(file, alone);
    expect((await open(alone)).contents().chunks).toHaveLength(2);
  });

  test('deleted: the work can still be copied elsewhere', async () => {
    const project = await open(file, sampleDocument('Story'));
    addChunks(project, 2);
    rmSync(file);
    expect(() => retitle(project, 'Lost?')).toThrow(/moved or deleted/);
    const copy = path.join(folder, 'copy.throughline');
    await project.copyTo(copy);
    expect((await open(copy)).contents().chunks).toHaveLength(2);
  });

  test('replaced by another file, or another state: that one is not touched', async () => {
    const project = await open(file, sampleDocument('Story'));
    project.setFact('id', 'mine');
    rmSync(file);
    rmSync(`${file}-wal`);
    other('new', file, 'another');
    const before = readFileSync(file);
    expect(() => retitle(project, 'Lost?')).toThrow(/lies another file by now; it was not touched/);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(titleOf(project)).toBe('Story');
  });

  test('moved away and put back as a copy: it goes on there', async () => {
    const project = await open(file, sampleDocument('Story'));
    project.setFact('id', 'mine');
    const moved = path.join(folder, 'moved.throughline');
    renameSync(file, moved);
    expect(() => project.setFact('a', 'b')).toThrow(/moved or deleted/);
    rmSync(`${file}-wal`, { force: true });
    copyFileSync(moved, file);
    rmSync(moved);
    retitle(project, 'Saved again');
    project.close();
    expect(titleOf(await open())).toBe('Saved again');
  });
});

describe('one file under several names', () => {
  test('a hard link of an open project is known, without a descriptor on it; the lock holds', async () => {
    other('new', file);
    const store = await openProjectFile(file);
    const link = path.join(folder, 'link.throughline');
    linkSync(file, link);
    expect(openFileLike(link)).toBe(file);
    await expect(openProjectFile(link)).rejects.toThrow(/open here already, perhaps under another name/);
    const renamed = path.join(folder, 'renamed.throughline');
    renameSync(file, renamed);
    await expect(openProjectFile(renamed)).rejects.toThrow(/open here already/);
    renameSync(renamed, file);
    expect(() => other('add-and-close', file, '1')).toThrow(/open in another Throughline/);
    await store.close();
    expect(openFileLike(link)).toBeNull();
    other('add-and-close', file, '1');
  });

  test('who holds a file is said as it is', async () => {
    other('new', file);
    const holder = spawn(process.execPath, ['--no-warnings', writer, 'hold', file], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void holder.kill('SIGKILL'));
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    await expect(ProjectFile.open(file, null)).rejects.toThrow(`${file} is open in another Throughline.`);
    const gone = new Promise((resolve) => holder.once('exit', resolve));
    holder.kill('SIGKILL');
    await gone;

    (await open()).close();
    // Another program, as its lock looks: it reads.
    const reader = connect(file);
    onTestFinished(() => void reader.close());
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM chunk').get();
    await expect(ProjectFile.open(file, null)).rejects.toThrow(`${file} is being used by another program.`);
    reader.exec('COMMIT');
  });
});

describe('what is no project', () => {
  test.skipIf(process.platform === 'win32')(
    'a pipe, a device and files of the system are refused at once',
    async () => {
      const pipe = path.join(folder, 'pipe.throughline');
      spawnSync('mkfifo', [pipe]);
      for (const [name, what] of [
        [pipe, 'a pipe'],
        ['/dev/zero', 'a device'],
        ['/proc/kmsg', "the system's own"],
      ] as const) {
        if (!existsSync(name)) continue;
        await expect(openProjectFile(name)).rejects.toThrow(`${name} is not a file on a disk (${what}).`);
        await expect(ProjectFile.open(name, null)).rejects.toThrow(/is not a file on a disk/);
      }
      await expect(openProjectFile(folder)).rejects.toThrow(/is a folder/);
    },
  );

  test.skipIf(process.platform !== 'linux')('a new project where nothing can be made ends in a sentence', async () => {
    await expect(openProjectFile('/proc/x/y/z.throughline', sampleDocument('No'))).rejects.toMatchObject({
      code: 'database',
    });
  });

  test('a thread that does not answer is given up', async () => {
    other('new', file);
    const store = await openProjectFile(file, null, { deadlineMs: 60_000 });
    onTestFinished(() => store.close());
    const hasty = openProjectFile(path.join(folder, 'new.throughline'), sampleDocument('New'), { deadlineMs: 0 });
    await expect(hasty).rejects.toThrow(/has not answered for 0 seconds/);
    await expect(store.usage()).resolves.toMatchObject({ chunks: 4 });
  });
});

test('what an older Throughline left in a crash opens, its log taken in', async () => {
  other('new', file);
  // As it had a project open: a log, but no mark, and no place in the fact.
  const older = connect(file);
  older.pragma('journal_mode = WAL');
  older.prepare("INSERT INTO fact VALUES ('in-use', 'yes')").run();
  older.pragma('wal_checkpoint(TRUNCATE)');
  older.prepare('UPDATE document SET data = ?').run(sampleDocument('From the log'));
  const crashed = path.join(folder, 'crashed.throughline');
  copyFileSync(file, crashed);
  copyFileSync(`${file}-wal`, `${crashed}-wal`);
  older.close();
  const project = await open(crashed);
  expect(project.contents()).toMatchObject({ crashed: true, withoutLog: false });
  expect(titleOf(project)).toBe('From the log');
});

test('what a killed copy left is removed by the next one', async () => {
  const project = await open(file, sampleDocument('Story'));
  const copy = path.join(folder, 'copy.throughline');
  const dead = spawnSync('true').pid;
  writeFileSync(`${copy}.${dead}-1.part`, 'half');
  writeFileSync(`${copy}.${dead}.part-journal`, 'not one of ours');
  await project.copyTo(copy);
  expect(readdirSync(folder).filter((name) => name.includes('part'))).toEqual([
    `copy.throughline.${dead}.part-journal`,
  ]);
});

test('a file and a folder that are read only are said as that', async (context) => {
  if (process.getuid?.() !== 0) return context.skip('needs root to mount');
  other('new', file);
  const mounted = spawnSync('mount', ['--bind', folder, folder]);
  if (mounted.status !== 0) return context.skip('cannot mount here');
  try {
    spawnSync('mount', ['-o', 'remount,ro,bind', folder]);
    await expect(ProjectFile.open(file, null)).rejects.toThrow(`${file} is read only.`);
    await expect(ProjectFile.open(path.join(folder, 'new.throughline'), sampleDocument('No'))).rejects.toThrow(
      /its folder is read only/,
    );
  } finally {
    spawnSync('umount', [folder]);
  }
});

test('kill -9 at any moment: what was said to be saved is there', async () => {
  other('new', file);
  let seed = 7;
  const roll = (sides: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % sides;
  };
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, ['--no-warnings', writer, 'edit-until-killed', file], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    const lines = roll(12);
    for await (const data of child.stdout) {
      said += data;
      if (said.split('\n').length > lines) child.kill('SIGKILL');
    }
    const [number = 0, chunks = 0] = (said.split('\n').at(-2) ?? '').split(' ').map(Number);
    const project = await ProjectFile.open(file, null);
    const contents = project.contents();
    expect(contents.number).toBeGreaterThanOrEqual(number);
    expect(contents.chunks.length).toBeGreaterThanOrEqual(chunks);
    expect(project.findDamaged(0, 1000).damaged).toEqual([]);
    project.close();
  }
});
