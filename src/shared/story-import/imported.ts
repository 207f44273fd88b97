import type { Footage } from '../footage.ts';
import type { FrameSize } from '../frame-size.ts';
import type { MemoryOverrides } from '../memory-settings.ts';
import type { FirstFrame } from '../pictures.ts';
import type { ShotFields } from '../shot-fields.ts';
import type { PromptTelling, ShotTelling, TransitionChoice } from '../story.ts';
import type { StoryModel } from '../story-model.ts';
import type { Trim } from '../trim.ts';
import type { FootageFile } from './footage-file.ts';

/** The kinds of file that are read, by what they are called on the screen. */
export const scriptFormats = {
  'throughline-story': 'Throughline story',
  'prompt-script': 'MemFlow or LongLive prompts',
  'scope-timeline': 'Scope timeline',
  'scope-workflow': 'Scope workflow',
  storymem: 'StoryMem story',
  'prompt-lines': 'Infinity-RoPE prompts',
  'plain-text': 'Plain text',
  fountain: 'Fountain screenplay',
  'final-draft': 'Final Draft screenplay',
} as const;
export type ScriptFormat = keyof typeof scriptFormats;

/** What a file holds, before anything is made of it. Plain data: it crosses the API as it is. */
export interface ImportedScript {
  readonly format: ScriptFormat;
  readonly title: string;
  /** Lines of a title page but for the title, in their order: `Author`, `Draft date`. */
  readonly titlePage: readonly { readonly key: string; readonly value: string }[];
  /** At least one, each with at least one shot. */
  readonly stories: readonly ImportedStory[];
  /** What the file says that we do otherwise, keep aside or leave out. */
  readonly notes: readonly ImportNote[];
  /** Pictures that its stories name, each once: a file beside it, or a `data:` address. Absent: none. */
  readonly pictureFiles?: readonly string[];
  /** Footage that its story holds. Absent: none. */
  readonly footageFile?: FootageFile;
}

export interface ImportedStory {
  readonly title: string;
  readonly seed: number;
  /** What it was made with, where the file says so. */
  readonly model?: StoryModel;
  /** Of its frames, where the file says so. */
  readonly frameSize?: FrameSize;
  /** What the model is told of its prompts. Absent: as written. */
  readonly prompts?: PromptTelling;
  /** Settings for every shot of the story; pins and bans hold from its first shot on. */
  readonly memory?: MemoryOverrides;
  /** At least one. A format without scenes gives one scene without a heading. */
  readonly scenes: readonly ImportedScene[];
}

export interface ImportedScene {
  /** As written, without its number and marks: `INT. KITCHEN - DAY`; empty where shots stand before any heading. */
  readonly heading: string;
  readonly number: string | null;
  /** Sections that the scene stands in, outermost first: `ACT ONE`. */
  readonly sections: readonly string[];
  readonly synopsis: string;
  /** Line of the heading in the file, counted from 1; null where the format has no lines worth naming. */
  readonly line: number | null;
  /** At least one. */
  readonly shots: readonly ImportedShot[];
}

export interface ImportedShot {
  /** Unique within this script, and the same whenever the same text is read: `1.3.2` is story 1, scene 3, shot 2. */
  readonly key: string;
  /** What the model will be given. Never empty; nothing of the dialogue is in it. */
  readonly prompt: string;
  /** Length in chunks. */
  readonly chunks: number;
  /** Absent: the story's. */
  readonly seed?: number;
  /** Absent: whatever a new shot has. */
  readonly transition?: TransitionChoice;
  /** Absent: as the story has it. */
  readonly told?: ShotTelling;
  readonly memory?: MemoryOverrides;
  readonly fields: ShotFields;
  /** Absent: all of it is shown. */
  readonly trim?: Trim;
  /** The picture that a film begins with; of a story's first shot. */
  readonly firstFrame?: FirstFrame;
  readonly footage?: Footage;
  /** Line of the file that it begins on, counted from 1; null where the format has no lines worth naming. */
  readonly line: number | null;
}

/**
 * `changed`: taken otherwise than the file says it (an encoding, a rounded time). `kept`: kept in a field or on the
 * title page, not shown to the model. `left-out`: not kept.
 */
export type ImportNoteKind = 'changed' | 'kept' | 'left-out';

export interface ImportNote {
  readonly kind: ImportNoteKind;
  /** Line that it is about, counted from 1, the first of several; null for the file as a whole or a place in JSON. */
  readonly line: number | null;
  /** The places in words: `line 3`, `prompts[1]`, `lines 3, 8 and 12 more`; empty for the file as a whole. */
  readonly where: string;
  /** One sentence, without a line break. */
  readonly text: string;
}

/** Every shot of a story in order, scenes left out. */
export function shotsOfStory(story: ImportedStory): ImportedShot[] {
  return story.scenes.flatMap((scene) => scene.shots);
}

/** A note as one sentence for a terminal or a notice. */
export function noteSentence(fileName: string, note: ImportNote): string {
  return `${[fileName, note.where].filter(Boolean).join(', ')}: ${note.text}`;
}
