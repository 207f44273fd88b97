import { z } from 'zod';
import { limits } from '../../../shared/project/limits.ts';

/** One frame's K and V as made by one pass: a commit, a recache, or a look at a picture (`pictureFrame`). The same for every layer. */
export const frameRefSchema = z.strictObject({ frame: z.int().min(-limits.pictures), pass: z.string().min(1) });
export type FrameRef = z.infer<typeof frameRefSchema>;

const prototypeSchema = z.strictObject({
  ...frameRefSchema.shape,
  /** Index of the last chunk that had it in a bank; at first the chunk it came from. */
  lastUsed: z.int().min(0),
});
export type Prototype = z.infer<typeof prototypeSchema>;

/**
 * What is remembered after a chunk: plain data, so that a snapshot of it is JSON, over references to pages. This much of it
 * the pipeline reads; the rest is the module's own, and only its `StateLayout` knows it.
 */
export interface MemoryState {
  /** Of the module's layout; a stored state of another version is not read but replayed. */
  readonly version: number;
  /** Chunks committed so far. */
  readonly chunks: number;
  /** Latent frames committed so far: the first frame of the chunk to come. */
  readonly frames: number;
  /** Prompt of the last chunk; null before the first. */
  readonly prompt: string | null;
}

/** How a module lays out its state: what the pipeline must know to begin, store, restore and account for one. */
export interface StateLayout<State extends MemoryState = MemoryState> {
  /** Of a stored state; strict, and of one version. */
  readonly schema: z.ZodType<State>;
  /** Before the first chunk. */
  empty(layers: number): State;
  /** Every page the state refers to, each once: those stay loaded and are stored with it, all others may go. */
  references(state: State): FrameRef[];
  /** Per layer, what was recalled for the last chunk, for the record of the next. */
  recalled(state: State): readonly (readonly FrameRef[])[];
}

/** The layout of the memories that keep whole frames. */
export const frameStateSchema = z.strictObject({
  /** Of this layout. States stored before it was written down are of version 1; others are not read but replayed. */
  version: z.literal(1).default(1),
  /** Chunks committed so far. */
  chunks: z.int().min(0),
  /** Latent frames committed so far: the first frame of the chunk to come. */
  frames: z.int().min(0),
  /** Prompt of the last chunk; null before the first. */
  prompt: z.string().nullable(),
  sink: z.array(frameRefSchema),
  /** Most recent frames, oldest first, going back no further than the last cut. */
  window: z.array(frameRefSchema),
  /** Frames that can be retrieved, oldest first (`paper`). */
  prototypes: z.array(prototypeSchema),
  /** Per layer, what sat in the bank for the last chunk. `released`: its slots, in slot order. */
  bank: z.array(z.array(frameRefSchema)),
  /** `released`: the prototype captured last, not yet inserted for good. */
  captured: frameRefSchema.nullable(),
});
export type FrameState = z.infer<typeof frameStateSchema>;

export function emptyMemory(layers: number): FrameState {
  return {
    version: 1,
    chunks: 0,
    frames: 0,
    prompt: null,
    sink: [],
    window: [],
    prototypes: [],
    bank: Array.from({ length: layers }, () => []),
    captured: null,
  };
}

export function sameRef(a: FrameRef, b: FrameRef): boolean {
  return a.frame === b.frame && a.pass === b.pass;
}

/** Every page the state refers to, each once. */
export function referencedFrames(state: FrameState): FrameRef[] {
  return uniqueRefs([
    ...state.sink,
    ...state.window,
    ...state.prototypes,
    ...state.bank.flat(),
    ...(state.captured ? [state.captured] : []),
  ]);
}

export const frameStates: StateLayout<FrameState> = {
  schema: frameStateSchema,
  empty: emptyMemory,
  references: referencedFrames,
  recalled: ({ bank }) => bank,
};

/** Each reference once, without what else may hang on it. */
export function uniqueRefs(all: readonly FrameRef[]): FrameRef[] {
  const unique = new Map(all.map(({ frame, pass }) => [`${pass}:${frame}`, { frame, pass }]));
  return [...unique.values()];
}
