import { describe, expect, it } from 'vitest';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { Transition } from '../../../../shared/story.ts';
import { emptyMemory, type FrameRef, type FrameState } from '../memory-state.ts';
import type { ChunkPlan } from '../policy.ts';
import { ReleasedPolicy } from './released-policy.ts';

// The traces of model reference B, for the published sizes: sink 3, window 6 besides the chunk, bank 3, interval 3.
const published: MemorySettings = {
  mode: 'released',
  policy: 'nam',
  sinkFrames: 3,
  windowFrames: 6,
  bankFrames: 3,
  activatedFrames: 3,
  capacity: 3,
  recordInterval: 3,
  pipeline: 'interactive',
  pins: [],
  bans: [],
};
const policy = new ReleasedPolicy(3);
const frames = (refs: readonly FrameRef[]): number[] => refs.map(({ frame }) => frame);

interface Step {
  readonly prompt: string;
  readonly transition: Transition;
}
interface Made {
  readonly scored: readonly number[];
  readonly plan: ChunkPlan<FrameState>;
  readonly bank: readonly number[];
  readonly sink: readonly number[];
  readonly window: readonly number[];
  readonly state: FrameState;
}

/** Runs chunks through the policy, one layer; `score` gives what retrieval would say of a frame. */
function run(
  chunks: number,
  score: (frame: number) => number,
  settings = published,
  at: (chunk: number) => Partial<Step> = () => ({}),
): Made[] {
  let state = emptyMemory(1);
  return Array.from({ length: chunks }, (_, chunk) => {
    const { prompt = 'a', transition = 'continue' } = at(chunk);
    const { candidates } = policy.retrieval(state, settings, transition, prompt);
    const plan = policy.plan(
      state,
      settings,
      transition,
      prompt,
      candidates.map((refs) => refs.map(({ frame }) => score(frame))),
    );
    const start = plan.recache ? plan.recache.apply(`${chunk}:recache`) : plan.state;
    const context = plan.context(start);
    state = policy.commit(start, settings, prompt, 3, String(chunk)).state;
    return {
      scored: frames(candidates[0] ?? []),
      plan,
      bank: frames(context.bank[0] ?? []),
      sink: frames(context.sink),
      window: frames(context.window),
      state: start,
    };
  });
}
const banks = (made: readonly Made[]): (readonly number[])[] => made.map(({ bank }) => bank);
const older = (frame: number): number => -frame;
const newer = (frame: number): number => frame;

describe('the interactive pipeline', () => {
  it('fills its bank as published', () => {
    expect(banks(run(10, older))).toEqual([
      [],
      [0],
      [0],
      [0],
      [0, 9],
      [0, 9],
      [0, 9],
      [0, 9, 18],
      [0, 9, 18],
      [0, 9, 18],
    ]);
  });

  it('stays with old frames where they score higher', () => {
    expect(banks(run(16, older)).slice(10)).toEqual([
      [0, 9, 27],
      [0, 9, 27],
      [0, 9, 27],
      [0, 9, 36],
      [0, 9, 36],
      [0, 9, 36],
    ]);
  });

  it('degenerates to one frame, three times, where recent ones score higher', () => {
    expect(banks(run(13, newer)).slice(10)).toEqual([
      [18, 9, 27],
      [27, 18, 27],
      [27, 27, 27],
    ]);
  });

  it('asks for scores only once the bank is full', () => {
    const made = run(12, older);
    expect(made.slice(0, 10).flatMap(({ scored }) => scored)).toEqual([]);
    expect(made[10]?.scored).toEqual([0, 9, 18]);
  });

  it('keeps the first three frames as sink and the six newest others as window', () => {
    const made = run(6, older);
    expect(made[0]?.sink).toEqual([]);
    expect(made.slice(1).every(({ sink }) => sink.join() === '0,1,2')).toBe(true);
    expect(made.map(({ window }) => window)).toEqual([
      [],
      [],
      [3, 4, 5],
      [3, 4, 5, 6, 7, 8],
      [6, 7, 8, 9, 10, 11],
      [9, 10, 11, 12, 13, 14],
    ]);
  });
});

describe('the single-prompt pipeline', () => {
  const single: MemorySettings = { ...published, pipeline: 'single' };

  it('holds the first frame of the last chunk of each group, and then takes from every chunk', () => {
    const made = banks(run(12, older, single));
    expect(made[3]).toEqual([6]);
    expect(made[6]).toEqual([6, 15]);
    expect(made[9]).toEqual([6, 15, 24]);
    expect(made[10]).toEqual([6, 15, 27]);
    expect(made[11]).toEqual([6, 15, 30]);
  });

  it('has no duplicates', () => {
    for (const bank of banks(run(20, newer, single))) expect(new Set(bank).size).toBe(bank.length);
  });
});

