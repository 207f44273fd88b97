import { describe, expect, it } from 'vitest';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import type { Transition } from '../../../../shared/story.ts';
import { emptyMemory, type FrameRef, type FrameState } from '../memory-state.ts';
import type { ChunkPlan } from '../policy.ts';
import { PaperPolicy } from './paper-policy.ts';

const layers = 2;
const chunkFrames = 3;
const defaults: MemorySettings = {
  mode: 'paper',
  policy: 'nam+sma',
  sinkFrames: 1,
  windowFrames: 6,
  bankFrames: 2,
  activatedFrames: 1,
  capacity: 64,
  recordInterval: 1,
  pipeline: 'interactive',
  pins: [],
  bans: [],
};
const policy = new PaperPolicy(layers);
const frames = (refs: readonly FrameRef[]): number[] => refs.map(({ frame }) => frame);
const pin = (frame: number): MemorySettings['pins'][number] => ({ frame, name: `frame ${frame}` });

/** One chunk of a story; scores are by frame, the same for every layer, 0 where not given. */
interface Step {
  readonly prompt?: string;
  readonly transition?: Transition;
  readonly settings?: Partial<MemorySettings>;
  readonly scores?: Readonly<Record<number, number>>;
}
interface Told {
  readonly candidates: readonly number[];
  readonly plan: ChunkPlan<FrameState>;
  readonly sink: readonly number[];
  readonly window: readonly number[];
  readonly bank: readonly (readonly number[])[];
  readonly after: FrameState;
  readonly prototype: number | null;
  readonly evicted: readonly number[];
}

/** Walks through a story without a model and tells what was decided for its last chunk. */
function walk(steps: readonly Step[]): Told {
  let state = emptyMemory(layers);
  let told: Told | null = null;
  for (const [chunk, { prompt = 'a', transition = 'continue', settings: some, scores = {} }] of steps.entries()) {
    const settings = { ...defaults, ...some };
    const { candidates } = policy.retrieval(state, settings, transition);
    const scored = candidates.map((refs) => refs.map(({ frame }) => scores[frame] ?? 0));
    const plan = policy.plan(state, settings, transition, prompt, scored);
    const start = plan.recache ? plan.recache.apply(`${chunk}:recache`) : plan.state;
    const context = plan.context(start);
    const commit = policy.commit(start, settings, prompt, chunkFrames, String(chunk));
    told = {
      candidates: frames(candidates[0] ?? []),
      plan,
      sink: frames(context.sink),
      window: frames(context.window),
      bank: context.bank.map(frames),
      after: commit.state,
      prototype: commit.prototype,
      evicted: commit.evicted,
    };
    state = commit.state;
  }
  if (!told) throw new Error('a story has chunks');
  return told;
}
const same = (count: number, step: Step = {}): Step[] => Array.from({ length: count }, () => step);

describe('window and sink', () => {
  it('the window grows to its size, then slides', () => {
    expect([1, 2, 3, 4, 5].map((count) => walk(same(count)).window)).toEqual([
      [],
      [0, 1, 2],
      [0, 1, 2, 3, 4, 5],
      [3, 4, 5, 6, 7, 8],
      [6, 7, 8, 9, 10, 11],
    ]);
  });

  it('is empty at a cut and then goes back no further than the cut', () => {
    expect(walk([...same(4), { transition: 'cut' }]).window).toEqual([]);
    expect(walk([...same(4), { transition: 'cut' }, {}]).window).toEqual([12, 13, 14]);
    expect(walk([...same(4), { transition: 'cut' }, ...same(2)]).window).toEqual([12, 13, 14, 15, 16, 17]);
  });

  it('the sink is not attended twice: it appears when its frame leaves the window', () => {
    expect(walk(same(3)).sink).toEqual([]);
    expect(walk(same(4)).sink).toEqual([0]);
    expect(walk([{}, { transition: 'cut' }]).sink).toEqual([0]);
    expect(walk(same(4, { settings: { sinkFrames: 4 } })).sink).toEqual([0, 1, 2]); // frame 3 is in the window
  });
});

describe('candidates', () => {
  it('are the prototypes outside window, sink and bans', () => {
    expect(walk(same(6)).candidates).toEqual([3, 6]); // 0 is the sink; 9 and 12 are in the window
    expect(walk([...same(5), { settings: { bans: [3] } }]).candidates).toEqual([6]);
    expect(walk([...same(5), { transition: 'cut' }]).candidates).toEqual([3, 6, 9, 12]);
  });

  it('come from every chunk, or from every n-th', () => {
    expect(walk([...same(5), { transition: 'cut', settings: { policy: 'nam' } }]).candidates).toEqual([3, 6, 9, 12]);
    const every2 = { recordInterval: 2 };
    const steps = [...same(5, { settings: every2 }), { transition: 'cut' as const, settings: every2 }];
    expect(walk(steps).candidates).toEqual([6, 12]);
    expect(walk(steps).prototype).toBeNull();
    expect(walk(steps.slice(0, 5)).prototype).toBe(12);
  });

  it('are none for policies without a bank', () => {
    for (const name of ['window', 'sink'] as const) {
      const told = walk(same(6, { settings: { policy: name } }));
      expect(told.candidates).toEqual([]);
      expect(told.bank).toEqual([[], []]);
      expect(told.sink).toEqual(name === 'window' ? [] : [0]);
    }
    expect(walk(same(6, { settings: { bankFrames: 0 } })).candidates).toEqual([]);
  });
});

