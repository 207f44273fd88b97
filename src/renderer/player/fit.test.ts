import { expect, test } from 'vitest';
import { fitted } from './fit.ts';

test.each([
  ['its own shape', [48, 32], [960, 640], [0, 0, 960, 640]],
  ['its own shape, with what rounding leaves', [48, 32], [961, 640], [0, 0, 961, 640]],
  ['a higher picture stands between black sides', [32, 64], [960, 640], [320, 0, 320, 640]],
  ['a wider picture stands between black above and below', [64, 16], [640, 480], [0, 160, 640, 160]],
])('%s', (_, [w, h], [width, height], [left, top, shownWidth, shownHeight]) => {
  expect(
    fitted({ width: w as number, height: h as number }, { width: width as number, height: height as number }),
  ).toEqual({
    ...{ left, top, width: shownWidth, height: shownHeight },
  });
});
