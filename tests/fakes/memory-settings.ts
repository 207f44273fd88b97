import type { MemorySettings } from '../../src/shared/memory-settings.ts';

/** Memory settings like the built-in model's, for tests that need some. */
export const fakeMemory: MemorySettings = {
  mode: 'paper',
  policy: 'nam+sma',
  sinkFrames: 1,
  windowFrames: 6,
  bankFrames: 3,
  activatedFrames: 2,
  capacity: 64,
  recordInterval: 1,
  pipeline: 'interactive',
  pins: [],
  bans: [],
};
