import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { sampleArtifact, sampleChain } from '../../../tests/integration/persistence-samples.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import { chunkStoreHistory } from './chunk-schema.ts';
import { connect } from './database.ts';
import { ChunkStore, latentsDigest } from './index.ts';
import { migrate } from './migrations.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'throughline-store-'));
  file = path.join(folder, 'work', 'chunks.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function open(options?: { busyTimeoutMs?: number }): Promise<ChunkStore> {
  const store = await ChunkStore.open(file, options);
  onTestFinished(() => store.dispose());
  return store;
}

function edit(change: (db: Database.Database) => void) {
  const db = new Database(file);
  change(db);
  db.close();
}

const chain = sampleChain(3);
const [first, second, third] = chain as [(typeof chain)[0], (typeof chain)[0], (typeof chain)[0]];

describe('committed chunks', () => {
  test('come back whole, also after reopening', async () => {
    const store = await open();
    const before = Date.now();
    for (const artifact of chain) expect(store.put(artifact)).toBe(true);
    store.dispose();
    const again = await open();
    for (const { latents, ...facts } of chain) {
      const { createdAt, ...stored } = again.get(facts.key)!;
      expect(stored).toEqual({ ...facts, latentsDigest: latentsDigest(latents) });
      expect(createdAt.getTime()).toBeGreaterThanOrEqual(before);
      expect(again.latents(facts.key)).toEqual(latents);
    }
    expect(again.backup).toBeUndefined();
  });

  test('latents survive bit for bit: NaN payloads, -0, a view into a larger buffer', async () => {
    const store = await open();
    const bits = new Uint32Array([0x7fc0_0001, 0x8000_0000, 0x0000_0001, 0x7f80_0000]);
    const latents = new Float32Array(new Uint8Array([9, 9, 9, 9, ...new Uint8Array(bits.buffer)]).buffer, 4);
    store.put({ ...first, latents });
    expect(new Uint32Array(store.latents(first.key).buffer)).toEqual(bits);
  });

  test('what is missing, in order', async () => {
    const store = await open();
    store.put(second);
    expect(store.missing(chain.map((chunk) => chunk.key))).toEqual([first.key, third.key]);
    expect(store.has(second.key)).toBe(true);
    expect(store.has(first.key)).toBe(false);
    expect(store.get(first.key)).toBeUndefined();
    expect(() => store.latents(first.key)).toThrow(/is not in/);
  });

  test('are immutable', async () => {
    const store = await open();
    store.put(first);
    const before = store.get(first.key);
    expect(store.put({ ...first, device: 'webgpu' })).toBe(false);
    const other = sampleArtifact(null, { variant: 1 });
    const digests = [first, other].map((chunk) => latentsDigest(chunk.latents));
    expect(() => store.put(other)).toThrow(`${digests[0]} are stored, ${digests[1]} were given`);
    expect(store.get(first.key)).toEqual(before);
    expect(store.latents(first.key)).toEqual(first.latents);
  });

  test('that contradict themselves are refused', async () => {
    const store = await open();
    expect(() => store.put({ ...first, key: second.key })).toThrow(/the key of its recipe is/);
    expect(() => store.put({ ...second, record: first.record })).toThrow(
      /its record is of chunk 0, its recipe of chunk 1/,
    );
    expect(() => store.put({ ...first, elapsedMs: -1 })).toThrow(/elapsedMs/);
    expect(() => store.put({ ...first, record: { ...first.record, frames: 0 } })).toThrow(/record\.frames/);
    expect(store.usage().chunks).toBe(0);
  });

  test('closed is closed', async () => {
    const store = await open();
    store.dispose();
    store.dispose();
    expect(() => store.has('x')).toThrow(/is closed/);
  });
});

describe('cleaning up', () => {
  test('says what it would free, then frees it, media included', async () => {
    const store = await open();
    const large = sampleChain(3, { values: 100_000, seed: 8 });
    for (const artifact of [...chain, ...large]) store.put(artifact);
    edit((db) => db.prepare("INSERT INTO media VALUES (?, 'segment', zeroblob(1000))").run(large[0]!.key));
    const { bytes, fileBytes } = store.usage();
    const keep = chain.map((chunk) => chunk.key);
    const planned = store.deleteUnused(keep, { dryRun: true });
    expect(planned).toMatchObject({ chunks: 3 });
    expect(planned.bytes).toBeGreaterThan(3 * 400_000 + 1000);
    expect(store.usage()).toMatchObject({ chunks: 6, bytes });
    expect(store.deleteUnused(new Set(keep))).toEqual(planned);
    expect(store.usage()).toMatchObject({ chunks: 3, bytes: bytes - planned.bytes });
    expect(store.usage().fileBytes).toBeLessThan(fileBytes - 1_000_000);
    edit((db) => expect(db.prepare('SELECT count(*) FROM media').pluck().get()).toBe(0));
    expect(store.missing(keep)).toEqual([]);
  });
});

