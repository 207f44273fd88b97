import { z } from 'zod';
import { emaSink } from './ema-sink.ts';
import type { FrameMemory } from './frame-memory.ts';
import { framepack } from './framepack.ts';
import { mag } from './mag.ts';
import type { MemoryChoice as ChoiceOf, MemoryKind as KindOf } from './memory-kind.ts';
import { memorypack } from './memorypack.ts';
import { paper } from './paper.ts';
import { released } from './released.ts';

/** Every way of remembering, under the name that recipes and models give it. All that is said of memories below follows from it. */
const kinds = { paper, released, mag, framepack, memorypack, 'ema-sink': emaSink };
export type MemoryMode = keyof typeof kinds;
export const memoryModes = Object.keys(kinds) as readonly MemoryMode[] as readonly [MemoryMode, ...MemoryMode[]];

/** What a shot or a story may ask for, of whatever memory. */
export type PolicyName = (typeof kinds)[MemoryMode]['choices'][number]['policy'];
export type MemoryChoice = ChoiceOf<PolicyName>;
export type MemoryKind = KindOf<MemoryMode, PolicyName>;
const everyPolicy = Object.values(kinds).flatMap(({ choices }) => choices.map(({ policy }): PolicyName => policy));
export const policyNames = [...new Set(everyPolicy)] as readonly PolicyName[] as readonly [PolicyName, ...PolicyName[]];
export const policyNameSchema = z.enum(policyNames);

/** The settings a chunk was made with, nothing left open. */
export interface MemorySettings extends Omit<FrameMemory, 'policy'> {
  readonly mode: MemoryMode;
  readonly policy: PolicyName;
  /** Digest of the adapter, of a memory that a model has by one. */
  readonly adapter?: string | undefined;
  /** Of a memory whose sink moves: so much of it stays each time that frames are fused into it, 0..1. */
  readonly sinkAlpha?: number | undefined;
}
type SettingsSchema = (typeof kinds)[MemoryMode]['schema'];
/** Each memory reads its own settings and no others. */
export const memorySettingsSchema: z.ZodType<MemorySettings> = z.discriminatedUnion(
  'mode',
  Object.values(kinds).map(({ schema }): SettingsSchema => schema) as [SettingsSchema, ...SettingsSchema[]],
);

type ToldOf<Kind> = Kind extends { readonly record: { readonly told: z.ZodType<infer Told> } } ? Told : never;
/** What only one memory tells of a chunk: its mode in `of`, the rest is its own. */
export type MemoryTold = ToldOf<(typeof kinds)[MemoryMode]>;
export const memoryToldSchema = z.union(
  Object.values<MemoryKind>(kinds).flatMap(({ record }) => record.told ?? []),
) as unknown as z.ZodType<MemoryTold>;

/** What this memory tells of a chunk; null in records of others, and where nothing was told. */
export function toldBy<Mode extends MemoryTold['of']>(
  mode: Mode,
  { told }: { readonly told?: MemoryTold | undefined },
): Extract<MemoryTold, { of: Mode }> | null {
  return told?.of === mode ? (told as Extract<MemoryTold, { of: Mode }>) : null;
}

export function memoryKind(mode: MemoryMode): MemoryKind {
  return kinds[mode];
}

/** Whether recipes of this memory hold a setting of that name. */
export function holdsSetting(mode: MemoryMode, name: string): boolean {
  return name in memoryKind(mode).schema.shape;
}

/** A memory that a model has besides its own, by adapters beside its weights. */
export interface MemoryAdapter {
  readonly mode: MemoryMode;
  /** SHA-256 of the file, or over those of its files, 64 hex digits. */
  readonly digest: string;
}

/** What of a model says which memories it has. */
export interface ModelMemories {
  readonly memory: Pick<MemorySettings, 'mode'>;
  readonly adapters?: readonly MemoryAdapter[] | undefined;
}

/** Memories that a model of another one can have by adapters. */
export const adapterModes = memoryModes.filter((mode) => memoryKind(mode).needs.adapters.length > 0);

/** The choice of a memory that a policy stands for, as it is asked for or as recipes hold it; undefined where it is of another memory. */
export function choiceWithin(mode: MemoryMode, policy: string): MemoryChoice | undefined {
  return memoryKind(mode).choices.find((choice) => choice.policy === policy || choice.held === policy);
}

/** The memory that settings stand for; the policy may also be one of a memory that a model has by an adapter. */
export function memoryChoice({
  mode,
  policy,
}: {
  readonly mode: MemoryMode;
  readonly policy: PolicyName;
}): MemoryChoice {
  const other = adapterModes.find((one) => asks(one, policy));
  return (
    choiceWithin(mode, policy) ??
    (other === undefined ? undefined : choiceWithin(other, policy)) ??
    memoryKind(mode).choices[0]
  );
}

/** The memories that a model can be asked for: those of its own kind, and those that it has adapters for. */
export function choicesOf({ memory, adapters = [] }: ModelMemories): readonly MemoryChoice[] {
  // A model's own memory is asked for by the name that its recipes hold.
  const own = memoryKind(memory.mode).choices.map((choice) => ({
    ...choice,
    policy: (choice.held ?? choice.policy) as PolicyName,
  }));
  return [...own, ...adapters.flatMap(({ mode }) => memoryKind(mode).choices)];
}

/** The built-in model's memories with those that it has where their adapters are there: what options list before a model is known. */
export const listedChoices: readonly MemoryChoice[] = ['paper' as const, ...adapterModes].flatMap(
  (mode) => memoryKind(mode).choices,
);

/** Which adapter a policy asks for: null where it is of the model's own memory, or of none that is had by adapters. */
export function adapterModeOf(policy: PolicyName, { memory }: ModelMemories): MemoryMode | null {
  if (choiceWithin(memory.mode, policy)) return null;
  return adapterModes.find((mode) => asks(mode, policy)) ?? null;
}

function asks(mode: MemoryMode, policy: PolicyName): boolean {
  return memoryKind(mode).choices.some((choice) => choice.policy === policy);
}

/** Where a memory's adapters lie in a model's folder, in words. */
export function adapterFilesOf(mode: MemoryMode): string {
  return memoryKind(mode)
    .needs.adapters.map(({ file }) => `${adaptersFolder}/${file}`)
    .join(' and ');
}

export const adaptersFolder = 'adapters';

export type { AdapterFile, MemorySetting } from './memory-kind.ts';
