import type { ModelConfig } from '../model/config.ts';
import type { FrameRef } from './memory-state.ts';

/** A prompt, as a memory may know it. */
export interface MemoryPrompt {
  /** Real tokens, the end token included. */
  readonly length: number;
  readonly words: readonly { readonly text: string; readonly known: boolean; readonly tokens: readonly number[] }[];
}

/** A graph of a module's own, without weights. */
export interface MemoryGraph {
  /** Of the graphs of all modules only this one has it: it is loaded once under it. */
  readonly name: string;
  build(config: ModelConfig): Uint8Array;
}

/** What a graph is fed: a frame's keys [tokens, dim], a prompt's [1, heads, textLength, headDim], or numbers made for this run. */
export type MemoryFeed =
  | { readonly kind: 'key'; readonly ref: FrameRef; readonly layer: number }
  | { readonly kind: 'text-key'; readonly prompt: MemoryPrompt; readonly layer: number }
  | { readonly kind: 'ints'; readonly values: readonly number[] }
  | { readonly kind: 'floats'; readonly values: Float32Array; readonly dims: readonly number[] };

/** The device as a memory module sees it: pages and prompts by name, never a tensor. */
export interface MemoryHost {
  readonly config: ModelConfig;
  /**
   * Runs a graph for one output.
   * @param read its values, row by row; they are gone when it returns
   */
  run<T>(
    graph: MemoryGraph,
    feeds: Readonly<Record<string, MemoryFeed>>,
    output: string,
    read: (values: Float32Array) => T,
  ): Promise<T>;
  /** A layer's text keys, [heads, textLength, headDim]; not to be written to. */
  textKeys(prompt: MemoryPrompt, layer: number): Promise<Float32Array>;
  /** Stands for a frame's pages: the same object for as long as they are there, so that what is known of them goes with them. */
  identityOf(ref: FrameRef): object;
}
