import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { connect, numberPragma } from './database.ts';
import { type Migration, migrate, type SchemaHistory } from './migrations.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'throughline-migrations-'));
  file = path.join(folder, 'story.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const steps: readonly Migration[] = [
  {
    what: 'shots',
    up: (db) => db.exec('CREATE TABLE shot (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES shot (id), prompt TEXT)'),
  },
  { what: 'seeds', up: (db) => db.exec('ALTER TABLE shot ADD COLUMN seed INTEGER NOT NULL DEFAULT 7') },
  { what: 'titles', up: (db) => db.exec('CREATE TABLE title (text TEXT)') },
];
const history = (count: number, extra: readonly Migration[] = []): SchemaHistory => ({
  applicationId: 42,
  kind: 'project',
  migrations: [...steps.slice(0, count), ...extra],
});

function open(name = file): Database.Database {
  const db = connect(name);
  onTestFinished(() => void db.close());
  db.pragma('journal_mode = WAL');
  db.pragma('foreign_keys = ON');
  return db;
}

const prompts = (db: Database.Database) => db.prepare('SELECT prompt FROM shot').pluck().all();

test('a new file gets every step and no backup', async () => {
  const db = open();
  expect(await migrate(db, file, history(3))).toEqual({});
  expect(numberPragma(db, 'user_version')).toBe(3);
  expect(numberPragma(db, 'application_id')).toBe(42);
  expect(numberPragma(db, 'foreign_keys')).toBe(1);
  expect(await migrate(db, file, history(3))).toEqual({});
  expect(readdirSync(folder).filter((name) => name.includes('backup'))).toEqual([]);
});

test('an older file is copied first, WAL included, and keeps its content', async () => {
  const db = open();
  await migrate(db, file, history(1));
  db.exec("INSERT INTO shot (prompt) VALUES ('a cat')");
  const { backup } = await migrate(db, file, history(3));
  expect(backup).toBe(`${file}.v1.backup`);
  expect(db.prepare('SELECT prompt, seed FROM shot').get()).toEqual({ prompt: 'a cat', seed: 7 });
  const old = open(backup);
  expect(numberPragma(old, 'user_version')).toBe(1);
  expect(prompts(old)).toEqual(['a cat']);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('a step that fails leaves the file at the version before, and a later program goes on from there', async () => {
  const db = open();
  await migrate(db, file, history(1));
  const failing: Migration = {
    what: 'colours',
    up: (inside) => {
      inside.exec("CREATE TABLE colour (name TEXT); INSERT INTO shot (prompt) VALUES ('half')");
      throw new Error('no such colour');
    },
  };
  await expect(migrate(db, file, history(2, [failing]))).rejects.toThrow(
    /brought up to date \(colours\).*no such colour/,
  );
  expect(numberPragma(db, 'user_version')).toBe(2);
  expect(numberPragma(db, 'foreign_keys')).toBe(1);
  expect(prompts(db)).toEqual([]);
  await migrate(db, file, history(3));
  expect(numberPragma(db, 'user_version')).toBe(3);
});

test('a step may rebuild a table that others refer to, but must leave no loose ends', async () => {
  const db = open();
  await migrate(db, file, history(1));
  db.exec("INSERT INTO shot VALUES (1, NULL, 'a'), (2, 1, 'b')");
  const loose: Migration = { what: 'tidy', up: (inside) => inside.exec('DELETE FROM shot WHERE id = 1') };
  await expect(migrate(db, file, history(1, [loose]))).rejects.toThrow(/1 rows that refer to nothing/);
  expect(prompts(db)).toEqual(['a', 'b']);
});

test('a newer file is refused and not touched', async () => {
  const db = open();
  await migrate(db, file, history(3));
  await expect(migrate(db, file, history(2))).rejects.toThrow(/newer Throughline \(project format 3; .* up to 2\)/);
  expect(numberPragma(db, 'user_version')).toBe(3);
});

test('a file of another program is refused and not touched', async () => {
  const db = open();
  db.exec('CREATE TABLE bookmark (url)');
  await expect(migrate(db, file, history(1))).rejects.toThrow(/not a Throughline project/);
  db.pragma('application_id = 77');
  await expect(migrate(db, file, history(1))).rejects.toThrow(/not a Throughline project/);
  expect(numberPragma(db, 'user_version')).toBe(0);
});

test('without room for a backup nothing is migrated', async () => {
  const db = open();
  await migrate(db, file, history(1));
  // A folder stands where the backup would be put together.
  mkdirSync(`${file}.v1.backup/in-the-way`, { recursive: true });
  await expect(migrate(db, file, history(2))).rejects.toMatchObject({ code: 'database' });
  expect(numberPragma(db, 'user_version')).toBe(1);
});

test('two processes may bring the same file up to date', async () => {
  const [first, second] = [open(), open()];
  await migrate(first, file, history(1));
  await Promise.all([migrate(first, file, history(3)), migrate(second, file, history(3))]);
  expect(numberPragma(second, 'user_version')).toBe(3);

  expect(numberPragma(open(`${file}.v1.backup`), 'user_version')).toBe(1);
});
