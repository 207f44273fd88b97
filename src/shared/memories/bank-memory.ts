import { limits } from '../project/limits.ts';
import type { FrameMemory } from './frame-memory.ts';
import type { MemoryChoice, MemorySetting } from './memory-kind.ts';

/** What the memories of MemFlow and its forerunners offer, in the papers' form and in the published code's. */
export const bankChoices = [
  {
    id: 'window',
    name: 'Window',
    short: 'only the frames just before',
    says: 'The model sees only the frames just before.',
    policy: 'window',
    recalls: false,
  },
  {
    id: 'sink',
    name: 'Sink',
    short: 'the beginning and the frames just before (LongLive)',
    says: 'The model sees the beginning of the story and the frames just before.',
    policy: 'sink',
    recalls: false,
  },
  {
    id: 'nam',
    name: 'NAM',
    short: 'and the frames that suit the prompt (MemFlow)',
    says: 'Narrative memory: each layer recalls the frames that suit the prompt best, and sees the beginning and the frames just before.',
    policy: 'nam',
    recalls: true,
  },
  {
    id: 'nam+sma',
    name: 'NAM + SMA',
    short: 'of those, each head uses only the best (MemFlow)',
    says: 'Narrative memory with sparse activation: each layer recalls the frames that suit the prompt best, and each head attends only to the best of those.',
    policy: 'nam+sma',
    recalls: true,
  },
] as const satisfies readonly MemoryChoice[];

export const bankFramesSetting: MemorySetting = {
  name: 'bankFrames',
  label: 'Bank: frames looked at in each layer',
  says: 'How many remembered frames each layer looks back on. More of them remember more and cost more time.',
  min: 0,
  max: limits.bankFrames,
  of: ['nam', 'nam+sma'],
};

export const activatedFramesSetting: MemorySetting = {
  name: 'activatedFrames',
  label: 'Active: frames each head may use',
  says: 'How many of the bank’s frames each head attends to at a step: those that suit it best.',
  min: 1,
  max: limits.activatedFrames,
  of: ['nam+sma'],
};

export const capacitySetting: MemorySetting = {
  name: 'capacity',
  label: 'Capacity: frames kept to choose from',
  says: 'How many frames of the story so far stay in memory. Beyond that, the one recalled longest ago is forgotten.',
  min: 1,
  max: limits.capacity,
  of: ['nam', 'nam+sma'],
};

/** No head can use more frames than its layer looks at. */
export function activatedWithinBank<Settings extends Pick<FrameMemory, 'bankFrames' | 'activatedFrames'>>(
  settings: Settings,
): Settings {
  return { ...settings, activatedFrames: Math.min(settings.activatedFrames, Math.max(1, settings.bankFrames)) };
}
