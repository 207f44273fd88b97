import { type FileHandle, open } from 'node:fs/promises';
import { createCanvas } from '@napi-rs/canvas';
import { pictureLimits } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import type { FootageFacts } from '../../shared/footage.ts';
import {
  mostPackListBytes,
  type PackList,
  packListBytes,
  packPrefixBytes,
  readPackList,
} from '../../shared/footage-pack.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { pictureKind } from '../pictures/picture-kind.ts';
import { picturePixels, stripFrames } from '../pictures/picture-work.ts';
import { filmFrames, opaque } from './film.ts';
import { apart, footageName, spanOf } from './names.ts';
import type { CheckedStrips, FootageFunctions, FootageShape, Strip } from './protocol.ts';

type Take = FootageFunctions['take'];

/**
 * Reads footage and writes what a project keeps of it: of each chunk a PNG with its frames, one below the other, at the size of the
 * model's films. Runs in a process that may end of it, and holds one chunk at a time.
 * @throws ThroughlineError `bad-input`: what is wrong with it
 */
export async function takeFootage(
  from: Parameters<Take>[0],
  name: Parameters<Take>[1],
  shape: FootageShape,
  to: Parameters<Take>[3],
): Promise<FootageFacts> {
  const { video, chunkFrames, mostChunks } = shape;
  const { width, height } = video;
  const mostFrames = spanOf(mostChunks, chunkFrames).first;
  const file = await open(from);
  const out = await open(to, 'w');
  try {
    const list = await packListOf(file, name);
    const frames = list
      ? pngFrames(file, list, video, mostFrames)
      : filmFrames(from, { name: `"${name}"`, video, mostFrames });
    const strips: { bytes: number; frames: number }[] = [];
    const chunks: string[] = [];
    let held: Uint8Array[] = [];
    let seen = 0;
    const keep = async (): Promise<void> => {
      const png = await stripOf(held, width, height);
      await out.write(png);
      if (held.length === spanOf(strips.length, chunkFrames).count) chunks.push(footageName(held));
      strips.push({ bytes: png.length, frames: held.length });
      held = [];
    };
    for await (const frame of frames) {
      held.push(frame);
      seen++;
      if (held.length === spanOf(strips.length, chunkFrames).count) await keep();
    }
    if (chunks.length === 0) throw tooShort(name, seen, list !== null, shape);
    if (held.length > 0) await keep();
    return { width, height, strips, chunks };
  } finally {
    await file.close();
    await out.close();
  }
}

/**
 * Looks at the pictures of a clip that was kept before, and writes them anew.
 * @throws ThroughlineError `bad-input`: what is wrong with which of them
 */
export async function checkStrips(strips: readonly Strip[], name: string): Promise<CheckedStrips> {
  const chunks: { png: Uint8Array; shows: string }[] = [];
  let size: { width: number; height: number } | null = null;
  for (const [i, { png, frames }] of strips.entries()) {
    const called = `${name}, chunk ${i + 1}`;
    const { type, width, height } = pictureKind(png, called);
    if (type !== 'PNG')
      throw new ThroughlineError('bad-input', `"${called}" is a ${type} picture.`, 'Frames of footage are PNG files.');
    const each = { width, height: height / frames };
    size ??= each;
    if (!Number.isInteger(each.height) || each.width !== size.width || each.height !== size.height)
      throw new ThroughlineError(
        'bad-input',
        !Number.isInteger(each.height)
          ? `"${called}" is ${height} rows high, which cannot be ${frames} frames one below the other.`
          : `"${called}" has frames of ${each.width}x${each.height}, and those before it have ${size.width}x${size.height}.`,
        'Export the story again.',
      );
    const pixels = apart(await stripFrames(png, frames, each, called), frames);
    chunks.push({ png: await stripOf(pixels, each.width, each.height), shows: footageName(pixels) });
  }
  if (!size) throw new ThroughlineError('bad-input', `"${name}" has no frames.`, 'Export the story again.');
  return { ...size, chunks };
}

function tooShort(
  name: string,
  frames: number,
  areFiles: boolean,
  { video, chunkFrames }: FootageShape,
): ThroughlineError {
  const { count } = spanOf(0, chunkFrames);
  return new ThroughlineError(
    'bad-input',
    frames === 0
      ? `"${name}" has no frames.`
      : `"${name}" has ${frames} ${frames === 1 ? 'frame' : 'frames'}${areFiles ? '' : ` at the model’s ${video.fps} a second`}, and a film’s first chunk needs ${count}.`,
    areFiles ? 'Choose more frames.' : 'Choose a longer clip.',
  );
}

/** Null where the file is no pack of frames. */
async function packListOf(file: FileHandle, name: string): Promise<PackList | null> {
  const prefix = await bytesAt(file, 0, packPrefixBytes);
  const length = packListBytes(prefix);
  if (length === null) return null;
  const list = length <= mostPackListBytes ? readPackList(await bytesAt(file, packPrefixBytes, length)) : null;
  const total = (list ?? []).reduce((sum, { bytes }) => sum + bytes, packPrefixBytes + length);
  if (list && total === (await file.stat()).size) return list;
  throw new ThroughlineError('bad-input', `The frames of "${name}" did not arrive whole.`, 'Choose them again.');
}

async function* pngFrames(
  file: FileHandle,
  list: PackList,
  video: ModelInfo['video'],
  mostFrames: number,
): AsyncGenerator<Uint8Array> {
  let at = packPrefixBytes + (packListBytes(await bytesAt(file, 0, packPrefixBytes)) as number);
  for (const { name, bytes } of list.slice(0, mostFrames)) {
    if (bytes > pictureLimits.sizeBytes)
      throw new ThroughlineError(
        'bad-input',
        `"${name}" is larger than ${pictureLimits.sizeBytes / 2 ** 20} MB.`,
        'Save the frames smaller.',
      );
    const png = await bytesAt(file, at, bytes);
    const { type } = pictureKind(png, name);
    if (type !== 'PNG')
      throw new ThroughlineError('bad-input', `"${name}" is a ${type} picture.`, 'Frames of footage are PNG files.');
    yield picturePixels(png, video, name);
    at += bytes;
  }
}

async function bytesAt(file: FileHandle, from: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, from);
  return bytes.subarray(0, bytesRead);
}

async function stripOf(frames: readonly Uint8Array[], width: number, height: number): Promise<Uint8Array> {
  const canvas = createCanvas(width, height * frames.length);
  const context = canvas.getContext('2d');
  const picture = context.createImageData(width, height);
  for (const [i, rgb] of frames.entries()) {
    picture.data.set(opaque(rgb));
    context.putImageData(picture, 0, i * height);
  }
  return canvas.encode('png');
}
