import type { MemorySettings } from '../../../shared/memory-settings.ts';
import type { MemoryPolicy } from './policy.ts';

/**
 * Everything one way of remembering decides, as pure functions and plain data; each has a folder of its own here. What it
 * states is done by the pipeline, which knows no module by name: scores are made as `scoring` says, pages by the pass that
 * `commits` names, records as `record` says. A new module touches its folder, `registry.ts` and the view of its records.
 */
export interface MemoryModule extends MemoryPolicy {
  /** Settings of the recipe that choose it, `memory.mode`. */
  readonly mode: MemorySettings['mode'];
  /**
   * How frames named by `retrieval` are scored. `joint-softmax`: the share of each word's attention, joined over all frames
   * (the paper). `mean-key`: mean text key times mean key (the published code). `none`: it names no frames.
   */
  readonly scoring: 'joint-softmax' | 'mean-key' | 'none';
  /** Which weights look at the finished chunk to make its pages, and under which prompt. */
  readonly commits: { readonly dit: 'generator' | 'memory'; readonly prompt: 'chunk' | 'empty' };
  /** Whether a recache may leave some of its own frames out of the keys: the graph then has an input for it. */
  readonly partialRecache: boolean;
  readonly record: {
    /** Whether scores come with the words and places they are from. */
    readonly attributions: boolean;
    /** What was forgotten: as the commit tells, or by comparing the bank before and after. */
    readonly evicted: 'told' | 'compared';
  };
  /** What it cannot do of these settings, in a sentence; null where it can follow them. */
  objection(settings: MemorySettings): string | null;
}

/** What a module must know of a model. */
export interface MemoryLayout {
  readonly layers: number;
  readonly chunkFrames: number;
}
