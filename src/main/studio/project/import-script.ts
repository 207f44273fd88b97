import { nanoid } from 'nanoid';
import type { MemoryOverrides } from '../../../shared/memory-settings.ts';
import { emptyDocument } from '../../../shared/project/apply-command.ts';
import { requireWithinLimits } from '../../../shared/project/check-limits.ts';
import type { ProjectShot } from '../../../shared/project/document.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { Story } from '../../../shared/story.ts';
import { defaultChunksPerPrompt, importStories } from '../../../shared/story-import/index.ts';

/** What scripts are read with before a model has said what it is. */
const assumed = { fps: 8, chunkFrames: 3 };

export interface ImportedScript {
  readonly title: string;
  /** One list a story, in story order, the first without a parent. */
  readonly stories: readonly (readonly ProjectShot[])[];
  readonly warnings: readonly string[];
}

/** @throws ThroughlineError `bad-story` naming the line; `bad-input` if it is more than a project may hold */
export function readScript(name: string, text: string, model: ModelInfo | null): ImportedScript {
  const { stories, warnings } = importStories(text, {
    fileName: name,
    chunksPerPrompt: defaultChunksPerPrompt,
    fps: model?.video.fps ?? assumed.fps,
    chunkFrames: model?.chunkFrames ?? assumed.chunkFrames,
  });
  const title = stories[0]?.title ?? 'Untitled';
  const imported = stories.map(shotsOf);
  const nothing = emptyDocument(title);
  requireWithinLimits(nothing, { ...nothing, shots: imported.flat() });
  return { title, stories: imported, warnings };
}

function shotsOf(story: Story): ProjectShot[] {
  let parent: string | null = null;
  return story.shots.map((shot, index): ProjectShot => {
    const id = nanoid();
    const made: ProjectShot = {
      id,
      parent,
      name: '',
      prompt: shot.prompt,
      chunks: shot.chunks,
      seed: shot.seed ?? story.seed,
      seedLocked: false,
      transition: shot.transition,
      memory: memoryOf(story.memory, shot.memory, index === 0),
      held: null,
    };
    parent = id;
    return made;
  });
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
