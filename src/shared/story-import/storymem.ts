import { z } from 'zod';
import { nearestChunkBoundary } from '../timing.ts';
import { type DraftScene, type DraftShot, finishScript } from './drafts.ts';
import type { ImportedScript } from './imported.ts';
import { ShotCount } from './lines.ts';
import { type ImportContext, parseWith, titleFromName } from './source.ts';

/** Length of every clip that StoryMem makes. */
const clipSec = 5;

/** The published stories have true and false; the system prompt that they were written with asks for the strings. */
const cutSchema = z.union([z.boolean(), z.stringFormat('true or false', /^(true|false)$/i)]);

const storySchema = z.looseObject({
  story_name: z.string().optional(),
  story_overview: z.string().optional(),
  scenes: z
    .array(
      z.looseObject({
        scene_num: z.union([z.number(), z.string()]).optional(),
        video_prompts: z.array(z.string()),
        first_frame_prompt: z.array(z.string()).optional(),
        cut: z.array(cutSchema).optional(),
      }),
    )
    .min(1),
});

/** Whether a value parsed as JSON is meant as a StoryMem story. */
export function looksLikeStoryMem(value: object): boolean {
  return (
    'scenes' in value &&
    Array.isArray(value.scenes) &&
    value.scenes.some((scene) => scene !== null && typeof scene === 'object' && 'video_prompts' in scene)
  );
}

/**
 * A StoryMem story, already parsed as JSON: scenes of prompts, each a clip of five seconds, and for each whether it
 * begins with a cut. A prompt for a clip's first picture is kept among the shot's notes.
 */
export function readStoryMem(value: unknown, context: ImportContext): ImportedScript {
  const { options, notes } = context;
  const story = parseWith(storySchema, value, options);
  const title = story.story_name?.trim() || titleFromName(options.fileName);
  const count = new ShotCount(options);
  let clips = 0;
  const boundary = (clip: number) => nearestChunkBoundary(clip * clipSec, options.fps, options.chunkFrames);
  const scenes = story.scenes.map((scene, sceneIndex): DraftScene => {
    const path = `scenes[${sceneIndex}]`;
    const number = String(scene.scene_num ?? sceneIndex + 1);
    count.add({ path }, scene.video_prompts.length);
    if (scene.video_prompts.length === 0) notes.add('left-out', { path }, 'this scene has no prompts.');
    for (const name of ['cut', 'first_frame_prompt'] as const) {
      const list = scene[name];
      if (list && list.length !== scene.video_prompts.length) {
        const counts = `${list.length} for ${scene.video_prompts.length} prompts`;
        notes.add('changed', { path: `${path}.${name}` }, `${counts}; they are taken in order as far as they go.`);
      }
    }
    const shots = scene.video_prompts.map((prompt, i): DraftShot => {
      const cut = scene.cut?.[i];
      const firstFrame = scene.first_frame_prompt?.[i]?.trim();
      if (firstFrame) {
        notes.add('kept', { path: `${path}.first_frame_prompt[${i}]` }, 'kept among the notes of its shot.');
      }
      const from = boundary(clips);
      clips += 1;
      return {
        place: { path: `${path}.video_prompts[${i}]` },
        prompt: prompt.trim(),
        chunks: Math.max(1, boundary(clips) - from),
        ...(cut === undefined ? {} : { transition: isCut(cut) ? 'cut' : 'continue' }),
        fields: {
          scene: `Scene ${number}`,
          number: numberOfShot(number, i),
          ...(firstFrame ? { notes: `First frame: ${firstFrame}` } : {}),
        },
      };
    });
    return { heading: `Scene ${number}`, number, place: { path }, shots };
  });
  const overview = story.story_overview?.trim();
  return finishScript(
    {
      format: 'storymem',
      title,
      titlePage: overview ? [{ key: 'Overview', value: overview }] : [],
      stories: [{ title, scenes }],
    },
    context,
  );
}

function isCut(cut: boolean | string): boolean {
  return typeof cut === 'boolean' ? cut : cut.toLowerCase() === 'true';
}

/** `12`, `12A`, `12B` ...: letters as on a film set, without I and O, which look like digits. */
export function numberOfShot(sceneNumber: string, index: number): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
  let suffix = '';
  for (let rest = index; rest > 0; rest = Math.floor((rest - 1) / letters.length)) {
    suffix = letters[(rest - 1) % letters.length] + suffix;
  }
  return sceneNumber + suffix;
}