describe('the bank', () => {
  it('holds the best b of each layer, kept in story order', () => {
    const before = same(7);
    const last = { scores: { 3: 0.2, 6: 0.1, 9: 0.7 } };
    expect(walk([...before, last]).bank).toEqual([
      [3, 9],
      [3, 9],
    ]);
  });

  it('is chosen for each layer by its own scores', () => {
    const state = walk(same(6)).after;
    const { candidates } = policy.retrieval(state, defaults, 'continue');
    expect(candidates.map(frames)).toEqual([
      [3, 6, 9],
      [3, 6, 9],
    ]);
    const plan = policy.plan(state, defaults, 'continue', 'a', [
      [0.5, 0.4, 0.1],
      [0.1, 0.4, 0.5],
    ]);
    expect(plan.state.bank.map(frames)).toEqual([
      [3, 6],
      [6, 9],
    ]);
  });

  it('equal scores go to the older frame', () => {
    expect(walk(same(8)).bank[0]).toEqual([3, 6]);
  });

  it('asks for sparse activation of the bank with nam+sma only', () => {
    const context = (name: MemorySettings['policy']): unknown => {
      const told = walk(same(6, { settings: { policy: name } }));
      return told.plan.context(told.plan.state).activation;
    };
    expect(context('nam+sma')).toEqual({ pool: 'bank', count: 1 });
    expect(context('nam')).toBeNull();
  });
});

describe('pins and bans', () => {
  const scores = { 3: 0.1, 6: 0.2, 9: 0.3, 12: 0.4 };
  const at = (settings: Partial<MemorySettings>): Told => walk([...same(8), { scores, settings }]);

  it('a pin takes a place before better frames', () => {
    expect(at({}).bank[0]).toEqual([9, 12]);
    expect(at({ pins: [pin(3)] }).bank).toEqual([
      [3, 12],
      [3, 12],
    ]);
  });

  it('pins may be more than the bank has places', () => {
    expect(at({ pins: [pin(3), pin(6), pin(9)] }).bank[0]).toEqual([3, 6, 9]);
    expect(at({ bankFrames: 0, pins: [pin(3)] }).bank[0]).toEqual([3]);
  });

  it('a ban leaves the place to the next', () => {
    expect(at({ bans: [12] }).bank[0]).toEqual([6, 9]);
  });

  it('a pinned frame that is in the window or the sink anyway is not added', () => {
    const told = at({ pins: [pin(18), pin(0)] });
    expect(told.window).toContain(18);
    expect(told.sink).toContain(0);
    expect(told.bank[0]).toEqual([9, 12]);
  });

  it.each([
    [{ pins: [pin(3)], bans: [3] }, /"frame 3"\) is both pinned and banned/],
    [{ pins: [pin(24)] }, /Frame 24 \("frame 24"\) is pinned before it exists/],
    [{ pins: [pin(4)] }, /Frame 4 \("frame 4"\) cannot be pinned: memory does not hold it/],
  ] satisfies [Partial<MemorySettings>, RegExp][])('refuses %j', (settings, says) => {
    expect(() => at(settings)).toThrow(says);
    expect(() => at(settings)).toThrow(
      expect.objectContaining({ code: 'bad-input', hint: expect.stringMatching(/./) }),
    );
  });
});

describe('forgetting', () => {
  const small = { settings: { capacity: 3 } };

  it('beyond capacity the prototype goes that no bank used for longest', () => {
    // Chunks 0..4 leave 0, 3, 6, 9, 12. Chunk 4 puts 3 into the bank, so that 0, never used since chunk 0, goes first.
    expect(walk(same(3, small)).evicted).toEqual([]);
    expect(walk(same(4, small)).evicted).toEqual([0]);
    const used = walk([...same(4, small), { ...small, scores: { 3: 1 } }]);
    expect(used.bank[0]).toContain(3);
    expect(used.evicted).toEqual([6]);
    expect(frames(used.after.prototypes)).toEqual([3, 9, 12]);
  });

  it('keeps the pinned and the newest, even beyond capacity', () => {
    const pinned = { settings: { capacity: 2, pins: [pin(0), pin(3)] } };
    const told = walk([...same(2, { settings: { capacity: 2 } }), ...same(3, pinned)]);
    expect(frames(told.after.prototypes)).toEqual([0, 3, 12]);
    expect(told.evicted).toEqual([9]);
  });

  it('says of a forgotten frame that memory does not hold it', () => {
    const late = { settings: { capacity: 3, pins: [pin(0)] } };
    expect(() => walk([...same(5, small), late])).toThrow(/Frame 0 .* memory does not hold it/);
  });
});

describe('recache', () => {
  it('only where the shot continues under another prompt and a window is there', () => {
    expect(walk([...same(3), {}]).plan.recache).toBeNull();
    expect(walk([...same(3), { prompt: 'b', transition: 'cut' }]).plan.recache).toBeNull();
    expect(walk([{ prompt: 'b' }]).plan.recache).toBeNull();
    const { plan } = walk([...same(3), { prompt: 'b' }]);
    expect(plan.recache).toMatchObject({ firstFrame: 3, frames: 6, keyFrames: 6 });
    expect(plan.recache?.context.window).toEqual([]);
  });

  it('replaces the pages of the window and leaves the prototypes their own', () => {
    const told = walk([...same(3), { prompt: 'b' }]);
    const start = told.plan.recache?.apply('new');
    expect(start?.window).toEqual([3, 4, 5, 6, 7, 8].map((frame) => ({ frame, pass: 'new' })));
    expect(start?.prototypes.map(({ pass }) => pass)).toEqual(['0', '1', '2']);
  });
});
