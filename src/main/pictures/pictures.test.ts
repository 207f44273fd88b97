import { createCanvas, loadImage } from '@napi-rs/canvas';
import { describe, expect, test } from 'vitest';
import { coverRgb } from './cover.ts';
import { pixelsOf, readPicture } from './index.ts';
import { pictureKind } from './picture-kind.ts';

/** Left half red, right half blue, and the upper left corner green: 40x20. */
function sample(kind: 'png' | 'jpeg' | 'webp'): Promise<Buffer> {
  const canvas = createCanvas(40, 20);
  const context = canvas.getContext('2d');
  for (const [colour, x, y, width, height] of [
    ['#f00', 0, 0, 20, 20],
    ['#00f', 20, 0, 20, 20],
    ['#0f0', 0, 0, 10, 10],
  ] as const) {
    context.fillStyle = colour;
    context.fillRect(x, y, width, height);
  }
  return kind === 'png' ? canvas.encode('png') : canvas.encode(kind as 'jpeg', 100);
}

/** The JPEG with a note of how it is to be turned, little-endian as most cameras write it. */
function turnedBy(jpeg: Buffer, orientation: number): Buffer {
  const tiff = Buffer.from('49492a00080000000100120103000100000000000000' + '00000000', 'hex');
  tiff.writeUInt16LE(orientation, 18);
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)]);
}

/** Which of red, green and blue is seen at a point of a picture, in shares of its size. */
async function colourAt(png: Uint8Array, x: number, y: number): Promise<string> {
  const image = await loadImage(Buffer.from(png));
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(Math.floor(x * image.width), Math.floor(y * image.height), 1, 1);
  const [red = 0, green = 0, blue = 0] = data;
  return red > green && red > blue ? 'red' : green > blue ? 'green' : 'blue';
}

describe('a picture is taken in', () => {
  test.each(['png', 'jpeg', 'webp'] as const)('as %s', async (kind) => {
    const { png, width, height } = await readPicture(await sample(kind), 'mia');
    expect([width, height]).toEqual([40, 20]);
    expect(pictureKind(png, 'mia').type).toBe('PNG');
    expect([await colourAt(png, 0.1, 0.1), await colourAt(png, 0.1, 0.9), await colourAt(png, 0.9, 0.5)]).toEqual([
      'green',
      'red',
      'blue',
    ]);
  });

  // Where the green corner of the file is to be seen: x, y; and the size.
  test.each([
    [1, 0.1, 0.1, 40],
    [2, 0.9, 0.1, 40],
    [3, 0.9, 0.9, 40],
    [4, 0.1, 0.9, 40],
    [5, 0.1, 0.1, 20],
    [6, 0.9, 0.1, 20],
    [7, 0.9, 0.9, 20],
    [8, 0.1, 0.9, 20],
  ])('upright, whatever the camera said: orientation %i', async (orientation, x, y, wide) => {
    const { png, width, height } = await readPicture(turnedBy(await sample('jpeg'), orientation), 'mia.jpg');
    expect([width, height]).toEqual([wide, 60 - wide]);
    expect(await colourAt(png, x, y)).toBe('green');
    expect(await colourAt(png, 1 - x, 1 - y)).toBe('blue');
  });

  test('and never larger than it is looked at', async () => {
    const canvas = createCanvas(3000, 1000);
    const { width, height } = await readPicture(await canvas.encode('png'), 'wide.png');
    expect([width, height]).toEqual([1280, 427]);
  });
});

describe('one sentence says what is wrong', () => {
  const refused = async (bytes: Uint8Array): Promise<string> => {
    try {
      await readPicture(bytes, 'x');
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('it was taken');
  };

  test('with what is no picture, or of another kind', async () => {
    expect(await refused(Buffer.from('GIF89a..........'))).toBe('"x" is a GIF.');
    expect(await refused(Buffer.from('\0\0\0\x18ftypheic....', 'latin1'))).toBe('"x" is a HEIC picture.');
    expect(await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBe('"x" is an SVG drawing.');
    expect(await refused(Buffer.from('hello'))).toBe('"x" is no picture that can be read.');
    expect(await refused(new Uint8Array())).toBe('"x" is no picture that can be read.');
  });

  test('with one that is broken, too small or too large, before anything is decoded', async () => {
    const png = await sample('png');
    expect(await refused(png.subarray(0, 18))).toMatch(/"x" is broken: it ends where/);
    expect(await refused(Buffer.concat([png.subarray(0, 40), Buffer.alloc(60, 7)]))).toBe(
      '"x" is broken: it cannot be decoded.',
    );
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    expect(await refused(bomb)).toBe('"x" is 60000x60000 pixels: too large.');
    bomb.writeUInt32BE(1, 16);
    expect(await refused(bomb)).toBe('"x" is 1x60000 pixels: too small.');
  });

  test('with one that ends the process that reads it', async () => {
    const png = await sample('png');
    const { forkEngine } = await import('../engine/engine-child.ts');
    const dying = readPicture(png, 'x', (entry) => {
      const child = forkEngine(entry);
      setImmediate(() => child.kill());
      return child;
    });
    await expect(dying).rejects.toMatchObject({
      code: 'bad-input',
      message: '"x" cannot be read: the program that reads pictures ended over it.',
    });
  });
});

test('what a model looks at is the middle, averaged, on white', async () => {
  const { png } = await readPicture(await sample('png'), 'mia.png');
  const seen = await pixelsOf(png, { width: 4, height: 4 });
  expect([...seen.subarray(0, 12)]).toEqual([255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255]);
  // Two pixels beside each other, one of them half there.
  const rgba = Uint8Array.from([0, 0, 0, 255, 0, 0, 0, 0]);
  expect([...coverRgb(rgba, { width: 2, height: 1 }, { width: 1, height: 1 })]).toEqual([128, 128, 128]);
  expect([...coverRgb(rgba, { width: 2, height: 1 }, { width: 2, height: 1 })]).toEqual([0, 0, 0, 255, 255, 255]);
  expect([...coverRgb(Uint8Array.from([...rgba, ...rgba]), { width: 2, height: 2 }, { width: 1, height: 1 })]).toEqual([
    128, 128, 128,
  ]);
});
