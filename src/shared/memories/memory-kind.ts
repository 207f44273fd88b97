import type { z } from 'zod';
import type { FrameMemory } from './frame-memory.ts';

/** A memory that a person may choose: its name, what it lets the model look back on in a few words, and in a sentence. */
export interface MemoryChoice<Policy extends string = string> {
  /** As options and files spell it. */
  readonly id: string;
  readonly name: string;
  readonly short: string;
  readonly says: string;
  /** What a shot or a story says that asks for it. */
  readonly policy: Policy;
  /** What recipes say instead, where keys were made before it had a name of its own. */
  readonly held?: string;
  /** Whether frames further back than window and sink are remembered. */
  readonly recalls: boolean;
}

/** Weights of a memory that a model of another memory learned, in its folder of adapters. */
export interface AdapterFile {
  readonly file: string;
  /** Whose matrices it changes: those that draw, or those of the second transformer that it makes of them. */
  readonly of: 'generator' | 'memory';
}

/** A setting that a person may change. */
export interface MemorySetting {
  readonly name: 'bankFrames' | 'activatedFrames' | 'capacity';
  readonly label: string;
  /** In a sentence. */
  readonly says: string;
  readonly min: number;
  readonly max: number;
  /** Of which choices (their ids) it changes the result. */
  readonly of: readonly string[];
}

/** What of the settings a memory may change where it cannot follow them; `adapter` is there where it is had by one. */
export type SettledMemory = Pick<FrameMemory, 'bankFrames' | 'activatedFrames' | 'capacity'> & {
  readonly adapter?: string | undefined;
};

/**
 * What there is to say of one way of remembering without running it: what a recipe holds of it, what a person may choose and
 * change, what a model must bring, how its records read. What it does stands in `engine/memory`, in the folder of the same name.
 */
export interface MemoryKind<Mode extends string = string, Policy extends string = string> {
  /** Settings that a recipe holds; they enter the key, and nothing else of a memory does. */
  readonly schema: z.ZodObject<{ mode: z.ZodLiteral<Mode> }>;
  /** The first is what is chosen where a setting names none of them. */
  readonly choices: readonly [MemoryChoice<Policy>, ...MemoryChoice<Policy>[]];
  readonly settings: readonly MemorySetting[];
  readonly needs: {
    /**
     * The one way of counting time that it knows: from the story's start, or by the place in the context. Null: any but the
     * latter.
     */
    readonly positions: 'absolute' | 'slots' | null;
    /** Files of weights besides those of every model, of a model that was trained with it; null where no model is. */
    readonly weights: readonly string[] | null;
    /** With which a model of another memory has it too: all of them, or it has it not. None where no model has it so. */
    readonly adapters: readonly AdapterFile[];
  };
  readonly record: {
    /** What a score is: a share of attention in 0..1, a scaled dot product, or there are none. */
    readonly scores: 'share' | 'product' | 'none';
    /** In a sentence, what is special about it; null where nothing is. */
    readonly note: { readonly name: string; readonly says: string } | null;
    /** Why single words have no pull; null where they have. */
    readonly noWords: string | null;
    /** What only this memory tells of a chunk, under its mode in `of`; left out where that is nothing. */
    readonly told?: z.ZodObject<{ of: z.ZodLiteral<Mode> }>;
  };
  /** Why no frame can be pinned or banned, in a sentence; null where it can. */
  readonly notDirected: string | null;
  /** Why it cannot remember pictures, in a sentence; null where it can. */
  readonly noPictures: string | null;
  /** Settings as this memory can follow them, where a person's wishes leave room. */
  settle<Settings extends SettledMemory>(settings: Settings): Settings;
}
