import type { PolicyName } from './memory-settings.ts';

/**
 * What things are called, on the screen, in the terminal and in files: one name for one thing. The spellings of
 * settings and options (`nam+sma`) are not names; they stand in files and commands as they are.
 */

/** A memory policy: its name, what it lets the model look back on in a few words, and in a sentence. */
export interface PolicyLabel {
  readonly name: string;
  readonly short: string;
  readonly says: string;
}

export const policyLabels: Readonly<Record<PolicyName, PolicyLabel>> = {
  window: {
    name: 'Window',
    short: 'only the frames just before',
    says: 'The model sees only the frames just before.',
  },
  sink: {
    name: 'Sink',
    short: 'the beginning and the frames just before (LongLive)',
    says: 'The model sees the beginning of the story and the frames just before.',
  },
  nam: {
    name: 'NAM',
    short: 'and the frames that suit the prompt (MemFlow)',
    says: 'Narrative memory: each layer recalls the frames that suit the prompt best, and sees the beginning and the frames just before.',
  },
  'nam+sma': {
    name: 'NAM + SMA',
    short: 'of those, each head uses only the best (MemFlow)',
    says: 'Narrative memory with sparse activation: each layer recalls the frames that suit the prompt best, and each head attends only to the best of those.',
  },
};

/** A shot that keeps showing a result made before something changed. */
export const keptResult = 'kept result';

/** Frames that a person wants remembered, each under a name. */
export const cast = 'cast';