describe('a prompt switch', () => {
  const switchAt = (chunk: number) => (now: number) => ({ prompt: now < chunk ? 'a' : 'b' });

  it('with a full bank inserts twice on scores of zero, which keeps the order of the slots', () => {
    const made = run(14, newer, published, switchAt(12));
    expect(made[11]?.bank).toEqual([27, 18, 27]);
    expect(made[12]?.scored).toEqual([]);
    // Twice: the first two slots, and the captured frame 27.
    expect(made[12]?.plan.recache?.context.bank[0]?.map(({ frame }) => frame)).toEqual([27, 18, 27]);
    expect(made[12]?.bank).toEqual([27, 18, 27]);
    expect(made[13]?.scored).toEqual([27, 18, 27]); // the new prompt is heard one chunk later
  });

  it.each([
    { chunk: 2, firstFrame: 0, count: 6, keyFrames: 6 },
    { chunk: 4, firstFrame: 0, count: 12, keyFrames: 12 },
    { chunk: 5, firstFrame: 3, count: 12, keyFrames: 9 },
    { chunk: 9, firstFrame: 15, count: 12, keyFrames: 9 },
  ])(
    'before chunk $chunk runs $count frames again, $keyFrames of them as keys',
    ({ chunk, firstFrame, count, keyFrames }) => {
      const recache = run(chunk + 1, older, published, switchAt(chunk))[chunk]?.plan.recache;
      expect(recache).toMatchObject({ firstFrame, frames: count, keyFrames });
      // Where it starts with the story, the sink is rewritten and so is not in its own context.
      expect(recache?.context.sink.length).toBe(firstFrame === 0 ? 0 : 3);
      const after = recache?.apply('new');
      expect(after?.window.every(({ pass }) => pass === 'new')).toBe(true);
      expect(after?.sink.every(({ pass }) => (pass === 'new') === (firstFrame === 0))).toBe(true);
      expect(after?.bank[0]?.every(({ pass }) => pass !== 'new')).toBe(true);
    },
  );

  it('at a cut there is no recache, and the window is empty', () => {
    const made = run(6, older, published, (chunk) => (chunk < 5 ? {} : { prompt: 'b', transition: 'cut' }))[5];
    expect(made?.plan.recache).toBeNull();
    expect(made?.window).toEqual([]);
  });
});

it('without a bank nothing is inserted; without a sink none is attended', () => {
  expect(run(12, newer, { ...published, policy: 'sink' }).at(-1)).toMatchObject({ bank: [], sink: [0, 1, 2] });
  expect(run(12, newer, { ...published, policy: 'window' }).at(-1)).toMatchObject({ bank: [], sink: [] });
});

it('activates from sink and bank together', () => {
  const made = run(5, older, { ...published, policy: 'nam+sma' }).at(-1);
  expect(made?.plan.context(made.state).activation).toEqual({ pool: 'sink+bank', count: 3 });
});

describe('the recache follows the size of the cache, not the published sizes', () => {
  it.each([
    { sinkFrames: 3, windowFrames: 6, chunkFrames: 3, frames: 12, keyFrames: 9 }, // as published
    { sinkFrames: 3, windowFrames: 30, chunkFrames: 3, frames: 36, keyFrames: 33 },
    { sinkFrames: 1, windowFrames: 4, chunkFrames: 1, frames: 6, keyFrames: 5 },
  ])('sink $sinkFrames, window $windowFrames, chunks of $chunkFrames', (sizes) => {
    const { chunkFrames, frames: expected, keyFrames, ...settings } = sizes;
    const sized = new ReleasedPolicy(chunkFrames);
    const all = { ...published, ...settings };
    let state = emptyMemory(1);
    for (let chunk = 0; chunk < 50; chunk++) {
      state = sized.commit(
        sized.plan(state, all, 'continue', 'a', [[0, 0, 0]]).state,
        all,
        'a',
        chunkFrames,
        'p',
      ).state;
    }
    const { recache } = sized.plan(state, all, 'continue', 'b', [[]]);
    expect(recache).toMatchObject({ frames: expected, keyFrames, firstFrame: 50 * chunkFrames - expected });
    expect(recache?.apply('r').window.map(({ pass }) => pass)).toEqual(new Array(settings.windowFrames).fill('r'));
  });
});
