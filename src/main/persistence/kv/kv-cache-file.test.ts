import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectStored, kvCacheFolder, put } from '../../../../tests/integration/kv-cache-fixtures.ts';
import { sampleCacheOptions } from '../../../../tests/integration/persistence-samples.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { KvCache } from '../index.ts';

const { at, cacheFile, open, edit } = kvCacheFolder();

describe('a cache of no use is made anew, with the reason', () => {
  test.each([
    [{ modelDigest: 'other' }, /another model/],
    [{ numericsVersion: 2 }, /other numbers/],
    [{ kvStorage: 'int8' }, /stores K\/V as fp16, but int8/],
  ] as const)('%o', (change, reason) => {
    const first = open().cache;
    put(first, 2);
    first.dispose();
    const { cache, discarded } = open(change);
    expect(discarded).toMatch(reason);
    expect(cache.usage().states).toBe(0);
    put(cache, 2);
    cache.dispose();
    expect(open(change).discarded).toBeUndefined();
  });

  test('another format', () => {
    open().cache.dispose();
    edit((db) => db.pragma('user_version = 99'));
    expect(open().discarded).toMatch(/format 99/);
  });

  test('no meta row, no meta table', () => {
    open().cache.dispose();
    edit((db) => db.exec('DELETE FROM meta'));
    const { cache, discarded } = open();
    expect(discarded).toMatch(/does not say/);
    cache.dispose();
    edit((db) => db.exec('DROP TABLE meta'));
    expect(open().discarded).toMatch(/damaged/);
  });

  test.each([50, 5000, 65_536, 100_000, 300_000])('cut off after %d bytes', (length) => {
    const first = open().cache;
    for (let index = 0; index < 5; index++) put(first, index);
    first.dispose();
    truncateSync(cacheFile(), length);
    const { cache, discarded } = open();
    expect(discarded).toMatch(/damaged/);
    put(cache, 2);
    expectStored(cache, 2);
  });

  test('an empty file is a new cache', () => {
    open().cache.dispose();
    truncateSync(cacheFile(), 0);
    expect(open().discarded).toBeUndefined();
  });

  test('a file that is no cache at all is moved aside, not lost', () => {
    open().cache.dispose();
    writeFileSync(cacheFile(), 'my diary');
    expect(open().discarded).toMatch(/moved to .*story\.kv\.unrecognised/);
    expect(readFileSync(`${cacheFile()}.unrecognised`, 'utf8')).toBe('my diary');
  });

  test('the database of another program is refused and not touched', () => {
    open().cache.dispose();
    rmSync(cacheFile());
    edit((db) => db.exec('CREATE TABLE bookmark (url); PRAGMA application_id = 77'));
    const before = readFileSync(cacheFile());
    expect(() => open()).toThrow(/database of something else/);
    expect(Buffer.compare(readFileSync(cacheFile()), before)).toBe(0);
  });

  test('a folder where the file should be, or no right to write', () => {
    expect(() => KvCache.open(at(), sampleCacheOptions)).toThrow(ThroughlineError);
    writeFileSync(at('plain'), '');
    expect(() => KvCache.open(at('plain', 'x.kv'), sampleCacheOptions)).toThrow(ThroughlineError);
  });
});
