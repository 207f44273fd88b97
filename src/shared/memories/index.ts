import { z } from 'zod';
import type { FrameMemory, PolicyName } from './frame-memory.ts';
import { framepack } from './framepack.ts';
import { mag } from './mag.ts';
import type { MemoryChoice, MemoryKind } from './memory-kind.ts';
import { paper } from './paper.ts';
import { released } from './released.ts';

/** Every way of remembering, under the name that recipes and models give it. */
const kinds = { paper, released, mag, framepack };
export type MemoryMode = keyof typeof kinds;
export const memoryModes = Object.keys(kinds) as readonly MemoryMode[] as readonly [MemoryMode, ...MemoryMode[]];

/** The settings a chunk was made with, nothing left open. */
export interface MemorySettings extends Omit<FrameMemory, 'policy'> {
  readonly mode: MemoryMode;
  readonly policy: PolicyName;
  /** Digest of the adapter, of a memory that needs one. */
  readonly adapter?: string;
}
/** Each memory reads its own settings and no others. */
export const memorySettingsSchema: z.ZodType<MemorySettings> = z.discriminatedUnion('mode', [
  paper.schema,
  released.schema,
  mag.schema,
  framepack.schema,
]);

export function memoryKind(mode: MemoryMode): MemoryKind {
  return kinds[mode];
}

/** A memory that a model has besides its own, by an adapter beside its weights. */
export interface MemoryAdapter {
  readonly mode: MemoryMode;
  /** SHA-256 of the file, 64 hex digits. */
  readonly digest: string;
}

/** What of a model says which memories it has. */
export interface ModelMemories {
  readonly memory: Pick<MemorySettings, 'mode'>;
  readonly adapters?: readonly MemoryAdapter[] | undefined;
}

/** Memories that need an adapter. */
export const adapterModes = memoryModes.filter((mode) => memoryKind(mode).needs.adapter !== null);

/** The memory that settings stand for; the policy may also be one of a memory that a model has by an adapter. */
export function memoryChoice({
  mode,
  policy,
}: {
  readonly mode: MemoryMode;
  readonly policy: PolicyName;
}): MemoryChoice {
  const { choices } = memoryKind(mode);
  const every = [...choices, ...adapterModes.flatMap((other) => memoryKind(other).choices)];
  return every.find((choice) => choice.policy === policy) ?? choices[0];
}

/** The memories that a model can be asked for: those of its own kind, and those that it has adapters for. */
export function choicesOf({ memory, adapters = [] }: ModelMemories): readonly MemoryChoice[] {
  return [memory.mode, ...adapters.map(({ mode }) => mode)].flatMap((mode) => memoryKind(mode).choices);
}

/** The built-in model's memories with those that it has where their adapters are there: what options list before a model is known. */
export const listedChoices: readonly MemoryChoice[] = ['paper' as const, ...adapterModes].flatMap(
  (mode) => memoryKind(mode).choices,
);

/** Which adapter a policy asks for: null where it is of the model's own memory, or of none that needs one. */
export function adapterModeOf(policy: PolicyName, { memory }: ModelMemories): MemoryMode | null {
  const has = (mode: MemoryMode): boolean => memoryKind(mode).choices.some((choice) => choice.policy === policy);
  return has(memory.mode) ? null : (adapterModes.find(has) ?? null);
}

export type { MemoryChoice, MemoryKind, MemorySetting } from './memory-kind.ts';
