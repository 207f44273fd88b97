import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'tests/integration/**/*.test.ts'],
    // A process a file: onnxruntime and better-sqlite3 are native, and a crash must not take the other files with it.
    pool: 'forks',
    maxWorkers: 2,
    bail: process.env.CI ? 1 : 0,
    // One that fails once and passes when run again is named at the end, and does not hold up a landing; as end to end.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
