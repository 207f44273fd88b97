import type { ShotId } from '../project/document.ts';
import type { ShotFieldName } from '../shot-fields.ts';
import type { ImportedScript } from '../story-import/imported.ts';
import type { StoryWords } from '../word-help.ts';

/** What bringing a script in would do, before anything is done. */
export interface ImportPreview {
  /** What becomes what: scenes, shots with prompts and fields, and notes with the line each is about. */
  readonly script: ImportedScript;
  /** Shots in all. */
  readonly shotCount: number;
  /** Words that the model does not know; `shots` count the shots of all stories in order, from 0. */
  readonly words: StoryWords;
  /** Where a script of this name was brought in before: what an update would change. Null: it is new here. */
  readonly update: ImportUpdate | null;
}

/** How a changed script differs from what was made of it before. */
export interface ImportUpdate {
  readonly changes: readonly ImportChange[];
  readonly same: number;
}

/** A part of a shot that a script says. */
export type ScriptPart = 'prompt' | 'chunks' | 'transition' | ShotFieldName;

export type ImportChange =
  /** `parts` follow the script. `kept` were changed by the person since and by the script too: they stay. */
  | {
      readonly kind: 'changed';
      readonly key: string;
      readonly shotId: ShotId;
      readonly parts: readonly ScriptPart[];
      readonly kept: readonly ScriptPart[];
      /** It stands elsewhere in the script. */
      readonly moved: boolean;
    }
  | { readonly kind: 'new'; readonly key: string }
  /** No longer in the script. It stays where it is if something was made of it or it was changed by the person. */
  | { readonly kind: 'gone'; readonly shotId: ShotId; readonly stays: boolean };
