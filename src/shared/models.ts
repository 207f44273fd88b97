import type { ShownError } from './errors.ts';
import { limits } from './project/limits.ts';
import type { StoryModel } from './story-model.ts';

/** What a file of a model may be. */
export type PartKind = 'generator' | 'text' | 'tokenizer' | 'decoder' | 'lora';

/** Parts without which there is no model, in the order they are told. */
export const requiredParts = ['generator', 'text', 'tokenizer', 'decoder'] as const satisfies readonly PartKind[];

/** A file that a person pointed at, and what it is by its content. */
export interface FoundFile {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** Null: it is no part of a model, and `problem` says why. */
  readonly kind: PartKind | null;
  /** `text encoder, 24 layers of 4096` */
  readonly what: string;
  readonly problem: { readonly message: string; readonly hint: string } | null;
}

export interface LookedAt {
  readonly files: readonly FoundFile[];
  /** Whose settings it seems to run with, by the names of the files. */
  readonly recipe: string;
  /** What each required part is called where it is published. */
  readonly wanted: Readonly<Record<(typeof requiredParts)[number], string>>;
}

/** A model in the folder of models. */
export interface InstalledModel {
  /** Name of its folder, by which it is chosen. */
  readonly id: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly state:
    | {
        readonly kind: 'ready';
        readonly name: string;
        readonly width: number;
        readonly height: number;
        readonly memory: string;
        /** Layers and width of the generator. */
        readonly family: string;
        /** How weights are stored, by part: `text encoder int8`. */
        readonly types: readonly string[];
        /** What rendering on the processor takes at least, in bytes. */
        readonly memoryBytes: number;
        /** Of all its files together; null where they were neither digested when they came nor loaded since. */
        readonly digest: string | null;
        /** By size and time its files are those that were imported; null where that was not written down. */
        readonly inOrder: boolean | null;
        readonly licence: string | null;
        /** Repositories its files came from; empty where a person gave the files. */
        readonly sources: readonly string[];
      }
    /** An import that was stopped; importing again goes on with it. */
    | { readonly kind: 'unfinished' }
    | { readonly kind: 'unusable'; readonly why: string };
}

/** A published model that can be got by its name. */
export interface PublishedOffer {
  readonly recipe: string;
  readonly name: string;
  readonly repository: string;
  readonly licence: string | null;
  readonly note: string;
  /** Of all its files, about. */
  readonly aboutBytes: number;
  /** Of the files of each part, about; none of a part that cannot be got. */
  readonly partBytes: Readonly<Partial<Record<PartKind, number>>>;
  /** False where only files that a person has can be used. */
  readonly canGet: boolean;
}

/** What getting these parts of a published model fetches, in bytes, about; its own LoRA comes with its generator. */
export function bytesToGet(offer: PublishedOffer, missing: readonly PartKind[], hasLora: boolean): number {
  const parts = missing.includes('generator') && !hasLora ? [...missing, 'lora' as const] : missing;
  return parts.reduce((sum, part) => sum + (offer.partBytes[part] ?? 0), 0);
}

/** What there is on this machine, and what can be got. */
export interface ModelsHere {
  /** Where imported models are. */
  readonly folder: string;
  /** The model that comes with Throughline; null where it cannot be read. */
  readonly builtIn: { readonly name: string; readonly digest: string } | null;
  readonly models: readonly InstalledModel[];
  readonly offers: readonly PublishedOffer[];
}

/** Where the model of a story is, or can be got. */
export type ModelPlace =
  /** On this machine; `id` is what it is chosen by, null: the built-in one. */
  | { readonly kind: 'here'; readonly id: string | null }
  /** A published model that can be got by its name. */
  | { readonly kind: 'offered'; readonly offer: PublishedOffer }
  /** It came from these repositories. */
  | { readonly kind: 'published'; readonly sources: readonly string[] }
  /** It came with another Throughline. */
  | { readonly kind: 'built-in' }
  /** A person gave its files. */
  | { readonly kind: 'files' };

