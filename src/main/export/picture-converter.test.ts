import { expect, it, onTestFinished } from 'vitest';
import { i420Bytes, rgbToI420 } from './colour.ts';
import { PictureConverter } from './picture-converter.ts';
import { createUpscaler } from './resample.ts';

const sizes = { source: { width: 10, height: 6 }, target: { width: 40, height: 24 } };
const picture = (shade: number) => Uint8Array.from({ length: 10 * 6 * 3 }, (_, i) => (i * 7 + shade * 31) % 256);

function converter(): PictureConverter {
  const made = new PictureConverter(sizes);
  onTestFinished(() => made.dispose());
  return made;
}

it('answers in order with what the same steps give here, planes used again or not', async () => {
  const made = converter();
  const upscaler = createUpscaler(sizes.source, sizes.target);
  const answers = [0, 1, 2].map((shade) => made.convert(picture(shade)));
  for (const [shade, answer] of answers.entries()) {
    const planes = await answer;
    const due = new Uint8Array(i420Bytes(40, 24));
    rgbToI420(upscaler.apply(picture(shade)), 40, 24, due);
    expect(planes).toEqual(due);
    made.recycle(planes);
  }
  const again = await made.convert(picture(1));
  expect(again).toEqual(await converter().convert(picture(1)));
});

it('leaves the picture that was handed over to its owner', async () => {
  const rgb = picture(3);
  await converter().convert(rgb);
  expect(rgb).toEqual(picture(3));
});

it('what is under way when it is disposed of is refused, and so is what comes after', async () => {
  const made = converter();
  const under = made.convert(picture(0));
  await made.dispose();
  await expect(under).rejects.toMatchObject({ code: 'export-failed' });
  await expect(made.convert(picture(0))).rejects.toMatchObject({ code: 'export-failed' });
});
