import { expect, it } from 'vitest';
import { fakeMemory } from '../../../../../tests/fakes/memory-settings.ts';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { Transition } from '../../../../shared/story.ts';
import { publishedPackSides } from '../../model/config.ts';
import type { FrameRef } from '../memory-state.ts';
import { type EmaSinkState, emaSinkStates, fusionsAfter, type SlotFusion } from './ema-sink-policy.ts';
import { emaSinkMemory } from './index.ts';
import { sinkSources } from './sources.ts';

// As published: nine frames of local attention, of which three are the sink and three the chunk itself.
const published: MemorySettings = {
  ...fakeMemory,
  ...{ mode: 'ema-sink', policy: 'ema-sink', sinkFrames: 3, windowFrames: 3, sinkAlpha: 0.999 },
};
const memory = emaSinkMemory({ layers: 2, chunkFrames: 3, positions: 'slots', packSides: publishedPackSides });
const frames = (refs: readonly FrameRef[]): number[] => refs.map(({ frame }) => frame);

interface Made {
  readonly sink: readonly FrameRef[];
  readonly window: readonly number[];
  readonly fusions: readonly SlotFusion[];
  readonly state: EmaSinkState;
}

/** Runs chunks through the decisions, fusing in name only. */
function run(
  chunks: number,
  settings = published,
  transition: (chunk: number) => Transition = () => 'continue',
): Made[] {
  let state = emaSinkStates.empty(2);
  return Array.from({ length: chunks }, (_, chunk) => {
    const plan = memory.plan(state, settings, transition(chunk), `prompt ${chunk}`, []);
    expect(plan.recache).toBeNull(); // a new prompt rewrites nothing
    const { sink, window } = plan.context(plan.state);
    const committed = memory.commit(plan.state, settings, 'prompt', 3, `c${chunk}`).state;
    const { fusions, state: after } = fusionsAfter(committed, `c${chunk}`);
    state = emaSinkStates.schema.parse(after);
    return { sink, window: frames(window), fusions, state };
  });
}
/** Which frame goes into which slot. */
const intoSlots = ({ fusions }: Made): number[][] => fusions.map(({ sink, frame }) => [frame.frame, sink.frame]);

it('sees as many frames as published, and fuses what leaves the window slot by slot, a chunk late', () => {
  const made = run(6);
  expect(made.map(({ sink, window }) => [frames(sink), window])).toEqual([
    [[], []],
    [[0, 1, 2], []],
    [
      [0, 1, 2],
      [3, 4, 5],
    ],
    [
      [0, 1, 2],
      [6, 7, 8],
    ],
    [
      [0, 1, 2],
      [9, 10, 11],
    ],
    [
      [0, 1, 2],
      [12, 13, 14],
    ],
  ]);
  expect(made.map(intoSlots)).toEqual([
    [],
    [],
    [
      [3, 0],
      [4, 1],
      [5, 2],
    ],
    [
      [6, 0],
      [7, 1],
      [8, 2],
    ],
    [
      [9, 0],
      [10, 1],
      [11, 2],
    ],
    [
      [12, 0],
      [13, 1],
      [14, 2],
    ],
  ]);
  expect(made[2]?.sink.every(({ pass }) => pass === 'c0')).toBe(true);
  // Each time from what it was, and with what rounding took from that.
  expect(made[2]?.fusions[0]).toMatchObject({ sink: { pass: 'c0' }, remainder: null });
  expect(made[3]?.fusions[0]?.sink).toEqual(made[2]?.fusions[0]?.made.page);
  expect(made[3]?.fusions[0]?.remainder).toEqual(made[2]?.fusions[0]?.made.remainder);
});

it('keeps a state of one size', () => {
  const made = run(64);
  const pages = ({ state }: Made): number => emaSinkStates.references(state).length;
  expect(pages(made[63] as Made)).toBe(pages(made[7] as Made));
  expect(pages(made[63] as Made)).toBe(9); // sink, its remainders, window
  expect(made[63]?.state.fused).toBe(62);
});

it('after a cut the window is empty, and what was in it is fused with the chunk that follows', () => {
  const made = run(8, { ...published, windowFrames: 6 }, (chunk) => (chunk === 5 ? 'cut' : 'continue'));
  expect(made.map(({ window }) => window)).toEqual([
    [],
    [],
    [3, 4, 5],
    [3, 4, 5, 6, 7, 8],
    [6, 7, 8, 9, 10, 11],
    [],
    [15, 16, 17],
    [15, 16, 17, 18, 19, 20],
  ]);
  expect(intoSlots(made[5] as Made)).toEqual([
    [9, 0],
    [10, 1],
    [11, 2],
    [12, 0],
    [13, 1],
    [14, 2],
  ]);
  const names = (made[5]?.fusions ?? []).map(({ made: { page } }) => `${page.pass} ${page.frame}`);
  expect(new Set(names).size).toBe(6);
  expect(made[5]?.fusions[3]?.sink).toEqual(made[5]?.fusions[0]?.made.page);
  expect(made.flatMap(intoSlots).map(([frame]) => frame)).toEqual(Array.from({ length: 15 }, (_, i) => i + 3));
});

it.each([
  [{ sinkFrames: 1 }, /as many frames as a chunk, 3, and the settings ask for 1\.$/],
  [{ windowFrames: 4 }, /whole chunks of 3 frames, and the settings ask for 4 frames\.$/],
  [{ policy: 'nam+sma' }, /by its EMA sink alone, and the policy "nam\+sma" asks for something else\.$/],
  [{ bans: [5] }, /neither pinned nor banned/],
] as const)('objects to what it cannot follow: %j', (change, says) => {
  expect(memory.objection({ ...published, ...change } as MemorySettings)).toMatch(says);
  expect(memory.objection(published)).toBeNull();
});

it('tells where its sink came from: all of it, however long the story is', () => {
  expect(sinkSources(0.9, 0, 3)).toEqual({ of: 'ema-sink', alpha: 0.9, sources: [{ frame: 0, share: 1 }], rest: 0 });
  expect(sinkSources(0.5, 2, 3).sources).toEqual([
    { frame: 0, share: 0.25 },
    { frame: 3, share: 0.25 },
    { frame: 6, share: 0.5 },
  ]);
  const { sources, rest } = sinkSources(0.999, 500, 3);
  expect(sources).toHaveLength(25);
  expect(sources.at(-1)).toEqual({ frame: 1500, share: 0.001 });
  expect(sources.reduce((sum, { share }) => sum + share, rest)).toBeCloseTo(1, 3);
});
