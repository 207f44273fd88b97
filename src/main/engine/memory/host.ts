import type { ModelConfig } from '../model/config.ts';
import type { AttentionForm } from '../model/graph-parts.ts';
import type { TensorEntry } from '../model/safetensors.ts';
import type { ProductType } from '../model/type-plan.ts';
import type { FrameRef } from './memory-state.ts';

/** A prompt, as a memory may know it. */
export interface MemoryPrompt {
  /** Real tokens, the end token included. */
  readonly length: number;
  readonly words: readonly { readonly text: string; readonly known: boolean; readonly tokens: readonly number[] }[];
}

/** A graph of a module's own. */
export interface MemoryGraph {
  /** Of the graphs of all modules only this one has it: it is loaded once under it. */
  readonly name: string;
  /** Whether it has weights of the generator in it: only then `build` may read them. */
  readonly weights: 'none' | 'generator';
  build(config: ModelConfig, parts: MemoryGraphParts): Uint8Array;
}

/** What graphs of this model on this device are made of. */
export interface MemoryGraphParts {
  /** The generator's, by their published names. */
  readonly weights: ReadonlyMap<string, TensorEntry>;
  readonly attention: AttentionForm;
  /** What matrices and attention are computed in. */
  readonly products: ProductType;
}

/** A context that lies on the device, from a graph whose outputs are named as the DiT graph takes them. Its owner disposes of it. */
export interface MadeContext {
  dispose(): void;
}

/**
 * What a graph is fed: a frame's keys or values [tokens, dim], a prompt's keys or values [1, heads, textLength, headDim], its embedding
 * [real tokens, textDim] (only where the module extends prompts), or numbers made for this run.
 */
export type MemoryFeed =
  | { readonly kind: 'key' | 'value'; readonly ref: FrameRef; readonly layer: number }
  | { readonly kind: 'text-key' | 'text-value'; readonly prompt: MemoryPrompt; readonly layer: number }
  | { readonly kind: 'text-embedding'; readonly prompt: MemoryPrompt }
  | { readonly kind: 'ints'; readonly values: readonly number[] }
  | { readonly kind: 'floats'; readonly values: Float32Array; readonly dims: readonly number[] };

/** How much one run of a module's graph may have before it: memory was planned so, and devices bind no more at once. */
export interface RunLimits {
  /** Pages that it is fed, of one layer each. */
  readonly pages: number;
  /** Bytes of its largest value. */
  readonly valueBytes: number;
}

/** The device as a memory module sees it: pages and prompts by name, never a tensor. */
export interface MemoryHost {
  readonly config: ModelConfig;
  /** Heeded by a module that looks at more frames than a chunk attends to. */
  readonly limits: RunLimits;
  /** Of one frame's pages as they are stored, all layers together; null where that is not known. */
  readonly storedFrameBytes: number | null;
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
  /** Runs a graph for several outputs, downloaded: what is small. */
  runFor<Name extends string>(
    graph: MemoryGraph,
    feeds: Readonly<Record<string, MemoryFeed>>,
    outputs: readonly Name[],
  ): Promise<Record<Name, Float32Array>>;
  /** Runs a graph for a chunk's context, which stays on the device. The caller owns it. */
  makeContext(graph: MemoryGraph, feeds: Readonly<Record<string, MemoryFeed>>): Promise<MadeContext>;
  /**
   * Keeps pages that a module makes, for every layer what a graph gives as `k` and `v` [tokens, dim]. They are rounded as all
   * pages are; what that takes from them is kept as pages too, so that little by little is not rounded away.
   * @param feeds of a layer
   */
  makePages(
    graph: MemoryGraph,
    feeds: (layer: number) => Readonly<Record<string, MemoryFeed>>,
    made: { readonly page: FrameRef; readonly remainder: FrameRef },
  ): Promise<void>;
  /** A layer's text keys, [heads, textLength, headDim]; not to be written to. */
  textKeys(prompt: MemoryPrompt, layer: number): Promise<Float32Array>;
  /** Stands for a frame's pages: the same object for as long as they are there, so that what is known of them goes with them. */
  identityOf(ref: FrameRef): object;
}
