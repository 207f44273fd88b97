import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import { writeContactSheet } from '../../src/main/export/index.ts';
import { animaticFrame, smallDisk, source, testFolder } from './export-fixtures.ts';

const frame = { rgb: animaticFrame(0), ...source };

function countColour(
  pixels: Uint8Array | Uint8ClampedArray,
  channels: number,
  [r, g, b]: readonly [number, number, number],
): number {
  let found = 0;
  for (let i = 0; i < pixels.length; i += channels)
    if (pixels[i] === r && pixels[i + 1] === g && pixels[i + 2] === b) found++;
  return found;
}

describe('contact sheet', () => {
  it('is a PNG that shows the frames in their own colours', async () => {
    const target = path.join(testFolder(), 'sheet.png');
    await writeContactSheet(target, {
      title: 'A fox in the snow',
      subtitle: '1 shot',
      rows: [
        {
          caption: 'A fox walks past a house.',
          note: 'continue',
          frames: [
            { ...frame, label: '0:00.00', mark: 'remembered' },
            { ...frame, label: '0:01.00', mark: 'new' },
          ],
        },
      ],
    });
    const image = await loadImage(readFileSync(target));
    const context = createCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    // Two frames at twice their size: each source pixel is eight pixels of the sheet.
    for (const colour of [
      [255, 255, 0],
      [160, 30, 40],
      [60, 140, 70],
    ] as const) {
      expect(countColour(data, 4, colour)).toBe(8 * countColour(frame.rgb, 3, colour));
    }
    expect(countColour(data, 4, [0x2f, 0xc4, 0xb2])).toBeGreaterThan(500);
    expect(countColour(data, 4, [0x8f, 0xd1, 0x4f])).toBeGreaterThan(500);
    expect(readdirSync(path.dirname(target))).toEqual(['sheet.png']);
  });

  it('says which characters it could only draw as boxes', async () => {
    const write = (caption: string) =>
      writeContactSheet(path.join(testFolder(), 'sheet.png'), { title: 'A fox', rows: [{ caption, frames: [frame] }] });
    expect((await write('Η αλεπού στο χιόνι, лиса на снегу.')).note).toBeNull();
    expect((await write('A fox \u{F8FFE} in the snow.')).note).toMatch(
      /^No font here has \u{F8FFE}, so boxes stand in their place\. Install /u,
    );
  });

  it('names a missing folder and a full disk, and leaves nothing behind', async (context) => {
    const content = { title: 'A fox', rows: [{ caption: 'One', frames: [frame] }] };
    const missing = path.join(testFolder(), 'none', 'sheet.png');
    await expect(writeContactSheet(missing, content)).rejects.toMatchObject({
      code: 'export-failed',
      message: expect.stringContaining('does not exist'),
    });
    const disk = smallDisk('size=4k');
    if (!disk) return context.skip('mounting a small disk needs root on Linux');
    await expect(writeContactSheet(path.join(disk, 'sheet.png'), content)).rejects.toMatchObject({
      code: 'export-failed',
      message: expect.stringContaining('full'),
    });
    expect(readdirSync(disk)).toEqual([]);
  });
});
