import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  equalPages,
  expectStored,
  kvCacheFolder,
  pageBytes,
  put,
} from '../../../../tests/integration/kv-cache-fixtures.ts';
import { samplePage, sampleState } from '../../../../tests/integration/persistence-samples.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { KvCache, PageRef } from '../index.ts';

/** Two layers, K and V. */
const frameBytes = 4 * pageBytes;

const { at, cacheFile, open, edit } = kvCacheFolder();

describe('storing', () => {
  test('a state comes back with its pages, also after reopening', () => {
    const { cache, discarded } = open();
    expect(discarded).toBeUndefined();
    for (let i = 0; i < 4; i++) put(cache, i);
    for (let i = 0; i < 4; i++) expectStored(cache, i);
    cache.dispose();
    expect(existsSync(`${cacheFile()}-wal`)).toBe(false);
    const again = open();
    expect(again.discarded).toBeUndefined();
    for (let i = 0; i < 4; i++) expectStored(again.cache, i);
    expect(again.cache.getState('chunk-9')).toBeUndefined();
  });

  test('pages are stored once, and only new ones are asked for', () => {
    const { cache } = open();
    expect(put(cache, 2)).toHaveLength(6);
    expect(cache.missingPages(sampleState(3).pages)).toEqual(
      [0, 1].map((layer) => ({ passKey: 'commit-3', frame: 3, layer })),
    );
    expect(put(cache, 3)).toEqual([0, 1].map((layer) => ({ passKey: 'commit-3', frame: 3, layer })));
    expect(put(cache, 3)).toEqual([]);
    expect(cache.usage()).toMatchObject({ states: 2, pages: 8 });
    expect(cache.usage().bytes - 4 * frameBytes).toBe(
      sampleState(2).description.length + sampleState(3).description.length,
    );
  });

  test('a state without pages, and one with a page twice', () => {
    const { cache } = open();
    const page = { passKey: 'p', frame: 0, layer: 0 };
    cache.putState('empty', { description: '{}', pages: [], read: samplePage });
    cache.putState('twice', { description: '{}', pages: [page, page], read: samplePage });
    expect(cache.getState('empty')).toMatchObject({ pages: [] });
    expect(cache.getState('twice')).toMatchObject({ pages: [page, page] });
  });

  test('what rests on an earlier making of a chunk is forgotten, and nothing else', () => {
    const { cache } = open();
    for (const index of [1, 2, 3, 9]) put(cache, index);
    cache.forget('commit-2'); // the name of a pass: chunks 2 and 3 rest on its pages
    expect([1, 2, 3, 9].filter((index) => cache.hasState([`chunk-${index}`]))).toEqual([1, 9]);
    expectStored(cache, 1);
    cache.forget('chunk-9');
    expect(cache.hasState(['chunk-9'])).toBeUndefined();
    cache.forget('chunk-9');
    expect(put(cache, 2)).toContainEqual({ passKey: 'commit-2', frame: 2, layer: 0 });
    expectStored(cache, 2);
  });

  test('the nearest stored ancestor', () => {
    const { cache } = open();
    put(cache, 1);
    put(cache, 3);
    expect(cache.hasState(['chunk-0', 'chunk-1', 'chunk-2'])).toBe('chunk-1');
    expect(cache.hasState(['chunk-0', 'chunk-1', 'chunk-2', 'chunk-3'])).toBe('chunk-3');
    expect(cache.hasState(['chunk-0'])).toBeUndefined();
    expect(cache.hasState([])).toBeUndefined();
  });

  test('a read that fails leaves nothing behind, and its error is its own', () => {
    const { cache } = open();
    const failure = Object.assign(new Error('device lost'), { code: 'ERR_X' });
    let asked = 0;
    const read = (ref: PageRef) => {
      if (++asked === 4) throw failure;
      return samplePage(ref);
    };
    expect(() => cache.putState('chunk-2', { ...sampleState(2), read })).toThrow(failure);
    expect(cache.usage()).toMatchObject({ states: 0, pages: 0, bytes: 0 });
    put(cache, 2);
    expectStored(cache, 2);
  });

  test('the file is what it should be', () => {
    open().cache.dispose();
    edit((db) => {
      expect(db.pragma('page_size', { simple: true })).toBe(65_536);
      expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
      expect(db.pragma('application_id', { simple: true })).toBe(0x544c4b56);
      expect(db.pragma('foreign_key_check')).toEqual([]);
    });
  });

  test('closed is closed', () => {
    const { cache } = open();
    cache.dispose();
    cache.dispose();
    expect(() => cache.usage()).toThrow(/closed/);
  });
});

