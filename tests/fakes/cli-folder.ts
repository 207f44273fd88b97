import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { CliBench } from './cli-bench.ts';
import type { FakeEngine } from './fake-engine.ts';

/**
 * A folder for each test of a file, which holds `story.txt`, a story of three shots and five chunks, and is deleted after
 * the test. Call it once, beside the tests.
 * @returns `at`: a path in the folder of the test that runs; `Bench`: a command line that works there
 */
export function cliFolder() {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-cli-'));
    writeFileSync(
      join(folder, 'story.txt'),
      '# Three\n\nthe cat waves [2 chunks]\n\n[cut] a robot [2 chunks]\n\nthe cat [1 chunk]\n',
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  class Bench extends CliBench {
    constructor(options: { isTty?: boolean; engine?: FakeEngine } = {}) {
      super(folder, options);
    }
  }
  return { at: (...names: string[]) => join(folder, ...names), Bench };
}
