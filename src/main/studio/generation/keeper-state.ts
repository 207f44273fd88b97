import type { ShownError } from '../../../shared/errors.ts';
import type { ModelInfo } from '../../../shared/render.ts';

/** An engine that dies this often without finishing anything in between is not started again by itself. */
export const mostDeaths = 3;

/** What the one engine is. A run is one process from its start to its end; what is said of an earlier run is not heard. */
export type EngineLife =
  | { readonly kind: 'off' }
  | { readonly kind: 'loading'; readonly run: number }
  | { readonly kind: 'ready'; readonly run: number; readonly info: ModelInfo }
  | { readonly kind: 'failed'; readonly error: ShownError }
  /** The program ends: no engine is started any more. */
  | { readonly kind: 'closed' };

export interface KeeperState {
  readonly life: EngineLife;
  /** Runs begun so far. */
  readonly runs: number;
  /** Deaths since an engine last finished something. */
  readonly deaths: number;
  /** How many want no engine to run just now: another cache file, other settings. */
  readonly holds: number;
}

export const firstKeeperState: KeeperState = { life: { kind: 'off' }, runs: 0, deaths: 0, holds: 0 };

export type KeeperEvent =
  /** Somebody needs an engine. */
  | { readonly type: 'wanted' }
  | { readonly type: 'loaded'; readonly run: number; readonly info: ModelInfo }
  | { readonly type: 'not-loaded'; readonly run: number; readonly error: ShownError }
  /** The process ended by itself, or had to be ended because it says nothing. */
  | { readonly type: 'died'; readonly run: number; readonly error: ShownError }
  /** It finished a piece of work. */
  | { readonly type: 'worked'; readonly run: number }
  /** Ends it, whatever it does; the next wish starts another. */
  | { readonly type: 'stopped' }
  /** None may be started until `released`. One that is still loading ends; one that works is stopped by who holds. */
  | { readonly type: 'held' }
  | { readonly type: 'released' }
  | { readonly type: 'closed' };

/** Whether an engine that died may be started again without anybody asking. */
export function mayRestart({ deaths }: KeeperState): boolean {
  return deaths < mostDeaths;
}

/** The run whose process lives now; null where there is none. */
export function liveRun({ life }: KeeperState): number | null {
  switch (life.kind) {
    case 'loading':
    case 'ready':
      return life.run;
    case 'off':
    case 'failed':
    case 'closed':
      return null;
  }
}

/** What an event makes of the state. Pure: whoever keeps the state starts and ends processes as {@link liveRun} says. */
export function reduceKeeper(state: KeeperState, event: KeeperEvent): KeeperState {
  const { life } = state;
  if (life.kind === 'closed') return state;
  switch (event.type) {
    case 'wanted':
      return liveRun(state) === null && state.holds === 0 ? begun(state) : state;
    case 'loaded':
      if (life.kind !== 'loading' || life.run !== event.run) return state;
      return { ...state, life: { kind: 'ready', run: event.run, info: event.info } };
    case 'not-loaded':
      if (life.kind !== 'loading' || life.run !== event.run) return state;
      return { ...state, life: { kind: 'failed', error: event.error } };
    case 'died': {
      if (liveRun(state) !== event.run) return state;
      const failed: KeeperState = { ...state, life: { kind: 'failed', error: event.error } };
      // One that dies while loading would do so again.
      if (life.kind === 'loading') return failed;
      const after = { ...failed, deaths: state.deaths + 1 };
      return mayRestart(after) && after.holds === 0 ? begun(after) : after;
    }
    case 'worked':
      return liveRun(state) === event.run && state.deaths > 0 ? { ...state, deaths: 0 } : state;
    case 'stopped':
      return life.kind === 'off' && state.deaths === 0 ? state : { ...state, life: { kind: 'off' }, deaths: 0 };
    case 'held':
      return {
        ...state,
        holds: state.holds + 1,
        life: life.kind === 'loading' ? { kind: 'off' } : life,
      };
    case 'released':
      return { ...state, holds: Math.max(0, state.holds - 1) };
    case 'closed':
      return { ...state, life: { kind: 'closed' } };
  }
}

function begun(state: KeeperState): KeeperState {
  const run = state.runs + 1;
  return { ...state, runs: run, life: { kind: 'loading', run } };
}