describe('budget', () => {
  test('the least recently used state goes first; its shared pages stay', () => {
    const { cache } = open({ budgetBytes: 6 * frameBytes + 200 });
    put(cache, 2); // frames 0, 1, 2
    put(cache, 4); // frames 2, 3, 4
    expect(cache.usage()).toMatchObject({ states: 2, pages: 5 * 2 });
    expectStored(cache, 2);
    put(cache, 20);
    expect(cache.hasState(['chunk-4'])).toBeUndefined();
    expect(cache.usage()).toMatchObject({ states: 2, pages: 6 * 2 });
    expectStored(cache, 2);
    expectStored(cache, 20);
    edit((db) => expect(db.pragma('foreign_key_check')).toEqual([]));
  });

  test('a pinned state stays until it is unpinned', () => {
    const { cache } = open({ budgetBytes: 6 * frameBytes + 200 });
    expect(cache.pin('chunk-2')).toBe(false);
    put(cache, 2);
    expect(cache.pin('chunk-2')).toBe(true);
    for (const index of [10, 20, 30]) put(cache, index);
    expectStored(cache, 2);
    expect(cache.usage().states).toBe(2);
    expect(cache.unpin('chunk-2')).toBe(true);
    put(cache, 40);
    put(cache, 50);
    expect(cache.getState('chunk-2')).toBeUndefined();
  });

  test('a state larger than the budget, or than pins leave room for, is refused and costs nobody else', () => {
    const { cache } = open({ budgetBytes: 4 * frameBytes + 200 });
    put(cache, 2);
    const large = { ...sampleState(50), read: (ref: PageRef) => samplePage(ref, 2 * pageBytes) };
    expect(() => cache.putState('large', large)).toThrow(/does not fit the cache's budget/);
    expectStored(cache, 2);
    cache.pin('chunk-2');
    expect(() => put(cache, 20)).toThrow(/does not fit/);
    expectStored(cache, 2);
    expect(cache.usage()).toMatchObject({ states: 1, pages: 6 });
  });

  test('a disk that is nearly full: the last space is left to the film, and comes back to the disk', () => {
    const leaveFreeBytes = 500_000;
    let disk = 2 ** 30;
    let cache: KvCache | null = null;
    const fileBytes = (): number => cache?.usage().fileBytes ?? 0;
    ({ cache } = open({ leaveFreeBytes, freeBytes: () => disk - fileBytes() }));
    for (const index of [2, 10, 20, 30]) put(cache, index);
    const full = fileBytes();
    // Others fill the disk: the cache grows no more, and makes room for new states by dropping old ones.
    disk = full + leaveFreeBytes;
    put(cache, 40);
    expectStored(cache, 40);
    expect(cache.getState('chunk-2')).toBeUndefined();
    expect(fileBytes()).toBeLessThanOrEqual(full);
    // And then there is less than that: the cache gives back.
    disk -= full / 2;
    cache.evict();
    expect(fileBytes()).toBeLessThanOrEqual(full / 2);
    expect(statSync(cacheFile()).size).toBeLessThanOrEqual(full / 2);
    disk = leaveFreeBytes;
    const nearlyFull = { code: 'disk-full', message: expect.stringMatching(/nearly full/) };
    expect(() => cache && put(cache, 50)).toThrow(expect.objectContaining(nearlyFull));
    expect(cache.getState('chunk-50')).toBeUndefined();
    disk = 2 ** 30;
    put(cache, 50);
    expectStored(cache, 50);
  });

  test('a lower budget is kept from the next opening on, and the file shrinks', () => {
    const first = open().cache;
    const bytes = new Uint8Array(60_000);
    for (let index = 0; index < 30; index++) {
      first.putState(`chunk-${index}`, { ...sampleState(index * 10), read: () => ({ k: bytes, v: bytes }) });
    }
    const before = first.usage().fileBytes;
    first.dispose();
    const { cache } = open({ budgetBytes: before / 4 });
    expect(cache.usage().bytes).toBeLessThanOrEqual(before / 4);
    expect(cache.usage().fileBytes).toBeLessThanOrEqual((before / 4) * 1.25);
    expect(cache.hasState(['chunk-0'])).toBeUndefined();
    expect(cache.hasState(['chunk-29'])).toBe('chunk-29');
  });

  test('clearing gives everything back', () => {
    const { cache } = open();
    for (let index = 0; index < 10; index++) put(cache, index);
    cache.pin('chunk-1');
    cache.clear();
    expect(cache.usage()).toMatchObject({ bytes: 0, states: 0, pages: 0 });
    cache.dispose();
    expect(statSync(cacheFile()).size).toBeLessThanOrEqual(12 * 65_536);
  });

  test('a budget must be positive', () => {
    expect(() => open({ budgetBytes: 0 })).toThrow(/budget is 0 bytes/);
    expect(() => open({ budgetBytes: Number.NaN })).toThrow(/budget is NaN/);
  });
});

describe('damage', () => {
  test('a page that was altered is never handed out, and every state that needs it is dropped', () => {
    const { cache } = open();
    for (const index of [2, 3, 9]) put(cache, index);
    edit((db) =>
      db.exec("UPDATE kv_page SET data = zeroblob(length(data)) WHERE frame = 2 AND layer = 1 AND kind = 'v'"),
    );
    const stored = cache.getState('chunk-3')!;
    expect(() => stored.load({ passKey: 'commit-2', frame: 2, layer: 1 })).toThrow(/checksum/);
    expect(cache.hasState(['chunk-2', 'chunk-3'])).toBeUndefined();
    expectStored(cache, 9);
    put(cache, 3);
    expectStored(cache, 3);
  });

  test('a page evicted between getState and load is said to be gone', () => {
    const { cache } = open();
    put(cache, 2);
    const stored = cache.getState('chunk-2')!;
    cache.clear();
    expect(() => stored.load(stored.pages[0]!)).toThrow(expect.objectContaining({ code: 'database' }));
  });

  test('pages that no state refers to are dropped at the next opening', () => {
    const { cache } = open();
    put(cache, 2);
    edit((db) => db.exec('DELETE FROM kv_state_page; DELETE FROM kv_state'));
    cache.dispose();
    expect(open().cache.usage()).toMatchObject({ bytes: 0, pages: 0 });
  });

  test('a description that was altered is dropped', () => {
    const { cache } = open();
    put(cache, 2);
    edit((db) => db.exec("UPDATE kv_state SET description = '{}'"));
    expect(cache.getState('chunk-2')).toBeUndefined();
    expect(cache.usage().states).toBe(0);
    put(cache, 2);
    expectStored(cache, 2);
  });

  test('random bytes anywhere: what is handed out is right, and the cache works again', () => {
    const states = [0, 1, 2, 3];
    const first = open().cache;
    for (const index of states) put(first, index);
    first.dispose();
    const sound = at('sound');
    copyFileSync(cacheFile(), sound);
    const size = statSync(cacheFile()).size;
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let noticed = 0;
    for (let round = 0; round < 20; round++) {
      const bytes = readFileSync(sound);
      for (let place = 0; place < 4; place++) {
        // Half of them where the structure is: the beginning of a database page.
        const start = place % 2 ? random(size) : random(size / 65_536) * 65_536 + random(200);
        for (let i = start; i < Math.min(size, start + 40); i++) bytes[i] = random(256);
      }
      writeFileSync(cacheFile(), bytes);
      let cache: KvCache;
      try {
        const opened = open();
        cache = opened.cache;
        if (opened.discarded) noticed++;
      } catch (error) {
        // The one damage that cannot be told from a person's file: our mark in the header is gone, all else is sound.
        expect(error).toMatchObject({ code: 'database', message: expect.stringContaining('something else') });
        continue;
      }
      for (const index of states) {
        const { key, description, pages } = sampleState(index, pageBytes);
        try {
          const stored = cache.getState(key);
          if (!stored) continue;
          expect(stored).toMatchObject({ description, pages });
          for (const ref of pages) expect(equalPages(stored.load(ref), samplePage(ref, pageBytes))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ThroughlineError);
          noticed++;
        }
      }
      // Every failure removes the damage that it met, so a few tries are enough.
      const works = [1, 2, 3, 4].some(() => {
        try {
          put(cache, 7);
          expectStored(cache, 7);
          return true;
        } catch (error) {
          expect(error).toMatchObject({ code: 'database' });
          return false;
        }
      });
      expect(works).toBe(true);
      cache.dispose();
    }
    expect(noticed).toBeGreaterThan(5);
  });
});
