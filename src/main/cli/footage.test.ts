import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CliBench } from '../../../tests/fakes/cli-bench.ts';
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

const shots = [1, 2].map((chunks) => ({ prompt: 'a cat', chunks, transition: 'automatic' as const }));

test('frames go by their numbers, and each chunk has its own', async () => {
  await clip(23);
  const footage = await Footage.open(folder, { shots }, 1, 3);
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
  const same = await Footage.open(folder, { shots }, 2, 3).catch((error: Error) => error.message);
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

  expect(await run('--footage', folder, '--farm', 'redis://127.0.0.1:1', '--store', folder)).not.toBe(0);
  expect(bench.terminal.errors).toContain('--footage and --farm exclude each other');
  expect(await run('--given', '1')).not.toBe(0);
  expect(await run('--footage', join(folder, 'none'))).not.toBe(0);
  expect(bench.terminal.errors).toContain('is no folder that can be read');
});
