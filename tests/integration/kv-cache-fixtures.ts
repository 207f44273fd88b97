import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished } from 'vitest';
import { connect } from '../../src/main/persistence/database.ts';
import { KvCache, type KvCacheOptions, type PageBytes, type PageRef } from '../../src/main/persistence/index.ts';
import { sampleCacheOptions, samplePage, sampleState } from './persistence-samples.ts';

/** Of K and of V of a page. */
export const pageBytes = 20_000;

/**
 * A cache file of its own for each test of a file, deleted after the test. Call it once, beside the tests.
 * @returns `at`: a path in the folder above the cache's; `open`: opens the cache until the test ends; `edit`: changes the
 *   file behind the cache's back
 */
export function kvCacheFolder() {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'throughline-kv-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const at = (...names: string[]) => path.join(folder, ...names);
  const cacheFile = () => at('cache', 'story.kv');
  return {
    at,
    cacheFile,
    open(options: Partial<KvCacheOptions> = {}) {
      const opened = KvCache.open(cacheFile(), { ...sampleCacheOptions, ...options });
      onTestFinished(() => opened.cache.dispose());
      return opened;
    },
    edit(change: (db: ReturnType<typeof connect>) => void) {
      const db = connect(cacheFile());
      change(db);
      db.close();
    },
  };
}

/** Stores state `index` of a story. @returns the pages that the cache asked for */
export function put(cache: KvCache, index: number): PageRef[] {
  const asked: PageRef[] = [];
  const state = sampleState(index, pageBytes);
  cache.putState(state.key, {
    ...state,
    read: (ref) => {
      asked.push(ref);
      return state.read(ref);
    },
  });
  return asked;
}

/** State `index` is stored as {@link put} stored it. */
export function expectStored(cache: KvCache, index: number) {
  const { key, description, pages } = sampleState(index, pageBytes);
  const stored = cache.getState(key);
  expect(stored).toMatchObject({ description, pages });
  for (const ref of pages) expect(equalPages(stored!.load(ref), samplePage(ref, pageBytes))).toBe(true);
}

export function equalPages(a: PageBytes, b: PageBytes): boolean {
  return Buffer.compare(a.k, b.k) === 0 && Buffer.compare(a.v, b.v) === 0;
}