describe('a chunk altered on the disk', () => {
  test.each(['latents = zeroblob(length(latents))', "recipe = '{}'", "latents_digest = 'x'", 'record = zeroblob(3)'])(
    'is not whole, and storing it again repairs it: %s',
    async (damage) => {
      const store = await open();
      for (const artifact of [first, second]) store.put(artifact);
      edit((db) => db.exec(`UPDATE chunk SET ${damage} WHERE key = '${first.key}'`));
      expect([store.isWhole(first.key), store.isWhole(second.key), store.isWhole(third.key)]).toEqual([
        false,
        true,
        false,
      ]);
      expect(store.put(first)).toBe(true);
      expect(store.latents(first.key)).toEqual(first.latents);
      expect(store.isWhole(first.key)).toBe(true);
      expect(store.put(first)).toBe(false);
    },
  );
});

describe('shrinking', () => {
  const ten = sampleChain(10, { values: 1000 });
  const left = (store: ChunkStore) => ten.map(({ key }) => store.has(key));

  test('takes what was used longest ago, ends of stories first, down to the budget', async () => {
    const store = await open();
    for (const artifact of ten) store.put(artifact);
    const each = store.usage().bytes / 10;
    store.touch(ten.slice(0, 3).map(({ key }) => key));
    const turn = store.turn();
    expect(store.shrinkTo(1e9, turn)).toEqual({ chunks: 0, bytes: 0 });
    expect(store.shrinkTo(each * 8.5, turn).chunks).toBe(2);
    expect(left(store)).toEqual([true, true, true, true, true, true, true, true, false, false]);
    store.shrinkTo(each * 2.5, turn);
    expect(left(store)).toEqual([true, true, false, false, false, false, false, false, false, false]);
    expect(store.usage().bytes).toBeLessThanOrEqual(each * 2.5);
  });

  test('leaves what is in use, whatever the budget', async () => {
    const store = await open();
    const turn = store.turn();
    for (const artifact of ten) store.put(artifact);
    store.touch(ten.map(({ key }) => key));
    expect(store.shrinkTo(0, turn)).toEqual({ chunks: 0, bytes: 0 });
  });

  test('goes by the order of use: a clock that was wrong once keeps nothing for ever', async () => {
    vi.useFakeTimers({ now: Date.parse('2099-01-01'), toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const store = await open();
    for (const artifact of ten.slice(0, 5)) store.put(artifact);
    store.touch(ten.slice(0, 5).map(({ key }) => key));
    vi.setSystemTime(Date.parse('2001-01-01'));
    for (const artifact of ten.slice(5)) store.put(artifact);
    store.touch(ten.slice(5).map(({ key }) => key));
    store.shrinkTo(store.usage().bytes * 0.55, store.turn());
    expect(left(store)).toEqual([false, false, false, false, false, true, true, true, true, true]);
    expect(store.shrinkTo(0, store.turn()).chunks).toBe(5);
  });

  test.each([1, 2])('a store of version %i is read, and shrinks', async (version) => {
    mkdirSync(path.dirname(file));
    const older = connect(file);
    await migrate(older, file, { ...chunkStoreHistory, migrations: chunkStoreHistory.migrations.slice(0, version) });
    const inside = ChunkStore.inside(file, older);
    for (const artifact of ten) inside.put(artifact);
    inside.dispose();
    const store = await open();
    for (const { key, latents } of ten) expect(store.latents(key)).toEqual(latents);
    expect(store.shrinkTo(0, store.turn()).chunks).toBe(10);
  });

  test('an older store keeps the order of its times, but for those in the future', async () => {
    // As the version before left it: the same table, with milliseconds since 1970.
    const store = await open();
    for (const artifact of ten.slice(0, 3)) store.put(artifact);
    store.dispose();
    edit((db) => {
      db.exec('ALTER TABLE chunk_use RENAME COLUMN turn TO used_at');
      const insert = db.prepare('INSERT INTO chunk_use VALUES (?, ?)');
      for (const [i, at] of [4_000_000_000_000_000, 1_700_000_000_000, 1_700_000_000_500].entries())
        insert.run(ten[i]?.key, at);
      db.pragma('user_version = 2');
    });
    const again = await open();
    expect(again.backup).toBeUndefined();
    edit((db) =>
      expect(
        db.prepare('SELECT turn FROM chunk_use JOIN chunk ON key = chunk_key ORDER BY chunk_index').pluck().all(),
      ).toEqual([1, 2, 3]),
    );
    expect(again.turn()).toBe(3);
  });
});

describe('files that cannot be used', () => {
  async function makeSound() {
    const store = await open();
    for (const artifact of sampleChain(6, { values: 3000 })) store.put(artifact);
    store.dispose();
  }

  test('a newer one is refused', async () => {
    await makeSound();
    edit((db) => db.pragma('user_version = 9'));
    await expect(open()).rejects.toThrow(/newer Throughline/);
  });

  test('one of another program is refused and not touched', async () => {
    await makeSound();
    rmSync(file);
    edit((db) => db.exec('CREATE TABLE bookmark (url)'));
    const before = readFileSync(file);
    await expect(open()).rejects.toThrow(/not a Throughline chunk store/);
    expect(Buffer.compare(readFileSync(file), before)).toBe(0);
  });

  test('text, and a folder', async () => {
    await makeSound();
    writeFileSync(file, 'my diary, which is longer than a header of SQLite would be '.repeat(20));
    await expect(open()).rejects.toThrow(/damaged, or not a database/);
    expect(readFileSync(file, 'utf8')).toMatch(/^my diary/);
    await expect(ChunkStore.open(folder)).rejects.toMatchObject({ code: 'database' });
  });

  test.each([50, 4096, 20_000])('cut off after %d bytes', async (length) => {
    await makeSound();
    truncateSync(file, length);
    await expect(open()).rejects.toMatchObject({ code: 'database', message: expect.stringMatching(/damaged/) });
    expect(statSync(file).size).toBe(length);
  });

  test('a description or latents that were altered are never handed out', async () => {
    const store = await open();
    store.put(first);
    edit((db) => db.exec("UPDATE chunk SET latents = zeroblob(length(latents)), recipe = '{}'"));
    expect(() => store.get(first.key)).toThrow(/description of chunk .* was altered/);
    expect(() => store.latents(first.key)).toThrow(/latents of chunk .* were altered/);
  });

  test('random bytes anywhere: refused, or right', async () => {
    await makeSound();
    const sound = readFileSync(file);
    const expected = sampleChain(6, { values: 3000 });
    let state = 99;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let noticed = 0;
    for (let round = 0; round < 40; round++) {
      const bytes = Buffer.from(sound);
      for (let place = 0; place < 2; place++) {
        const start = random(bytes.length);
        for (let i = start; i < Math.min(bytes.length, start + 20); i++) bytes[i] = random(256);
      }
      writeFileSync(file, bytes);
      try {
        const store = await open();
        for (const { key, latents } of expected) {
          if (!store.has(key)) continue;
          expect(Buffer.compare(Buffer.from(store.latents(key).buffer), Buffer.from(latents.buffer))).toBe(0);
          const { createdAt, latentsDigest: digest, ...stored } = store.get(key)!;
          expect({ ...stored, latents }).toEqual(expected[stored.recipe.chunkIndex]);
        }
        store.dispose();
      } catch (error) {
        expect(error).toBeInstanceOf(ThroughlineError);
        noticed++;
      }
    }
    expect(noticed).toBeGreaterThan(20);
  });
});

describe('another process', () => {
  test('that writes for too long gives a clear error, and nothing is lost', async () => {
    const store = await open({ busyTimeoutMs: 50 });
    store.put(first);
    const other = new Database(file);
    onTestFinished(() => void other.close());
    other.exec('BEGIN IMMEDIATE');
    expect(() => store.put(second)).toThrow(/another process is using it/);
    expect(store.latents(first.key)).toEqual(first.latents);
    other.exec('ROLLBACK');
    expect(store.put(second)).toBe(true);
  });

  test('may have the store open too, and sees what was committed', async () => {
    const [one, two] = [await open(), await open()];
    one.put(first);
    expect(two.latents(first.key)).toEqual(first.latents);
    expect(two.put(first)).toBe(false);
    two.put(second);
    expect(one.has(second.key)).toBe(true);
  });
});
