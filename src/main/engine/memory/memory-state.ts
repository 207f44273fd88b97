import { z } from 'zod';

/** One frame's K and V as made by one pass: a commit, or a recache. The same for every layer. */
export const frameRefSchema = z.strictObject({ frame: z.int().min(0), pass: z.string().min(1) });
export type FrameRef = z.infer<typeof frameRefSchema>;

const prototypeSchema = z.strictObject({
  ...frameRefSchema.shape,
  /** Index of the last chunk that had it in a bank; at first the chunk it came from. */
  lastUsed: z.int().min(0),
});
export type Prototype = z.infer<typeof prototypeSchema>;

/**
 * What is remembered after a chunk: references to pages, nothing else. Plain data, so that a snapshot of it is JSON.
 */
export const memoryStateSchema = z.strictObject({
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
export type MemoryState = z.infer<typeof memoryStateSchema>;

export function emptyMemory(layers: number): MemoryState {
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
export function referencedFrames(state: MemoryState): FrameRef[] {
  const all = [
    ...state.sink,
    ...state.window,
    ...state.prototypes,
    ...state.bank.flat(),
    ...(state.captured ? [state.captured] : []),
  ];
  const unique = new Map(all.map(({ frame, pass }) => [`${pass}:${frame}`, { frame, pass }]));
  return [...unique.values()];
}
