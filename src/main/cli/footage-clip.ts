import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pictureLimits } from '../../shared/assets/asset.ts';
import { CancelledError, ThroughlineError } from '../../shared/errors.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { type DecodedFrame, decodeFilm, i420ToRgb } from '../export/index.ts';
import { coverRgb, framePixels, pictureTooLarge, type Size } from '../pictures/index.ts';

/** Frames of a person's clip, one for each frame of a film that a model makes. */
export interface Clip {
  readonly count: number;
  /** What they are, for a sentence that counts them. */
  readonly what: string;
  /** SHA-256 of what each frame shows. */
  digestsOf(first: number, count: number): Promise<Buffer[]>;
  /** [count, size.height, size.width, 3], cut to this shape. */
  pixelsOf(first: number, count: number, size: Size): Promise<Uint8Array>;
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
  return status.isDirectory() ? pngClip(path) : filmClip(path, options);
}

async function pngClip(folder: string): Promise<Clip> {
  const names = await readdir(folder).catch((cause) => {
    throw bad(`--footage: ${folder} is no folder that can be read.`, 'Give a folder of PNG frames.', cause);
  });
  const files = names
    .filter((name) => name.toLowerCase().endsWith('.png'))
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .map((name) => join(folder, name));
  if (files.length > mostPngs)
    throw bad(`${folder} has ${files.length} frames; footage has up to ${mostPngs}.`, 'Take a part of it.');
  return {
    count: files.length,
    what: 'PNG frames',
    digestsOf: async (first, count) => {
      const digests: Buffer[] = [];
      for (const file of files.slice(first, first + count)) digests.push(sha256(await bytesOf(file)));
      return digests;
    },
    pixelsOf: async (first, count, size) =>
      framePixels(await Promise.all(files.slice(first, first + count).map(bytesOf)), size),
  };
}

async function bytesOf(file: string): Promise<Uint8Array> {
  const status = await stat(file);
  if (!status.isFile()) throw bad(`${file} is no file.`, 'Take it out of the folder.');
  if (status.size > pictureLimits.sizeBytes) throw pictureTooLarge(file);
  return readFile(file);
}

/** Decoded once, as far as a film can look, and kept at the size of the model's films; its pixels name it. */
async function filmClip(path: string, { video, mostFrames, signal }: ClipOptions): Promise<Clip> {
  const frames: Uint8Array[] = [];
  try {
    for await (const frame of atRate(decodeFilm(path, signal), video.fps)) {
      frames.push(upright(frame, video));
      if (frames.length >= mostFrames) break;
    }
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    const { cause } = error as Error;
    const why = cause instanceof Error ? cause.message : String((error as Error).message);
    throw bad(
      `--footage: ${path} cannot be read as an MP4: ${why.replace(/\.$/, '')}.`,
      'Save it as MP4 with H.264 in 8 bits, or as a folder of PNG frames.',
      error,
    );
  }
  return {
    count: frames.length,
    what: `frames at the model’s ${video.fps} a second`,
    digestsOf: async (first, count) => frames.slice(first, first + count).map(sha256),
    // A model may look at smaller pictures than it makes.
    pixelsOf: async (first, count, size) =>
      Buffer.concat(frames.slice(first, first + count).map((rgb) => coverRgb(opaque(rgb), video, size))),
  };
}

/** A frame in time; the same object where it is shown again. */
type Timed = Pick<DecodedFrame, 'timestampSec'>;

/** Times are whole microseconds in a film. */
const sameMoment = 1e-5;

/** What is to be seen at the moments 0, 1/fps, 2/fps and so on of a film, up to its end. */
export async function* atRate<Frame extends Timed>(film: AsyncIterable<Frame>, fps: number): AsyncGenerator<Frame> {
  let shown: Frame | null = null;
  let [beginsAt, lastsSec, taken] = [0, 1 / fps, 0];
  for await (const frame of film) {
    if (shown) {
      lastsSec = frame.timestampSec - shown.timestampSec;
      for (; taken / fps < frame.timestampSec - beginsAt - sameMoment; taken++) yield shown;
    } else beginsAt = frame.timestampSec;
    shown = frame;
  }
  if (!shown) return;
  // The last frame is taken to last as long as the one before it.
  for (; taken / fps < shown.timestampSec + lastsSec - beginsAt - sameMoment; taken++) yield shown;
}

/** As the model sees it: turned, cut to its shape and scaled, [to.height, to.width, 3]. */
function upright({ i420, width, height, rotation }: DecodedFrame, to: Size): Uint8Array {
  const turned = rotation === 90 || rotation === 270;
  const size = turned ? { width: height, height: width } : { width, height };
  return coverRgb(opaque(turnedRgb(i420ToRgb(i420, width, height), { width, height }, rotation)), size, to);
}

/** A picture turned clockwise, [height, width, 3] in its new shape. */
export function turnedRgb(rgb: Uint8Array, { width, height }: Size, rotation: DecodedFrame['rotation']): Uint8Array {
  if (rotation === 0) return rgb;
  const out = new Uint8Array(rgb.length);
  const place = {
    90: (x: number, y: number) => x * height + height - 1 - y,
    180: (x: number, y: number) => (height - 1 - y) * width + width - 1 - x,
    270: (x: number, y: number) => (width - 1 - x) * height + y,
  }[rotation];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) out[3 * place(x, y) + c] = rgb[3 * (y * width + x) + c] as number;
  return out;
}

function opaque(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) rgba.set(rgb.subarray(from, from + 3), to);
  return rgba;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function bad(message: string, hint: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError('bad-input', message, hint, { cause });
}
