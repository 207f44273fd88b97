import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export const source = { width: 160, height: 96 };

type Rgb = readonly [number, number, number];

/** A frame of flat shapes with hard edges: sky, ground, a moving disc, a house with a lit window. [96, 160, 3] */
export function animaticFrame(index: number): Uint8Array {
  const at = (x: number, y: number): Rgb => {
    if (x > 118 && x < 126 && y > 40 && y < 50) return [255, 255, 0];
    if (x > 110 && x < 140 && y > 30 && y < 66) return [160, 30, 40];
    if ((x - 20 - index * 1.8) ** 2 + (y - 58) ** 2 < 196) return [220, 90, 30];
    return y > 64 ? [60, 140, 70] : [120 + (y >> 1), 170 + (y >> 2), 225];
  };
  const rgb = new Uint8Array(source.width * source.height * 3);
  for (let y = 0, o = 0; y < source.height; y++) for (let x = 0; x < source.width; x++, o += 3) rgb.set(at(x, y), o);
  return rgb;
}

/**
 * A frame that is hard to code: a moving gradient under grain of 16 levels, the same for the same index. [96, 160, 3]
 * Grain is grey: colour that changes from pixel to pixel is beyond any 4:2:0 film.
 */
export function noisyFrame(index: number): Uint8Array {
  let state = index * 7919 + 1;
  const rgb = new Uint8Array(source.width * source.height * 3);
  for (let o = 0; o < rgb.length; o += 3) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const level = 60 + ((o / 3 + index * 3) % source.width) * 0.8 + (state >>> 28);
    rgb.set([level, level * 0.8, level * 0.6], o);
  }
  return rgb;
}

/** The frames one after another, as a chunk comes. */
export function joined(frames: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(frames));
}

/** An empty folder for one test. */
export function testFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'throughline-export-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Mounts a small disk in memory for one test; null where this process may not mount. */
export function smallDisk(options: string): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const folder = mkdtempSync(path.join(tmpdir(), 'throughline-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'throughline-test', folder], { stdio: 'pipe' });
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
  onTestFinished(() => {
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
