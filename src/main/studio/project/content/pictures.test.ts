import { createCanvas, loadImage } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { chunkMedia, framesOfStrip, latentFramePicture } from './pictures.ts';

const size = { width: 16, height: 8 };

/** Frames whose every pixel says which frame it is and where: [frameCount, height, width, 3]. */
function frames(frameCount: number): Uint8Array {
  const { width, height } = size;
  return Uint8Array.from({ length: frameCount * height * width * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const frame = Math.floor(pixel / (width * height));
    return [frame * 20, (pixel % width) * 16, Math.floor(pixel / width) % height][i % 3] as number;
  });
}

async function pixelsOf(webp: Uint8Array): Promise<{ rgb: Uint8Array; width: number; height: number }> {
  const image = await loadImage(Buffer.from(webp));
  const context = createCanvas(image.width, image.height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  return { rgb: data.filter((_, i) => i % 4 !== 3) as unknown as Uint8Array, width: image.width, height: image.height };
}

test('the strip holds every frame, pixel for pixel; the thumb is the middle one', async () => {
  const [strip, thumb] = await chunkMedia({ frames: frames(12), frameCount: 12 }, size);
  const pixels = await pixelsOf(strip?.data ?? new Uint8Array());
  expect([pixels.width, pixels.height]).toEqual([16, 96]);
  expect([...pixels.rgb]).toEqual([...frames(12)]);
  const middle = await pixelsOf(thumb?.data ?? new Uint8Array());
  expect([middle.width, middle.height]).toEqual([16, 8]);
  expect(Math.abs((middle.rgb[0] as number) - 6 * 20)).toBeLessThan(8);
});

test.each([
  [9, [0, 3, 7]],
  [12, [2, 6, 10]],
])('of %i frames, the latent frames show frames %j', async (frameCount, shown) => {
  const [strip] = await chunkMedia({ frames: frames(frameCount), frameCount }, size);
  for (const [index, frame] of shown.entries()) {
    const picture = await latentFramePicture(strip?.data ?? new Uint8Array(), frameCount, index);
    expect((await pixelsOf(picture ?? new Uint8Array())).rgb[0]).toBe(frame * 20);
  }
  expect(await latentFramePicture(strip?.data ?? new Uint8Array(), frameCount, 3)).toBeNull();
});

test('the frames of a strip are those it was made of; those of another size are fitted into black', async () => {
  const [strip] = await chunkMedia({ frames: frames(3), frameCount: 3 }, size);
  const data = strip?.data ?? new Uint8Array();
  expect([...(await framesOfStrip(data, 3, size))]).toEqual([...frames(3)]);
  const wide = await framesOfStrip(data, 3, { width: 40, height: 8 }); // 12 black columns at either side
  const pixel = (frame: number, x: number, y: number): number[] => {
    const at = ((frame * 8 + y) * 40 + x) * 3;
    return [...wide.subarray(at, at + 3)];
  };
  expect(pixel(2, 0, 3)).toEqual([0, 0, 0]);
  expect(pixel(2, 12, 3)).toEqual([40, 0, 3]);
  expect(pixel(2, 27, 5)).toEqual([40, 240, 5]);
  expect(pixel(2, 28, 5)).toEqual([0, 0, 0]);
});
