import type { Footage } from '../footage.ts';
import type { FrameSize } from '../frame-size.ts';
import type { MemoryOverrides } from '../memory-settings.ts';
import type { FirstFrame } from '../pictures.ts';
import { limits } from '../project/limits.ts';
import { type ShotFieldName, type ShotFields, shotFieldsSchema } from '../shot-fields.ts';
import type { PromptTelling, ShotTelling, TransitionChoice } from '../story.ts';
import type { StoryModel } from '../story-model.ts';
import { isTrimmed, type Trim } from '../trim.ts';
import type { ImportedScene, ImportedScript, ImportedShot, ImportedStory, ScriptFormat } from './imported.ts';
import type { Place } from './notes.ts';
import { withoutOddCharacters } from './odd-characters.ts';
import { badStory, type ImportContext, type ImportOptions } from './source.ts';

/** A shot as a reader finds it: nothing is checked yet. */
export interface DraftShot {
  readonly place: Place;
  readonly prompt: string;
  readonly chunks: number;
  readonly seed?: number;
  readonly transition?: TransitionChoice;
  readonly told?: ShotTelling;
  readonly memory?: MemoryOverrides;
  readonly fields?: ShotFields;
  readonly trim?: Trim;
  readonly firstFrame?: FirstFrame;
  readonly footage?: Footage;
}

export interface DraftScene {
  readonly heading?: string;
  readonly number?: string | null;
  readonly sections?: readonly string[];
  readonly synopsis?: string;
  readonly place?: Place;
  readonly shots: readonly DraftShot[];
}

export interface DraftStory {
  readonly title: string;
  readonly seed?: number;
  readonly model?: StoryModel;
  readonly frameSize?: FrameSize;
  /** Absent: completed, but for a file that could say so. */
  readonly prompts?: PromptTelling;
  readonly memory?: MemoryOverrides;
  readonly scenes: readonly DraftScene[];
}

export interface DraftScript {
  readonly format: ScriptFormat;
  readonly title: string;
  readonly titlePage?: ImportedScript['titlePage'];
  readonly stories: readonly DraftStory[];
}

const longestTitle = 200;

/**
 * Makes of what a reader found what everything else relies on: odd characters taken out with a note, limits kept.
 * @throws ThroughlineError `bad-story` for a limit, saying which and where
 */
export function finishScript(draft: DraftScript, context: ImportContext): ImportedScript {
  // A text is a new story. What was a story before is made as it was.
  const usual = draft.format === 'throughline-story' ? {} : { prompts: 'completed' as const };
  const stories = draft.stories.map((story, index) => finishStory({ ...usual, ...story }, index + 1, context));
  const titlePage = (draft.titlePage ?? []).map(({ key, value }) => ({
    key: clean(key, {}, context),
    value: clean(value, {}, context),
  }));
  return {
    format: draft.format,
    title: titleOf(draft.title, context),
    titlePage,
    stories,
    notes: context.notes.finish(),
  };
}

function finishStory(story: DraftStory, storyNumber: number, context: ImportContext): ImportedStory {
  const { options } = context;
  const count = story.scenes.reduce((sum, scene) => sum + scene.shots.length, 0);
  if (count === 0) {
    throw badStory(options, {}, `the story "${story.title}" has no shots.`, 'Write a paragraph for each shot.');
  }
  if (count > limits.storyShots) {
    throw badStory(
      options,
      {},
      `the story "${story.title}" has ${count} shots; a story has at most ${limits.storyShots}.`,
      'Split it into several files.',
    );
  }
  let chunks = 0;
  const scenes = story.scenes
    .filter((scene) => scene.shots.length > 0)
    .map((scene, sceneIndex): ImportedScene => {
      const shots = scene.shots.map((shot, shotIndex) => {
        chunks += shot.chunks;
        if (chunks > limits.storyChunks) {
          throw badStory(
            options,
            shot.place,
            `up to here the story has ${chunks} chunks; a story has at most ${limits.storyChunks} in all.`,
            'Make its shots shorter, or split it into several files.',
          );
        }
        return finishShot(shot, `${storyNumber}.${sceneIndex + 1}.${shotIndex + 1}`, context);
      });
      const place = scene.place ?? {};
      return {
        heading: clean(scene.heading ?? '', place, context),
        number: scene.number ? clean(scene.number, place, context) : null,
        sections: (scene.sections ?? []).map((section) => clean(section, place, context)),
        synopsis: clean(scene.synopsis ?? '', place, context),
        line: place.line ?? null,
        shots,
      };
    });
  refuseManyPins(story, context);
  return {
    title: titleOf(story.title, context),
    seed: story.seed ?? 0,
    ...(story.model ? { model: story.model } : {}),
    ...(story.frameSize ? { frameSize: story.frameSize } : {}),
    ...(story.prompts ? { prompts: story.prompts } : {}),
    ...(story.memory ? { memory: story.memory } : {}),
    scenes,
  };
}

