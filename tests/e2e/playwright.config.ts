/** The end-to-end suite: the real browser host, engine and database, driven through a real browser. `npm run e2e`. */
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { findBrowser } from '../../scripts/find-browser.ts';

const root = join(import.meta.dirname, '../..');
const browser = findBrowser(() => {});

export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: '*.spec.ts',
  globalSetup: join(import.meta.dirname, 'support/build.ts'),
  outputDir: join(root, 'out/e2e'),
  // Every test has an engine at work: side by side they would only be slower.
  workers: 1,
  fullyParallel: false,
  // A test that fails once and passes alone is named as flaky at the end of the run, and does not hold up a landing.
  retries: 1,
  // A busy machine of two cores is ten times slower than a free one.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: browser.path,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
        // A microphone that beeps, and is allowed.
        ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
      ],
    },
  },
});
