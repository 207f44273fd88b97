import { setImmediate as breathe } from 'node:timers/promises';
import { nanoid } from 'nanoid';
import type { ImportPreview, ImportUpdate } from '../../../../shared/api/import-preview.ts';
import { ThroughlineError } from '../../../../shared/errors.ts';
import type { FrameSize } from '../../../../shared/frame-size.ts';
import type { MemoryOverrides } from '../../../../shared/memory-settings.ts';
import { picturesAlong } from '../../../../shared/pictures.ts';
import { emptyDocument } from '../../../../shared/project/apply-command.ts';
import { requireWithinLimits } from '../../../../shared/project/check-limits.ts';
import type { Command } from '../../../../shared/project/commands.ts';
import type { ProjectDocument, ProjectShot, ShotId } from '../../../../shared/project/document.ts';
import type { ModelInfo } from '../../../../shared/render.ts';
import type { ScriptOrigin } from '../../../../shared/script-origin.ts';
import type { PromptTelling } from '../../../../shared/story.ts';
import {
  defaultChunksPerPrompt,
  defaultTransition,
  type ImportedScript,
  type ImportedShot,
  type ImportedStory,
  noteSentence,
  type PictureFound,
  readScript,
  shotsOfStory,
  type TextEncoding,
} from '../../../../shared/story-import/index.ts';
import { mergeImport, originOf } from '../../../../shared/story-import/merge-import.ts';
import type { StoryModel } from '../../../../shared/story-model.ts';
import { type PromptCheck, type StoryWords, storyWords } from '../../../../shared/word-help.ts';
import type { Vocabulary } from '../../words/vocabulary.ts';
import type { OpenProject } from '../open-project.ts';

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
  /** What came of looking for the pictures that it names. */
  readonly pictures?: ReadonlyMap<string, PictureFound> | undefined;
  /** What the footage that it holds is called. */
  readonly footage?: { readonly asset: string } | undefined;
  /** Whether a picture that it names by its digest is there; left off: all are. */
  readonly hasPicture?: ((asset: string) => boolean) | undefined;
}

export interface ShotsOfScript {
  readonly title: string;
  /** What the file says it was made with; null where it says nothing, or its stories differ. */
  readonly model: StoryModel | null;
  readonly frameSize: FrameSize | null;
  /** What the model is told of the prompts in the project that takes them in. */
  readonly prompts: PromptTelling;
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
    pictures: script.pictures,
    hasPicture: script.hasPicture,
    footage: script.footage,
  };
  return readScript(script.text, options, script.encoding);
}

/**
 * What importing a script would do; nothing is changed.
 * @throws ThroughlineError `bad-story` naming the line
 */
export async function previewScript(
  script: ScriptText,
  model: ModelInfo | null,
  vocabulary: Vocabulary,
  into: ImportTarget | null,
): Promise<ImportPreview> {
  const read = readScriptText(script, model);
  const prompts = read.stories.flatMap(shotsOfStory).map(({ prompt }) => prompt);
  const words = await checkWords(vocabulary, prompts);
  const update = into && (mergeInto(script.name, read, into)?.update ?? null);
  const { pictureFiles: _, footageFile: __, ...shown } = read; // may hold whole pictures
  return { script: shown, shotCount: prompts.length, words, update };
}

/** So long at a time, in milliseconds, the words of a script are looked at before others have their turn. */
const wordSliceMs = 20;

/** What a model makes of the words, bit by bit: help for the thousands of unknown words of a long script takes seconds. */
async function checkWords(vocabulary: Vocabulary, prompts: readonly string[]): Promise<StoryWords> {
  const checks: PromptCheck[] = [];
  let from = performance.now();
  for (const prompt of prompts) {
    checks.push(vocabulary.check(prompt));
    if (performance.now() - from < wordSliceMs) continue;
    await breathe();
    from = performance.now();
  }
  return storyWords(prompts, checks);
}

/** The project that a script is brought into. */
export interface ImportTarget {
  readonly document: ProjectDocument;
  /** Whether anything was generated for a shot. */
  readonly isMade: (id: ShotId) => boolean;
}

/** @param model null where none has been loaded: then only whole takes count as made */
export function importTarget(
  project: Pick<OpenProject, 'document' | 'takes' | 'chunks' | 'plan'>,
  model: ModelInfo | null,
): ImportTarget {
  const withTakes = new Set(project.takes.map(({ shotId }) => shotId));
  const plan = model && project.plan(model);
  const hasChunks = (id: ShotId) => plan?.chunksOf(id).some(({ key }) => project.chunks.has(key)) ?? false;
  return { document: project.document, isMade: (id) => withTakes.has(id) || hasChunks(id) };
}

export interface ScriptUpdate {
  readonly commands: readonly Command[];
  readonly update: ImportUpdate;
  readonly warnings: readonly string[];
}

/**
 * How a project follows a script that it was made from before and that was changed since.
 * @param leaveOut keys of new shots that are not wanted
 * @throws ThroughlineError `bad-story` naming the line, `bad-input` where nothing of this script is in the project
 */
export function updateScript(
  script: ScriptText,
  model: ModelInfo | null,
  into: ImportTarget,
  leaveOut: readonly string[] = [],
): ScriptUpdate {
  const read = readScriptText(script, model);
  const merge = mergeInto(script.name, read, into, leaveOut);
  if (!merge) {
    const what = `Nothing in this project was brought in from ${script.name}.`;
    throw new ThroughlineError('bad-input', what, 'Import it without updating.');
  }
  return { ...merge, warnings: read.notes.map((note) => noteSentence(script.name, note)) };
}

