import { type Shot, storySchema } from '../story.ts';
import { shotPixelFrames } from '../timing.ts';
import { noTrim } from '../trim.ts';
import { type DraftScene, type DraftShot, finishScript, refuseLongPrompt } from './drafts.ts';
import { footageFileOf, withFootage } from './footage-of-story.ts';
import type { ImportedScript } from './imported.ts';
import { PictureFiles } from './picture-files.ts';
import { badStory, type ImportContext, parseWith } from './source.ts';

/** Our own format: `{"format": "throughline-story", "version": 1, "shots": [...]}`, already parsed as JSON. */
export function readOwnJson(value: object, context: ImportContext): ImportedScript {
  const { options } = context;
  if ('version' in value && typeof value.version === 'number' && value.version > 1) {
    throw badStory(
      options,
      { path: 'version' },
      `this story is of version ${value.version}; this Throughline reads 1.`,
      'Update Throughline.',
    );
  }
  refuseLongPrompts(value, context);
  const pictures = new PictureFiles(context);
  const { footage, others } = footageFileOf(value, context);
  const parsed = parseWith(storySchema, pictures.named(others), options);
  const told = withFootage(pictures.kept(parsed), footage, context);
  const { title, seed, model, frameSize, prompts, memory, shots } = told;
  refuseTrimmedAway(shots, context);
  const story = {
    ...{ title, seed, scenes: scenesOf(shots) },
    ...(model ? { model } : {}),
    ...(frameSize ? { frameSize } : {}),
    ...(prompts ? { prompts } : {}),
    ...(memory ? { memory } : {}),
  };
  const script = finishScript({ format: 'throughline-story', title, stories: [story] }, context);
  return {
    ...script,
    ...(pictures.files.length > 0 ? { pictureFiles: pictures.files } : {}),
    ...(footage ? { footageFile: footage } : {}),
  };
}

/** Before the schema, whose sentence would not say what the prompt's length is. */
function refuseLongPrompts(value: object, { options }: ImportContext): void {
  if (!('shots' in value) || !Array.isArray(value.shots)) return;
  for (const [i, shot] of value.shots.entries()) {
    if (typeof shot?.prompt === 'string') refuseLongPrompt(shot.prompt, { path: `shots[${i}].prompt` }, options);
  }
}

/** A shot shows one frame at least. */
function refuseTrimmedAway(shots: readonly Shot[], { options }: ImportContext): void {
  let chunks = 0;
  for (const [i, { chunks: length, trim = noTrim }] of shots.entries()) {
    const frames = shotPixelFrames(chunks, length, options.chunkFrames);
    chunks += length;
    const off = trim.head + trim.tail;
    if (off < frames) continue;
    throw badStory(
      options,
      { path: `shots[${i}].trim` },
      `this shot has ${frames} frames, and ${off} of them are trimmed off.`,
      'Leave at least one frame.',
    );
  }
}

/** Shots that follow each other and name the same scene stand in one. */
function scenesOf(shots: readonly Shot[]): DraftScene[] {
  const scenes: { heading: string; shots: DraftShot[] }[] = [];
  for (const [index, { memory, seed, told, fields, trim, firstFrame, footage, ...shot }] of shots.entries()) {
    const heading = fields?.scene ?? '';
    if (scenes.at(-1)?.heading !== heading) scenes.push({ heading, shots: [] });
    scenes.at(-1)?.shots.push({
      ...shot,
      place: { path: `shots[${index}]` },
      ...(seed === undefined ? {} : { seed }),
      ...(told === undefined ? {} : { told }),
      ...(memory === undefined ? {} : { memory }),
      ...(fields === undefined ? {} : { fields }),
      ...(trim === undefined ? {} : { trim }),
      ...(firstFrame === undefined ? {} : { firstFrame }),
      ...(footage === undefined ? {} : { footage }),
    });
  }
  return scenes;
}
