import { pictureLimits } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import type { Outcome } from '../../shared/outcome.ts';
import type { SpawnEngine } from '../engine/engine-child.ts';
import type { Size } from './cover.ts';
import { pictureKind } from './picture-kind.ts';
import type { TakenPicture } from './picture-work.ts';
import type { PictureFunctions } from './protocol.ts';
import { inReader } from './reader-process.ts';

export type { SpawnEngine as PictureSpawn } from '../engine/engine-child.ts';
export { coverRgb, type Size } from './cover.ts';
export { pictureKind } from './picture-kind.ts';
export type { TakenPicture } from './picture-work.ts';
export { inReader } from './reader-process.ts';

/** A picture that takes longer than this is made to. */
const mostMs = 60_000;

/**
 * Makes a person's picture what a project keeps: a PNG, upright, opaque, no larger than it needs to be.
 * @param name of the file, for sentences
 * @throws ThroughlineError `bad-input`: what is wrong with it
 */
export function readPicture(bytes: Uint8Array, name: string, spawn?: SpawnEngine): Promise<TakenPicture> {
  if (bytes.length > pictureLimits.sizeBytes) throw pictureTooLarge(name);
  pictureKind(bytes, name); // no process for what is refused anyway
  return inProcess(name, spawn, (process) => process.take(bytes, name));
}

/**
 * What a model looks at, of a picture that {@link readPicture} made: RGB, [to.height, to.width, 3].
 * @throws ThroughlineError `bad-input` where it was altered since
 */
export function pixelsOf(png: Uint8Array, to: Size, spawn?: SpawnEngine): Promise<Uint8Array> {
  const name = 'The picture';
  pictureKind(png, name);
  return inProcess(name, spawn, (process) => process.pixels(png, to));
}

/**
 * The same of PNG frames of a person, one below the other: [pngs, to.height, to.width, 3].
 * @throws ThroughlineError `bad-input` where one of them is none, or broken
 */
export function framePixels(pngs: readonly Uint8Array[], to: Size, spawn?: SpawnEngine): Promise<Uint8Array> {
  const name = 'The footage';
  for (const png of pngs) pictureKind(png, name);
  return inProcess(name, spawn, (process) => process.frames(pngs, to));
}

/**
 * What a model looks at, of frames that lie one below the other in one PNG: RGB, [frames, to.height, to.width, 3].
 * @throws ThroughlineError `bad-input` where it was altered since it was made
 */
export function stripPixels(png: Uint8Array, frames: number, to: Size, spawn?: SpawnEngine): Promise<Uint8Array> {
  const name = 'The footage';
  pictureKind(png, name);
  return inProcess(name, spawn, (process) => process.strip(png, frames, to));
}

export function pictureTooLarge(name: string): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `"${name}" is larger than ${pictureLimits.sizeBytes / 2 ** 20} MB.`,
    'Save it smaller, as a JPEG say.',
  );
}

const entry = new URL(`./picture-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

function inProcess<T>(
  name: string,
  spawn: SpawnEngine | undefined,
  work: (process: PictureFunctions) => Promise<Outcome<T>>,
): Promise<T> {
  return inReader<PictureFunctions, T>({ entry, what: 'pictures', name, mostMs, spawn }, work);
}
