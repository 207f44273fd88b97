import { nanoid } from 'nanoid';
import type { ImportPreview } from '../../../shared/api/import-preview.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { MemoryOverrides } from '../../../shared/memory-settings.ts';
import { emptyDocument } from '../../../shared/project/apply-command.ts';
import { requireWithinLimits } from '../../../shared/project/check-limits.ts';
import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import {
  defaultChunksPerPrompt,
  defaultTransition,
  type ImportedScript,
  type ImportedShot,
  type ImportedStory,
  noteSentence,
  readScript,
  shotsOfStory,
  type TextEncoding,
} from '../../../shared/story-import/index.ts';
import { checkStory } from '../words/story-words.ts';
import type { Vocabulary } from '../words/vocabulary.ts';

/** What scripts are read with before a model has said what it is. */
const assumed = { fps: 8, chunkFrames: 3 };

/** A script as a window or a file gives it. */
export interface ScriptText {
  readonly name: string;
  readonly text: string;
  /** How its bytes were read. */
  readonly encoding?: TextEncoding | undefined;
  /** Length of a shot where the script gives none, in chunks. */
  readonly chunksPerPrompt?: number | undefined;
}

export interface ShotsOfScript {
  readonly title: string;
  /** One list a story, in story order, the first without a parent. */
  readonly stories: readonly (readonly ProjectShot[])[];
  readonly warnings: readonly string[];
}

/** @throws ThroughlineError `bad-story` naming the line */
export function readScriptText(script: ScriptText, model: ModelInfo | null): ImportedScript {
  const options = {
    fileName: script.name,
    chunksPerPrompt: script.chunksPerPrompt ?? defaultChunksPerPrompt,
    fps: model?.video.fps ?? assumed.fps,
    chunkFrames: model?.chunkFrames ?? assumed.chunkFrames,
  };
  return readScript(script.text, options, script.encoding);
}

/**
 * What importing a script would do; nothing is changed.
 * @throws ThroughlineError `bad-story` naming the line
 */
export function previewScript(script: ScriptText, model: ModelInfo | null, vocabulary: Vocabulary): ImportPreview {
  const read = readScriptText(script, model);
  const prompts = read.stories.flatMap(shotsOfStory).map(({ prompt }) => prompt);
  return { script: read, shotCount: prompts.length, words: checkStory(vocabulary, prompts), update: null };
}

/**
 * The shots that a script becomes.
 * @param leaveOut keys of its shots that are not wanted
 * @throws ThroughlineError `bad-story` naming the line, `bad-input` where nothing is left, or more than a project may hold
 */
export function importScript(
  script: ScriptText,
  model: ModelInfo | null,
  leaveOut: readonly string[] = [],
): ShotsOfScript {
  const read = readScriptText(script, model);
  const unwanted = new Set(leaveOut);
  const stories = read.stories
    .map((story) => projectShots(story, (shot) => !unwanted.has(shot.key)))
    .filter((shots) => shots.length > 0);
  if (stories.length === 0) {
    throw new ThroughlineError('bad-input', `Every shot of ${script.name} is left out.`, 'Keep at least one.');
  }
  const nothing = emptyDocument('');
  requireWithinLimits(nothing, { ...nothing, shots: stories.flat() });
  return { title: read.title, stories, warnings: read.notes.map((note) => noteSentence(script.name, note)) };
}

/** The shots of one story that are wanted, each after the one before. */
function projectShots(story: ImportedStory, isWanted: (shot: ImportedShot) => boolean): ProjectShot[] {
  let parent: string | null = null;
  return shotsOfStory(story)
    .filter(isWanted)
    .map((shot, index): ProjectShot => {
      const made = projectShot(shot, story, index === 0, parent);
      parent = made.id;
      return made;
    });
}

function projectShot(shot: ImportedShot, story: ImportedStory, isFirst: boolean, parent: string | null): ProjectShot {
  return {
    id: nanoid(),
    parent,
    name: '',
    prompt: shot.prompt,
    chunks: shot.chunks,
    seed: shot.seed ?? story.seed,
    seedLocked: false,
    transition: shot.transition ?? defaultTransition,
    memory: memoryOf(story.memory, shot.memory, isFirst),
    held: null,
    ...(Object.keys(shot.fields).length > 0 ? { fields: shot.fields } : {}),
  };
}

/** A story's settings hold for each of its shots; its pins and bans from the first one on. */
function memoryOf(story: MemoryOverrides = {}, shot: MemoryOverrides = {}, first: boolean): MemoryOverrides {
  const { pins = [], bans = [], ...settings } = story;
  const directed = first
    ? { pins: [...pins, ...(shot.pins ?? [])], bans: [...bans, ...(shot.bans ?? [])] }
    : { pins: shot.pins ?? [], bans: shot.bans ?? [] };
  return {
    ...settings,
    ...shot,
    ...(directed.pins.length > 0 ? { pins: directed.pins } : {}),
    ...(directed.bans.length > 0 ? { bans: directed.bans } : {}),
  };
}