/** A project keeps a story's pins and bans with its first shot, and a shot has a limit of each. */
function refuseManyPins(story: DraftStory, { options }: ImportContext): void {
  const first = story.scenes.find((scene) => scene.shots.length > 0)?.shots[0];
  for (const [name, most] of [
    ['pins', limits.pins],
    ['bans', limits.bans],
  ] as const) {
    const count = (story.memory?.[name]?.length ?? 0) + (first?.memory?.[name]?.length ?? 0);
    if (count > most) {
      throw badStory(
        options,
        { path: `memory.${name}` },
        `the story and its first shot have ${count} ${name} together; a shot has at most ${most}.`,
        'Take some out.',
      );
    }
  }
}

function finishShot(shot: DraftShot, key: string, context: ImportContext): ImportedShot {
  const { options } = context;
  const prompt = clean(shot.prompt, shot.place, context).trim();
  if (prompt === '') {
    throw badStory(options, shot.place, 'this prompt is empty.', 'Say what is to be seen, or take it out.');
  }
  refuseLongPrompt(prompt, shot.place, options);
  if (!Number.isInteger(shot.chunks) || shot.chunks < 1 || shot.chunks > limits.shotChunks) {
    throw badStory(
      options,
      shot.place,
      `this shot is ${shot.chunks} chunks long; a shot is 1 to ${limits.shotChunks} chunks long.`,
      'Change its length, or make several shots of it.',
    );
  }
  return {
    key,
    prompt,
    chunks: shot.chunks,
    ...(shot.seed === undefined ? {} : { seed: shot.seed }),
    ...(shot.transition === undefined ? {} : { transition: shot.transition }),
    ...(shot.told === undefined ? {} : { told: shot.told }),
    ...(shot.memory === undefined ? {} : { memory: shot.memory }),
    fields: finishFields(shot.fields ?? {}, shot.place, context),
    ...(isTrimmed(shot.trim) ? { trim: shot.trim } : {}),
    ...(shot.firstFrame ? { firstFrame: shot.firstFrame } : {}),
    ...(shot.footage ? { footage: shot.footage } : {}),
    line: shot.place.line ?? null,
  };
}

/** @throws ThroughlineError `bad-story` that says the limit and where it was passed */
export function refuseLongPrompt(prompt: string, place: Place, options: ImportOptions): void {
  if (prompt.length <= limits.prompt) return;
  throw badStory(
    options,
    place,
    `this prompt has ${prompt.length} characters; a prompt has at most ${limits.prompt}.`,
    'Shorten it, or make two shots of it.',
  );
}

function finishFields(fields: ShotFields, place: Place, context: ImportContext): ShotFields {
  const finished: Partial<Record<ShotFieldName, string>> = {};
  for (const name of Object.keys(shotFieldsSchema.shape) as ShotFieldName[]) {
    const text = clean(fields[name] ?? '', place, context).trim();
    if (text === '') continue;
    const most = shotFieldsSchema.shape[name].unwrap().maxLength ?? Number.POSITIVE_INFINITY;
    if (text.length > most) {
      throw badStory(
        context.options,
        place,
        `the ${name} of this shot has ${text.length} characters; it has at most ${most}.`,
        'Shorten it, or make two shots of it.',
      );
    }
    finished[name] = text;
  }
  return finished;
}

function clean(text: string, place: Place, { notes }: ImportContext): string {
  const { text: cleaned, removed } = withoutOddCharacters(text);
  if (removed.length > 0) {
    notes.add('changed', place, `${removed.join(', ')} removed: no prompt can hold such characters.`);
  }
  return cleaned;
}

function titleOf(title: string, context: ImportContext): string {
  const text = clean(title, {}, context).replace(/\s+/g, ' ').trim() || 'Untitled';
  if (text.length <= longestTitle) return text;
  // Not in the middle of a pair: half a character is none.
  return [...text.slice(0, longestTitle)].filter((part) => part.isWellFormed()).join('');
}