function mergeInto(file: string, read: ImportedScript, into: ImportTarget, leaveOut: readonly string[] = []) {
  return mergeImport(into.document, read, {
    file,
    makeShot: (shot, story, index) =>
      projectShot(shot, {
        story: toldWithin(into.document.prompts, read.stories[story] as ImportedStory),
        origin: originOf(shot, file, story, index),
        isFirst: false,
      }),
    isMade: into.isMade,
    leaveOut: new Set(leaveOut),
  });
}

/**
 * The shots that a script becomes.
 * @param leaveOut keys of its shots that are not wanted
 * @param into what the model is told of prompts in the project that they come into; null: they are a new project
 * @throws ThroughlineError `bad-story` naming the line, `bad-input` where nothing is left, or more than a project may hold
 */
export function importScript(
  script: ScriptText,
  loaded: ModelInfo | null,
  leaveOut: readonly string[] = [],
  into: PromptTelling | null = null,
): ShotsOfScript {
  const read = readScriptText(script, loaded);
  const unwanted = new Set(leaveOut);
  const isCompleted = read.stories.some((story) => story.prompts === 'completed');
  const prompts = into ?? (isCompleted ? 'completed' : 'as-written');
  const stories = read.stories
    .map((story, i) => projectShots(script.name, [i, toldWithin(prompts, story)], (shot) => !unwanted.has(shot.key)))
    .filter((shots) => shots.length > 0);
  if (stories.length === 0) {
    throw new ThroughlineError('bad-input', `Every shot of ${script.name} is left out.`, 'Keep at least one.');
  }
  const nothing = emptyDocument('');
  requireWithinLimits(nothing, { ...nothing, shots: stories.flat() });
  const [model = null, ...others] = read.stories.map((story) => story.model ?? null);
  const isOne = others.every((one) => one?.digest === model?.digest);
  const [frameSize = null, ...sizes] = read.stories.map((story) => story.frameSize ?? null);
  return {
    title: read.title,
    model: isOne ? model : null,
    frameSize:
      isOne && sizes.every((size) => size?.width === frameSize?.width && size?.height === frameSize?.height)
        ? frameSize
        : null,
    prompts,
    stories,
    warnings: read.notes.map((note) => noteSentence(script.name, note)),
  };
}

/** The shots of one story that are wanted, each after the one before. */
function projectShots(
  file: string,
  [storyIndex, story]: readonly [number, ImportedStory],
  isWanted: (shot: ImportedShot) => boolean,
): ProjectShot[] {
  const wanted = [...shotsOfStory(story).entries()].filter(([, shot]) => isWanted(shot));
  let parent: string | null = null;
  return wanted.map(([index, shot], i): ProjectShot => {
    const made = projectShot(shot, { story, origin: originOf(shot, file, storyIndex, index), isFirst: i === 0 });
    const placed = { ...made, parent };
    parent = made.id;
    return placed;
  });
}

/** A story whose prompts are told as written, also among others whose prompts are completed. */
function toldWithin(prompts: PromptTelling, story: ImportedStory): ImportedStory {
  if (prompts === 'as-written' || story.prompts === 'completed') return story;
  const scenes = story.scenes.map((scene) => ({
    ...scene,
    shots: scene.shots.map((shot) => ({ ...shot, told: 'as-written' as const })),
  }));
  return { ...story, scenes };
}

interface ShotPlace {
  readonly story: ImportedStory;
  readonly origin: ScriptOrigin;
  readonly isFirst: boolean;
}

function projectShot(shot: ImportedShot, { story, origin, isFirst }: ShotPlace): ProjectShot {
  return {
    id: nanoid(),
    parent: null,
    name: '',
    prompt: shot.prompt,
    chunks: shot.chunks,
    seed: shot.seed ?? story.seed,
    seedLocked: false,
    transition: shot.transition ?? defaultTransition,
    memory: memoryOf(story.memory, shot.memory, isFirst),
    held: null,
    ...(shot.told === 'as-written' ? { told: shot.told } : {}),
    ...(Object.keys(shot.fields).length > 0 ? { fields: shot.fields } : {}),
    ...(shot.trim ? { trim: shot.trim } : {}),
    ...(shot.firstFrame ? { firstFrame: shot.firstFrame } : {}),
    ...(shot.footage ? { footage: shot.footage } : {}),
    // A text from the clipboard has no file that could be brought in again.
    ...(isPasted(origin.file) ? {} : { origin }),
  };
}

/** What the window calls a text that was pasted. */
function isPasted(file: string): boolean {
  return /^pasted\.[a-z]+$/.test(file);
}

/** A story's settings hold for each of its shots; its pins, bans and pictures from the first one on. */
function memoryOf(story: MemoryOverrides = {}, shot: MemoryOverrides = {}, first: boolean): MemoryOverrides {
  const { pins = [], bans = [], pictures: remembered = [], ...settings } = story;
  const directed = first
    ? { pins: [...pins, ...(shot.pins ?? [])], bans: [...bans, ...(shot.bans ?? [])] }
    : { pins: shot.pins ?? [], bans: shot.bans ?? [] };
  const pictures = first ? [...picturesAlong({ pictures: remembered }, [{ memory: shot }])] : (shot.pictures ?? []);
  return {
    ...settings,
    ...shot,
    ...(directed.pins.length > 0 ? { pins: directed.pins } : {}),
    ...(directed.bans.length > 0 ? { bans: directed.bans } : {}),
    ...(pictures.length > 0 ? { pictures } : {}),
  };
}
