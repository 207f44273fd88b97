import { expect, test } from 'vitest';
import { frameSizeRule, isFrameSize, mostFrameSize, offeredSizes, parseFrameSize, sizeOfStory } from './frame-size.ts';

const published = { own: { width: 832, height: 480 }, most: mostFrameSize };

test('a size is read as it is written', () => {
  expect(parseFrameSize('832x480')).toEqual(published.own);
  expect(parseFrameSize(' 832 × 480 ')).toEqual(published.own);
  for (const text of ['832', '832x', 'x480', '832x480x3', '-832x480', '8.5x480', 'large'])
    expect(parseFrameSize(text)).toBeNull();
});

test('sides are multiples of 16 within limits', () => {
  expect(frameSizeRule()).toBe('A frame size is two multiples of 16 such as 832x480, from 32x32 to 4096x1360.');
  const sides: [number, number, boolean][] = [
    [832, 480, true],
    [32, 32, true],
    [4096, 1360, true],
    [16, 480, false],
    [832, 1376, false],
    [4112, 480, false],
    [840, 480, false],
    [832.5, 480, false],
    [Number.NaN, 480, false],
  ];
  for (const [width, height, fits] of sides) expect(isFrameSize({ width, height }), `${width}x${height}`).toBe(fits);
});

test('a few sizes are offered, its own first', () => {
  const texts = offeredSizes(published).map(({ size, what }) => `${size.width}x${size.height} ${what}`);
  expect(texts).toEqual([
    '832x480 its own',
    '624x368 three quarters',
    '416x240 half',
    '480x832 upright',
    '624x624 square',
  ]);
  // Each once, and none that cannot be.
  expect(offeredSizes({ own: { width: 32, height: 32 }, most: mostFrameSize })).toHaveLength(1);
  expect(
    offeredSizes({ own: { width: 2048, height: 256 }, most: mostFrameSize }).map(({ what }) => what),
  ).not.toContain('upright');
});

test('a story has the size it asks for where its model draws that, else the model’s own', () => {
  expect(sizeOfStory({ width: 416, height: 240 }, published)).toEqual({ width: 416, height: 240 });
  expect(sizeOfStory(null, published)).toEqual(published.own);
  expect(sizeOfStory({ width: 1, height: 1 }, published)).toEqual(published.own);
  expect(sizeOfStory({ width: 416, height: 240 }, undefined)).toBeUndefined();
});
