import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fakeInfo } from '../../../../tests/fakes/fake-engine.ts';
import { firstKeeperState, type KeeperEvent, liveRun, mostDeaths, reduceKeeper } from './keeper-state.ts';

const error = { code: 'engine-died', message: 'It died.', hint: '' } as const;
const run = fc.integer({ min: 1, max: 6 });
const event: fc.Arbitrary<KeeperEvent> = fc.oneof(
  fc.constant({ type: 'wanted' } as const),
  run.map((number) => ({ type: 'loaded' as const, run: number, info: fakeInfo })),
  run.map((number) => ({ type: 'not-loaded' as const, run: number, error })),
  run.map((number) => ({ type: 'died' as const, run: number, error })),
  run.map((number) => ({ type: 'worked' as const, run: number })),
  fc.constantFrom({ type: 'stopped' } as const, { type: 'held' } as const, { type: 'released' } as const),
);

test('whatever happens in whatever order: one run at a time, of the past nothing is heard, held means off', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let state = firstKeeperState;
      for (const next of events) {
        const after = reduceKeeper(state, next);
        const [was, is] = [liveRun(state), liveRun(after)];
        // A new run is newer than every one before.
        if (is !== null && is !== was) expect(is).toBe(state.runs + 1);
        expect(after.runs).toBe(is !== null && is !== was ? state.runs + 1 : state.runs);
        // What is said of a run that is not the present one changes nothing.
        if ('run' in next && next.run !== was) expect(after).toBe(state);
        // Nothing is begun, and nothing goes on loading, while somebody holds.
        if (after.holds > 0) {
          expect(after.life.kind).not.toBe('loading');
          if (was !== is) expect(is).toBeNull();
        }
        if (after.deaths >= mostDeaths && next.type === 'died' && was !== is) expect(is).toBeNull();
        expect(after.holds).toBeGreaterThanOrEqual(0);
        state = after;
      }
      expect(liveRun(reduceKeeper(state, { type: 'closed' }))).toBeNull();
      const closed = reduceKeeper(state, { type: 'closed' });
      for (const next of events) expect(reduceKeeper(closed, next)).toBe(closed);
    }),
    { seed: 20, numRuns: 500 },
  );
});

test('every wish is answered once nobody holds: it loads, or says why not', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state = events.reduce(reduceKeeper, firstKeeperState);
      while (state.holds > 0) state = reduceKeeper(state, { type: 'released' });
      expect(liveRun(reduceKeeper(state, { type: 'wanted' }))).not.toBeNull();
    }),
    { seed: 21, numRuns: 300 },
  );
});
