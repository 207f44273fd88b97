import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pictureLimits } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import { inFrameOrder } from '../../shared/footage-pack.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { filmFrames } from '../footage/index.ts';
import { framePixels, pictureTooLarge } from '../pictures/index.ts';

/** Frames of a person's clip, one for each frame of a film that a model makes. */
export interface Clip {
  readonly count: number;
  /** What they are, for a sentence that counts them. */
  readonly what: string;
  /** What they show at the size of the model's films, cut to its shape: [count, video.height, video.width, 3]. */
  framesOf(first: number, count: number): Promise<Uint8Array>;
}

export interface ClipOptions {
  /** Of the model: frames of a film are taken at its rate and size. */
  readonly video: ModelInfo['video'];
  /** No film looks at more of them. */
  readonly mostFrames: number;
  readonly signal: AbortSignal | undefined;
}

const mostPngs = 20_000;

/**
 * @param path a folder of PNG frames, or an MP4
 * @throws ThroughlineError `bad-input` where it cannot be read; CancelledError
 */
export async function openClip(path: string, options: ClipOptions): Promise<Clip> {
  const status = await stat(path).catch((cause) => {
    throw bad(`--footage: ${path} cannot be read.`, 'Give an MP4, or a folder of PNG frames.', cause);
  });
  return status.isDirectory() ? pngClip(path, options) : filmClip(path, options);
}

async function pngClip(folder: string, { video }: ClipOptions): Promise<Clip> {
  const names = await readdir(folder).catch((cause) => {
    throw bad(`--footage: ${folder} is no folder that can be read.`, 'Give a folder of PNG frames.', cause);
  });
  const pngs = names.filter((name) => name.toLowerCase().endsWith('.png')).map((name) => ({ name }));
  const files = inFrameOrder(pngs).map(({ name }) => join(folder, name));
  if (files.length > mostPngs)
    throw bad(`${folder} has ${files.length} frames; footage has up to ${mostPngs}.`, 'Take a part of it.');
  return {
    count: files.length,
    what: 'PNG frames',
    framesOf: async (first, count) =>
      framePixels(await Promise.all(files.slice(first, first + count).map(bytesOf)), video),
  };
}

async function bytesOf(file: string): Promise<Uint8Array> {
  const status = await stat(file);
  if (!status.isFile()) throw bad(`${file} is no file.`, 'Take it out of the folder.');
  if (status.size > pictureLimits.sizeBytes) throw pictureTooLarge(file);
  return readFile(file);
}

/** Decoded once, as far as a film can look. */
async function filmClip(path: string, { video, mostFrames, signal }: ClipOptions): Promise<Clip> {
  const frames: Uint8Array[] = [];
  for await (const frame of filmFrames(path, { name: `--footage: ${path}`, video, mostFrames, signal }))
    frames.push(frame);
  return {
    count: frames.length,
    what: `frames at the model’s ${video.fps} a second`,
    framesOf: async (first, count) => Buffer.concat(frames.slice(first, first + count)),
  };
}

function bad(message: string, hint: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError('bad-input', message, hint, { cause });
}
