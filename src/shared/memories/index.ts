import { z } from 'zod';
import { mag } from './mag.ts';
import type { MemoryChoice, MemoryKind } from './memory-kind.ts';
import { paper } from './paper.ts';
import { released } from './released.ts';

/** Every way of remembering, under the name that recipes and models give it. */
const kinds = { paper, released, mag };
export type MemoryMode = keyof typeof kinds;
export const memoryModes = Object.keys(kinds) as readonly MemoryMode[] as readonly [MemoryMode, ...MemoryMode[]];

/** The settings a chunk was made with, nothing left open. */
export const memorySettingsSchema = z.discriminatedUnion('mode', [paper.schema, released.schema, mag.schema]);
export type MemorySettings = z.infer<typeof memorySettingsSchema>;

export function memoryKind(mode: MemoryMode): MemoryKind {
  return kinds[mode];
}

/** The memory that settings stand for. */
export function memoryChoice({ mode, policy }: Pick<MemorySettings, 'mode' | 'policy'>): MemoryChoice {
  const { choices } = memoryKind(mode);
  return choices.find((choice) => choice.policy === policy) ?? choices[0];
}

export type { MemoryChoice, MemoryKind, MemorySetting } from './memory-kind.ts';
