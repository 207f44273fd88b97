import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { footageFactsSchema, stripAt } from '../../shared/footage.ts';
import { inFrameOrder, packHead } from '../../shared/footage-pack.ts';
import { openFilm } from '../export/index.ts';
import { stripPixels } from '../pictures/index.ts';
import { takeFootage } from './footage-work.ts';
import { takeFootage as takeApart } from './index.ts';
import { apart, footageName } from './names.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-footage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const shape = { video: { width: 8, height: 8, fps: 8 }, chunkFrames: 3, mostChunks: 3 };
const at = (name: string): string => join(folder, name);

/** PNG frames as the editor sends them: frame i is of grey i * 5. */
async function pack(
  count: number,
  alter: (files: { name: string; bytes: Buffer }[]) => void = () => {},
): Promise<void> {
  const files: { name: string; bytes: Buffer }[] = [];
  for (let i = 0; i < count; i++) {
    const canvas = createCanvas(16, 8);
    const context = canvas.getContext('2d');
    context.fillStyle = `rgb(${i * 5}, ${i * 5}, ${i * 5})`;
    context.fillRect(0, 0, 16, 8);
    files.push({ name: `frame ${i}.png`, bytes: await canvas.encode('png') });
  }
  alter(files);
  const head = packHead(files.map(({ name, bytes }) => ({ name, bytes: bytes.length })));
  writeFileSync(at('came'), Buffer.concat([head, ...files.map(({ bytes }) => bytes)]));
}

async function film(name: string, fps: number, count: number): Promise<string> {
  const source = { width: 32, height: 16 };
  const made = await openFilm({ path: at(name), source, fps, targetHeight: 16, metadata: { title: 'Clip' } });
  for (let i = 0; i < count; i++) await made.addFrames(new Uint8Array(32 * 16 * 3).fill(i * 2), 1);
  await made.finish();
  return at(name);
}

const refusal = (from: string, name: string): Promise<string> =>
  takeFootage(from, name, shape, at('kept')).then(
    () => 'taken',
    ({ message, hint }) => `${message} ${hint}`,
  );

test('PNG frames are kept as a picture for each chunk, named by its pixels, and come back as they went in', async () => {
  await pack(25);
  const facts = footageFactsSchema.parse(await takeFootage(at('came'), 'frame 0.png', shape, at('kept')));
  expect(facts.strips.map(({ frames }) => frames)).toEqual([9, 12, 4]);
  expect(facts.chunks).toHaveLength(2); // the third is not filled
  const kept = readFileSync(at('kept'));
  expect(facts.strips.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(kept.length);
  const { start, end, frames } = stripAt(facts, 1) ?? expect.unreachable();
  const strip = kept.subarray(start, end);
  expect(await loadImage(strip)).toMatchObject({ width: 8, height: 96 });
  const pixels = await stripPixels(strip, frames, shape.video);
  expect([...pixels].filter((_, i) => i % 192 === 0)).toEqual(Array.from({ length: 12 }, (_, i) => (9 + i) * 5));
  expect(facts.chunks[1]).toBe(footageName(apart(pixels, 12)));
  expect(stripAt(facts, 3)).toBeNull();
});

test('no more is kept than films can look at, and chunks of a longer clip have the same names', async () => {
  const path = await film('clip.mp4', 24, 60);
  const short = await takeFootage(path, 'clip.mp4', { ...shape, mostChunks: 1 }, at('kept'));
  const long = await takeApart(path, { name: 'clip.mp4', shape, to: at('kept') });
  expect([short.strips, long.strips].map((strips) => strips.map(({ frames }) => frames))).toEqual([[9], [9, 11]]);
  expect(long.chunks).toEqual(short.chunks);
});

test('what cannot be footage is said, and what to do', async () => {
  const files: [name: string, bytes: Buffer, said: string][] = [
    ['nothing.mp4', Buffer.alloc(0), '"nothing.mp4" is empty, and no MP4. Save it as MP4 with H.264 in 8 bits'],
    ['text.mp4', Buffer.from('some words of a text'), '"text.mp4" is something else, and no MP4.'],
    ['old.mov', Buffer.from('\0\0\0\x14ftypqt  rest'), '"old.mov" is a QuickTime movie, and no MP4.'],
    ['web.mp4', Buffer.from('1a45dfa39f4286810142f781', 'hex'), '"web.mp4" is a WebM or Matroska film, and no MP4.'],
  ];
  for (const [name, bytes, said] of files) {
    writeFileSync(at(name), bytes);
    expect(await refusal(at(name), name)).toContain(said);
  }
  expect(await refusal(await film('short.mp4', 24, 12), 'short.mp4')).toBe(
    '"short.mp4" has 4 frames at the model’s 8 a second, and a film’s first chunk needs 9. Choose a longer clip.',
  );
  const whole = readFileSync(await film('whole.mp4', 8, 120));
  writeFileSync(at('head.mp4'), whole.subarray(0, 300));
  expect(await refusal(at('head.mp4'), 'head.mp4')).toContain('"head.mp4" cannot be read as an MP4: ');
  // Where the clip is long enough for the story, what comes after that is not looked at, cut off or not.
  writeFileSync(at('cut.mp4'), whole.subarray(0, -200));
  expect(await refusal(at('cut.mp4'), 'cut.mp4')).toBe('taken');
  const all = { ...shape, mostChunks: 32 };
  await expect(takeFootage(at('cut.mp4'), 'cut.mp4', all, at('kept'))).rejects.toThrow(
    /"cut.mp4" cannot be read as an MP4: it is cut off after \d+\.\d of 14\.9 seconds/,
  );
});

test('frames that are none, too few or not all there are said by name', async () => {
  await pack(5);
  expect(await refusal(at('came'), 'frame 0.png')).toBe(
    '"frame 0.png" has 5 frames, and a film’s first chunk needs 9. Choose more frames.',
  );
  await pack(9, (files) => {
    Object.assign(files[4] as object, { bytes: Buffer.from('no picture') });
  });
  expect(await refusal(at('came'), 'x')).toBe(
    '"frame 4.png" is no picture that can be read. A picture can be a PNG, JPEG or WebP file.',
  );
  const jpeg = await createCanvas(16, 16).encode('jpeg');
  await pack(9, (files) => {
    Object.assign(files[2] as object, { bytes: jpeg });
  });
  expect(await refusal(at('came'), 'x')).toBe('"frame 2.png" is a JPEG picture. Frames of footage are PNG files.');
  await pack(9);
  writeFileSync(at('came'), readFileSync(at('came')).subarray(0, -1));
  expect(await refusal(at('came'), 'x')).toBe('The frames of "x" did not arrive whole. Choose them again.');
});

test('frames go by the numbers in their names', () => {
  const names = ['f10.png', 'f9.png', 'f1.png'].map((name) => ({ name }));
  expect(inFrameOrder(names).map(({ name }) => name)).toEqual(['f1.png', 'f9.png', 'f10.png']);
});
