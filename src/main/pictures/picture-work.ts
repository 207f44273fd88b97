import { createCanvas, loadImage } from '@napi-rs/canvas';
import { pictureLimits } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import { coverRgb, type Size } from './cover.ts';
import { pictureKind } from './picture-kind.ts';

/** A picture as projects keep it: an opaque PNG, upright, without what else stood in its file. */
export interface TakenPicture extends Size {
  readonly png: Uint8Array;
}

/** Where a pixel of the file goes: x' = a x + c y + e, y' = b x + d y + f, for a picture of width w and height h. */
function uprightMatrix(orientation: number, w: number, h: number): [number, number, number, number, number, number] {
  switch (orientation) {
    case 2:
      return [-1, 0, 0, 1, w, 0];
    case 3:
      return [-1, 0, 0, -1, w, h];
    case 4:
      return [1, 0, 0, -1, 0, h];
    case 5:
      return [0, 1, 1, 0, 0, 0];
    case 6:
      return [0, 1, -1, 0, h, 0];
    case 7:
      return [0, -1, -1, 0, h, w];
    case 8:
      return [0, -1, 1, 0, 0, w];
    default:
      return [1, 0, 0, 1, 0, 0];
  }
}

/** Decodes whatever a person has, and makes it what a project keeps. Runs in a process that may end of it. */
export async function takePicture(bytes: Uint8Array, name: string): Promise<TakenPicture> {
  const { orientation, orientationAt } = pictureKind(bytes, name);
  // The library turns some kinds by itself. Where we know how, it is told that there is nothing to turn.
  const lying = Uint8Array.from(bytes);
  if (orientationAt) new DataView(lying.buffer).setUint16(orientationAt.at, 1, orientationAt.little);
  const image = await decoded(lying, name);
  const { width: w, height: h } = image;
  const [width, height] = orientation >= 5 ? [h, w] : [w, h];
  const scale = Math.min(1, pictureLimits.keptSide / Math.max(width, height));
  const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const canvas = createCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, size.width, size.height);
  context.imageSmoothingQuality = 'high';
  context.scale(size.width / width, size.height / height);
  context.transform(...uprightMatrix(orientation, w, h));
  context.drawImage(image, 0, 0);
  return { png: await canvas.encode('png'), ...size };
}

/** The pixels that a model looks at, of a picture that a project keeps. */
export async function picturePixels(png: Uint8Array, to: Size, name = 'The picture'): Promise<Uint8Array> {
  const { type, width, height } = pictureKind(png, name);
  if (type !== 'PNG') throw broken(name);
  const image = await decoded(png, name);
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  return coverRgb(context.getImageData(0, 0, width, height).data, { width, height }, to);
}

/** The same of several, one below the other. */
export async function framesPixels(pngs: readonly Uint8Array[], to: Size): Promise<Uint8Array> {
  const size = to.width * to.height * 3;
  const all = new Uint8Array(pngs.length * size);
  for (const [i, png] of pngs.entries()) all.set(await picturePixels(png, to), i * size);
  return all;
}

/** The frames of a PNG in which they lie one below the other. */
export async function stripFrames(png: Uint8Array, count: number, to: Size, name = 'The footage'): Promise<Uint8Array> {
  const { type, width, height } = pictureKind(png, name);
  if (type !== 'PNG' || height % count !== 0) throw broken(name);
  const image = await decoded(png, name);
  const from = { width, height: height / count };
  const canvas = createCanvas(from.width, from.height);
  const context = canvas.getContext('2d');
  const size = to.width * to.height * 3;
  const all = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) {
    context.drawImage(image, 0, -i * from.height);
    all.set(coverRgb(context.getImageData(0, 0, from.width, from.height).data, from, to), i * size);
  }
  return all;
}

async function decoded(bytes: Uint8Array, name: string): Promise<Awaited<ReturnType<typeof loadImage>>> {
  try {
    return await loadImage(Buffer.from(bytes));
  } catch (cause) {
    throw broken(name, cause);
  }
}

function broken(name: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `"${name}" is broken: it cannot be decoded.`,
    'Save it again, or choose another.',
    {
      cause,
    },
  );
}
