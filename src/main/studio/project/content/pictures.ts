import { setImmediate as breathe } from 'node:timers/promises';
import { createCanvas, ImageData, loadImage } from '@napi-rs/canvas';
import type { ChunkResult } from '../../../../shared/render.ts';
import { temporalStride } from '../../../../shared/timing.ts';
import type { ChunkMedia } from '../../../persistence/index.ts';

/** The encoder keeps every pixel at this quality, and is fastest there. */
const lossless = 100;
const thumbQuality = 90;
const previewQuality = 80;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The pictures of a chunk: every frame one below the other, lossless, and the middle frame. Encoding happens in
 * threads of its own.
 * @param frames RGB, [frameCount, height, width, 3]
 */
export async function chunkMedia(
  { frames, frameCount }: Pick<ChunkResult, 'frames' | 'frameCount'>,
  { width, height }: Size,
): Promise<ChunkMedia[]> {
  const middle = frames.subarray((frameCount >> 1) * width * height * 3, ((frameCount >> 1) + 1) * width * height * 3);
  const [strip, thumb] = await Promise.all([
    encode(frames, { width, height: height * frameCount }, lossless, height),
    encode(middle, { width, height }, thumbQuality),
  ]);
  return [
    { kind: 'strip.webp', data: strip },
    { kind: 'thumb.webp', data: thumb },
  ];
}

/** A data URL of frames one below the other. */
export async function previewImage(frames: Uint8Array, frameCount: number, { width, height }: Size): Promise<string> {
  const image = await encode(frames, { width, height: height * frameCount }, previewQuality, height);
  return `data:image/webp;base64,${image.toString('base64')}`;
}

/**
 * The picture of one latent frame of a chunk, cut from its strip: the middle one of those it covers.
 * @param index the latent frame in its chunk
 * @returns null if the strip has no such frame
 */
export async function latentFramePicture(strip: Uint8Array, frameCount: number, index: number): Promise<Buffer | null> {
  const latentFrames = Math.ceil(frameCount / temporalStride);
  if (index >= latentFrames) return null;
  // The story's first latent frame covers one frame, every other one four.
  const missing = latentFrames * temporalStride - frameCount;
  const frame = Math.max(0, index * temporalStride + temporalStride / 2 - missing);
  const image = await loadImage(Buffer.from(strip));
  const height = image.height / frameCount;
  const canvas = createCanvas(image.width, height);
  canvas.getContext('2d').drawImage(image, 0, -frame * height);
  return canvas.encode('webp', lossless);
}

/**
 * The frames of a strip, as they were decoded when the chunk was made: [frameCount, height, width, 3].
 * @param size of the frames wanted; those of another size are drawn as large as they fit, in the middle of black
 */
export async function framesOfStrip(
  strip: Uint8Array,
  frameCount: number,
  { width, height }: Size,
): Promise<Uint8Array> {
  const image = await loadImage(Buffer.from(strip));
  const own = { width: image.width, height: image.height / frameCount };
  const scale = Math.min(width / own.width, height / own.height);
  const shown = { width: Math.round(own.width * scale), height: Math.round(own.height * scale) };
  const left = Math.floor((width - shown.width) / 2);
  const top = Math.floor((height - shown.height) / 2);
  const context = createCanvas(width, height).getContext('2d');
  const frames = new Uint8Array(frameCount * height * width * 3);
  for (let i = 0, to = 0; i < frameCount; i++) {
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, i * own.height, own.width, own.height, left, top, shown.width, shown.height);
    const { data } = context.getImageData(0, 0, width, height);
    for (let from = 0; from < data.length; from += 4, to += 3) {
      frames[to] = data[from] as number;
      frames[to + 1] = data[from + 1] as number;
      frames[to + 2] = data[from + 2] as number;
    }
    await breathe(); // a frame takes a millisecond or so of the thread that others wait for
  }
  return frames;
}

/** @param rgb frames one below the other, each as high as `frameHeight` */
async function encode(
  rgb: Uint8Array,
  { width, height }: Size,
  quality: number,
  frameHeight = height,
): Promise<Buffer> {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const pixels = new Uint32Array(width * frameHeight);
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), width, frameHeight);
  for (let top = 0; top < height; top += frameHeight) {
    let from = top * width * 3;
    for (let to = 0; to < pixels.length; to++, from += 3) {
      // Alpha, blue, green, red: every system that we run on keeps the lowest byte first.
      pixels[to] =
        0xff000000 | ((rgb[from + 2] as number) << 16) | ((rgb[from + 1] as number) << 8) | (rgb[from] as number);
    }
    context.putImageData(image, 0, top);
    await breathe(); // a frame takes a millisecond or so of the thread that others wait for
  }
  return canvas.encode('webp', quality);
}