/** How a story names a model. */
export function storyModelOf({ name, digest }: Pick<StoryModel, 'name' | 'digest'>, here: ModelsHere): StoryModel {
  const nowhere = { name, digest, builtIn: here.builtIn?.digest === digest, sources: [] };
  const found = here.models.find(({ state }) => state.kind === 'ready' && state.digest === digest);
  if (nowhere.builtIn || found?.state.kind !== 'ready') return nowhere;
  return { ...nowhere, sources: [...new Set(found.state.sources)].slice(0, limits.modelSources) };
}

export function placeOfModel({ digest, builtIn, sources }: StoryModel, here: ModelsHere): ModelPlace {
  if (here.builtIn?.digest === digest) return { kind: 'here', id: null };
  const installed = here.models.find(({ state }) => state.kind === 'ready' && state.digest === digest);
  if (installed) return { kind: 'here', id: installed.id };
  if (builtIn) return { kind: 'built-in' };
  const offer = here.offers.find(({ canGet, repository }) => canGet && sources.includes(repository));
  if (offer) return { kind: 'offered', offer };
  return sources.length > 0 ? { kind: 'published', sources } : { kind: 'files' };
}

/** What a job at models is at. */
export type ModelProgress =
  | { readonly stage: 'looking' }
  | {
      readonly stage: 'fetching' | 'importing';
      readonly file: string;
      readonly doneBytes: number;
      readonly ofBytes: number;
    }
  | { readonly stage: 'checking' };

/** How published files become a model. */
export interface ImportChoices {
  /** Whose settings; a recipe's id. */
  readonly recipe: string;
  readonly name: string;
  readonly textType?: 'int4' | 'int8' | 'fp16' | undefined;
  readonly size?: { readonly width: number; readonly height: number } | undefined;
  readonly ema?: boolean | undefined;
  readonly heads?: number | undefined;
  readonly lora?: string | undefined;
  readonly loraAlpha?: number | undefined;
  /** MAG: the generator that remembers. */
  readonly memoryModel?: string | undefined;
}

/** Work at models that takes a while and is done in a process of its own. */
export type ModelTask =
  | { readonly kind: 'look'; readonly paths: readonly string[] }
  | ({ readonly kind: 'import'; readonly paths: readonly string[] } & ImportChoices)
  | ({
      readonly kind: 'get';
      /** `owner/name[@revision]`; null: as the recipe has it. */
      readonly repository: string | null;
      /** Of that repository; empty: all weights it holds. */
      readonly files: readonly string[];
      /** Parts that are on this machine already, files and folders. */
      readonly have: readonly string[];
      /** Keep what was fetched after it was imported. */
      readonly keep?: boolean | undefined;
    } & ImportChoices)
  | { readonly kind: 'check'; readonly model: string };

/** A model that was made of published files. */
export interface ImportedModel {
  readonly folder: string;
  /** What each of its files was made of. */
  readonly lines: readonly string[];
  /** Files that one may have expected in it and that are not, a sentence each. */
  readonly notUsed: readonly string[];
}

/** What a task ends with. */
export interface ModelResults {
  readonly look: LookedAt;
  readonly import: ImportedModel;
  readonly get: ImportedModel;
  readonly check: {
    readonly path: string;
    /** Files that are not as they were imported; null where no digests were written down. */
    readonly changed: readonly string[] | null;
    /** Tensors that stayed in fp32 because their values leave fp16. */
    readonly wide: number;
  };
}

/** A task in the studio's queue of models: one is done at a time. */
export interface ModelJob {
  readonly id: string;
  readonly kind: 'import' | 'get' | 'check';
  /** Name of the model. */
  readonly model: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: ModelProgress;
  /** What it came to, in a sentence; empty until then. */
  readonly outcome: string;
  readonly error: ShownError | null;
}
