import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CliBench } from '../../../tests/fakes/cli-bench.ts';
import { openFilm } from '../export/index.ts';
import { atRate, turnedRgb } from '../footage/film.ts';
import { Footage } from './footage.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-footage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** So many frames of one grey each: frame i is i * 5. */
async function clip(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const canvas = createCanvas(16, 16);
    const context = canvas.getContext('2d');
    context.fillStyle = `rgb(${i * 5}, ${i * 5}, ${i * 5})`;
    context.fillRect(0, 0, 16, 16);
    writeFileSync(join(folder, `frame ${i}.png`), await canvas.encode('png'));
  }
}

/** A film of so many frames of one grey each: frame i is i * 2. */
async function writeFilm(path: string, fps: number, count: number): Promise<void> {
  const source = { width: 32, height: 32 };
  const film = await openFilm({ path, source, fps, targetHeight: 32, metadata: { title: 'Clip' } });
  for (let i = 0; i < count; i++) await film.addFrames(new Uint8Array(32 * 32 * 3).fill(i * 2), 1);
  await film.finish();
}

const model = { chunkFrames: 3, video: { width: 2, height: 2, fps: 8 } };
const shots = [1, 2].map((chunks) => ({ prompt: 'a cat', chunks, transition: 'automatic' as const }));

test('frames go by their numbers, and each chunk has its own', async () => {
  await clip(23);
  const footage = await Footage.open(folder, { shots }, 1, model);
  expect([footage.assets.length, footage.truthFrames]).toEqual([1, 14]);
  const greys = (pixels: Uint8Array | null) => pixels && [...pixels].filter((_, i) => i % 12 === 0);
  expect(greys(await footage.pictureOf(footage.assets[0] as string, 2, 18))).toEqual(
    Array.from({ length: 9 }, (_, i) => i * 5),
  );
  expect(greys(await footage.framesOf(1, { width: 2, height: 2 }))).toEqual(
    Array.from({ length: 12 }, (_, i) => (9 + i) * 5),
  );
  expect(greys(await footage.framesOf(2, { width: 2, height: 2 }))).toEqual([105, 110]);
  expect(await footage.framesOf(3, { width: 2, height: 2 })).toBeNull();
  expect(await footage.pictureOf('f'.repeat(64), 2, 2)).toBeNull();
  const same = await Footage.open(folder, { shots }, 2, model).catch((error: Error) => error.message);
  expect(same).toBe(`${folder} has 23 PNG frames, and the 3 chunks that show it need 33.`);
});

test('throughline compare gives the first shots footage, and writes what was measured', async () => {
  await clip(14);
  const story = join(folder, 'story.json');
  writeFileSync(story, JSON.stringify({ format: 'throughline-story', version: 1, shots }));
  const bench = new CliBench(folder);
  (bench.engine.info as { encoder?: string }).encoder = 'e'.repeat(64);
  const csv = join(folder, 'table.csv');
  const run = (...flags: string[]) => bench.run('compare', story, '--memories', 'window', ...flags);
  await run('--footage', folder, '--csv', csv);
  expect(bench.terminal.errors).not.toContain('Error');
  expect(bench.engine.made.map(({ recipe }) => recipe.footage !== undefined)).toEqual([true, false, false]);
  expect(readFileSync(csv, 'utf8')).toMatch(/^memory,seed,truth-psnr \(dB\),.*\r\nwindow,0,\d/);
  expect(bench.terminal.output).toContain('Truth, PSNR');

  expect(await run('--given', '1')).not.toBe(0);
  expect(await run('--footage', join(folder, 'none'))).not.toBe(0);
  expect(bench.terminal.errors).toContain('none cannot be read.');

  const [film, calls] = [join(folder, 'clip.mp4'), bench.engine.made.length];
  await writeFilm(film, 12, 14);
  expect(await run('--footage', film, '--seed', '9')).toBe(0);
  expect(bench.engine.made.slice(calls).map(({ recipe }) => recipe.footage !== undefined)).toEqual([
    true,
    false,
    false,
  ]);
  writeFileSync(join(folder, 'no.mp4'), 'no film');
  expect(await run('--footage', join(folder, 'no.mp4'))).not.toBe(0);
  expect(bench.terminal.errors).toContain('no.mp4 is something else, and no MP4.');
  expect(bench.terminal.errors).toContain('Save it as MP4 with H.264 in 8 bits, or as PNG frames.');
});

test('of an MP4 there is what is to be seen at the model’s moments, as far as a film can look', async () => {
  const film = join(folder, 'clip.mp4');
  await writeFilm(film, 24, 90); // 3.75 seconds: thirty of the model's frames, each the third of the film's
  const footage = await Footage.open(film, { shots: shots.slice(0, 1) }, 1, model);
  expect([footage.assets.length, footage.truthFrames]).toEqual([1, 0]); // nine frames were read, and no more
  const whole = await Footage.open(film, { shots }, 1, model);
  expect(whole.assets).toEqual(footage.assets);
  expect(whole.truthFrames).toBe(21);
  for (const size of [
    { width: 2, height: 2 },
    { width: 1, height: 1 },
  ]) {
    const pixels = (await whole.framesOf(1, size)) as Uint8Array;
    expect(pixels).toHaveLength(12 * 3 * size.width * size.height);
    const each = 3 * size.width * size.height;
    for (let i = 0; i < 12; i++) {
      const wanted = 3 * (9 + i) * 2;
      for (const value of pixels.subarray(i * each, (i + 1) * each)) expect(Math.abs(value - wanted)).toBeLessThan(6);
    }
  }
  expect(await footage.framesOf(1, { width: 2, height: 2 })).toBeNull();
});

test('moments between frames show the one before; a slower clip shows its frames again, the last as long as the others', async () => {
  const taken = async (fps: number, ...times: number[]): Promise<number[]> => {
    const film = async function* () {
      for (const timestampSec of times) yield { timestampSec };
    };
    const moments: number[] = [];
    for await (const { timestampSec } of atRate(film(), fps)) moments.push(timestampSec);
    return moments;
  };
  expect(await taken(2, 0, 0.25, 0.5, 0.75, 1, 1.25)).toEqual([0, 0.5, 1]);
  expect(await taken(4, 5, 5.5, 6)).toEqual([5, 5, 5.5, 5.5, 6, 6]); // counted from its first frame
  expect(await taken(3, 0, 0.333333, 0.666667)).toEqual([0, 0.333333, 0.666667]); // whole microseconds
  expect(await taken(8, 0)).toEqual([0]);
  expect(await taken(8)).toEqual([]);
});

test('a film that was held upright is turned', () => {
  const of = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap((value) => [value, value, value]));
  const size = { width: 3, height: 2 };
  const turned = (rotation: 0 | 90 | 180 | 270): number[] =>
    [...turnedRgb(of(1, 2, 3, 4, 5, 6), size, rotation)].filter((_, i) => i % 3 === 0);
  expect(turned(0)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(turned(90)).toEqual([4, 1, 5, 2, 6, 3]);
  expect(turned(180)).toEqual([6, 5, 4, 3, 2, 1]);
  expect(turned(270)).toEqual([3, 6, 2, 5, 1, 4]);
});
