import { ThroughlineError } from '../../../../shared/errors.ts';
import type { MemorySettings } from '../../../../shared/memory-settings.ts';
import { isPicture } from '../../../../shared/pictures.ts';
import type { Transition } from '../../../../shared/story.ts';
import type { FrameRef, FrameState, Prototype } from '../memory-state.ts';
import {
  type ChunkPlan,
  type CommitPlan,
  type ContextPlan,
  frameRefs,
  grownSink,
  type MemoryPolicy,
  type RetrievalPlan,
  topIndices,
} from '../policy.ts';

/**
 * The paper's method made precise (docs/model-format.md): a prototype from every chunk, the coming chunk's prompt as
 * the query, per layer the best `bankFrames` of up to `capacity` prototypes, and no frame in the context twice.
 */
export class PaperPolicy implements MemoryPolicy<FrameState> {
  readonly #layers: number;

  constructor(layers: number) {
    this.#layers = layers;
  }

  retrieval(state: FrameState, settings: MemorySettings, transition: Transition): RetrievalPlan {
    const usesBank = settings.policy === 'nam' || settings.policy === 'nam+sma';
    const candidates =
      usesBank && settings.bankFrames + settings.pins.length > 0 ? this.#candidates(state, settings, transition) : [];
    return { candidates: Array.from({ length: this.#layers }, () => candidates) };
  }

  plan(
    state: FrameState,
    settings: MemorySettings,
    transition: Transition,
    prompt: string,
    scores: readonly (readonly number[])[],
  ): ChunkPlan<FrameState> {
    const { candidates } = this.retrieval(state, settings, transition);
    const window = windowAt(state, transition);
    const sink = this.#sink(state, settings, window);
    this.#checkPins(state, settings);
    const bank = candidates.map((layer, i) => chooseBank(layer, scores[i] ?? [], settings));
    const used = new Set(bank.flat().map(({ frame }) => frame));
    const prototypes = state.prototypes.map((p) => (used.has(p.frame) ? { ...p, lastUsed: state.chunks } : p));
    const next: FrameState = { ...state, window: [...window], prototypes, bank };
    const activation =
      settings.policy === 'nam+sma' ? ({ pool: 'bank', count: settings.activatedFrames } as const) : null;
    const context = (now: FrameState): ContextPlan => ({ sink, bank, window: now.window, activation });
    const firstWindowFrame = window[0];
    const switched = state.prompt !== null && state.prompt !== prompt;
    if (!switched || !firstWindowFrame) return { recache: null, context, state: next };
    return {
      recache: {
        firstFrame: firstWindowFrame.frame,
        frames: window.length,
        keyFrames: window.length,
        context: { sink, bank, window: [], activation },
        apply: (pass) => ({ ...next, window: frameRefs(firstWindowFrame.frame, window.length, pass) }),
      },
      context,
      state: next,
    };
  }

  commit(
    state: FrameState,
    settings: MemorySettings,
    prompt: string,
    frames: number,
    pass: string,
  ): CommitPlan<FrameState> {
    const fresh = frameRefs(state.frames, frames, pass);
    const first = fresh[0] as FrameRef;
    const records = state.chunks % settings.recordInterval === 0;
    const grown: Prototype[] = records ? [...state.prototypes, { ...first, lastUsed: state.chunks }] : state.prototypes;
    const { kept, evicted } = evict(grown, settings);
    return {
      state: {
        ...state,
        chunks: state.chunks + 1,
        frames: state.frames + frames,
        prompt,
        sink: grownSink(state.sink, fresh, settings.sinkFrames),
        window: [...state.window, ...fresh].slice(-settings.windowFrames),
        prototypes: kept,
      },
      prototype: records ? first.frame : null,
      evicted,
    };
  }

  #sink(state: FrameState, settings: MemorySettings, window: readonly FrameRef[]): FrameRef[] {
    if (settings.policy === 'window') return [];
    return state.sink.filter(({ frame }) => !window.some((w) => w.frame === frame));
  }

  #candidates(state: FrameState, settings: MemorySettings, transition: Transition): FrameRef[] {
    const window = windowAt(state, transition);
    const present = new Set([...window, ...this.#sink(state, settings, window)].map(({ frame }) => frame));
    const banned = new Set(settings.bans);
    return state.prototypes
      .filter(({ frame }) => !present.has(frame) && !banned.has(frame))
      .map(({ frame, pass }) => ({ frame, pass }));
  }

  #checkPins(state: FrameState, settings: MemorySettings): void {
    for (const pin of settings.pins) {
      if (settings.bans.includes(pin.frame)) {
        throw new ThroughlineError(
          'bad-input',
          `Frame ${pin.frame} ("${pin.name}") is both pinned and banned.`,
          'Remove one of the two.',
        );
      }
      if (pin.frame >= state.frames) {
        throw new ThroughlineError(
          'bad-input',
          `Frame ${pin.frame} ("${pin.name}") is pinned before it exists.`,
          'Pin it from a later shot on.',
        );
      }
      if (!state.prototypes.some(({ frame }) => frame === pin.frame)) {
        throw new ThroughlineError(
          'bad-input',
          `Frame ${pin.frame} ("${pin.name}") cannot be pinned: memory does not hold it.`,
          'Only the first frame of a chunk enters memory; one that was forgotten needs a larger capacity or an earlier pin.',
        );
      }
    }
  }
}

function windowAt(state: FrameState, transition: Transition): readonly FrameRef[] {
  return transition === 'cut' ? [] : state.window;
}

/** Pinned frames first, then the best; pins take places of the bank and may exceed it. */
function chooseBank(candidates: readonly FrameRef[], scores: readonly number[], settings: MemorySettings): FrameRef[] {
  const pinned = new Set(settings.pins.map(({ frame }) => frame));
  const places = Math.max(0, settings.bankFrames - candidates.filter(({ frame }) => pinned.has(frame)).length);
  const free = candidates.flatMap(({ frame }, index) => (pinned.has(frame) ? [] : [index]));
  const best = topIndices(
    free.map((index) => scores[index] as number),
    places,
  ).map((i) => free[i] as number);
  return candidates.filter(({ frame }, index) => pinned.has(frame) || best.includes(index));
}

/** Beyond `capacity`, the prototype goes that has sat in no bank for longest; of equals, the oldest. Pinned ones, pictures and the newest stay. */
function evict(prototypes: readonly Prototype[], settings: MemorySettings): { kept: Prototype[]; evicted: number[] } {
  const kept = [...prototypes];
  const evicted: number[] = [];
  const pinned = new Set(settings.pins.map(({ frame }) => frame));
  while (kept.length > settings.capacity) {
    const free = kept.slice(0, -1).filter(({ frame }) => !pinned.has(frame) && !isPicture(frame));
    const [oldest] = free.sort((a, b) => a.lastUsed - b.lastUsed || a.frame - b.frame);
    if (!oldest) break;
    kept.splice(kept.indexOf(oldest), 1);
    evicted.push(oldest.frame);
  }
  return { kept, evicted };
}
