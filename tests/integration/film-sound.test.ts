import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { verifyFilm } from '../../src/main/export/film-reader.ts';
import { openFilm } from '../../src/main/export/film-writer.ts';
import type { ReadSound } from '../../src/main/export/sound/mixer.ts';
import { openSound } from '../../src/main/sound/index.ts';
import { type SoundClip, soundRate } from '../../src/shared/sound/sound-clip.ts';
import { planSounds } from '../../src/shared/sound/sound-plan.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-film-sound-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = { width: 32, height: 24 };
const clip = (change: Partial<SoundClip> = {}): SoundClip => ({
  ...{
    id: 'sound-1',
    asset: 'a',
    name: 'click.wav',
    row: 0,
    offsetSamples: 0,
    inSamples: 0,
    lengthSamples: 10 * soundRate,
  },
  ...{ gainDb: 0, fadeInSamples: 0, fadeOutSamples: 0, muted: false, ...change },
});

/** A recording of ten seconds, silent but for a click of half a millisecond at 0.5 s. */
const clickAt = soundRate / 2;
const click = (sample: number): number =>
  sample >= clickAt && sample < clickAt + 24 ? 0.8 * Math.sin(((sample - clickAt) / 24) * 2 * Math.PI) : 0;
const readClick: ReadSound = async (_, start, end) => [
  Float32Array.from({ length: end - start }, (_, i) => click(start + i)),
];

async function film(fps: number, frames: number, sounds: readonly SoundClip[], fromSample = 0, read = readClick) {
  const writer = await openFilm({
    ...{ path: join(folder, `film-${fps}.mp4`), source, fps, targetHeight: 24 },
    metadata: { title: 'Film', chapters: [{ title: '1', startSec: 0 }] },
    sound: { sounds: planSounds([{ firstFrame: 0, sounds }], fps, () => 10 * soundRate), read, fromSample },
  });
  const rgb = new Uint8Array(source.width * source.height * 3);
  for (let i = 0; i < frames; i++) await writer.addFrames(rgb.fill((i * 40) % 256), 1);
  return writer.finish();
}

async function heard(path: string): Promise<Float32Array> {
  const bytes = new Uint8Array(readFileSync(path));
  const reader = await openSound({ sizeBytes: bytes.length, read: async (a, b) => bytes.slice(a, b) }, 'film.mp4');
  const blocks: Float32Array[] = [];
  for await (const [left] of reader.blocks()) blocks.push(left as Float32Array);
  reader.dispose();
  return Float32Array.from(blocks.flatMap((block) => [...block]));
}

/** The sample that the click is most alike from. */
function clickIn(sound: Float32Array): number {
  let best = { at: -1, likeness: 0 };
  for (let at = 0; at < sound.length - 24; at++) {
    let likeness = 0;
    for (let i = 0; i < 24; i++) likeness += (sound[at + i] as number) * click(clickAt + i);
    if (likeness > best.likeness) best = { at, likeness };
  }
  return best.at;
}

/** Half of AAC's transform is the finest that a coder may place a click by; ours is far better. */
const tolerance = 32;

test.each([12, 24, 23.976, 25])('a click is heard where it was put, at %d frames a second', async (fps) => {
  const { path, notes } = await film(fps, Math.ceil(3 * fps), [clip({ offsetSamples: soundRate })]);
  expect(notes).toEqual([]);
  const sound = await heard(path);
  expect(Math.abs(clickIn(sound) - 1.5 * soundRate)).toBeLessThanOrEqual(tolerance);
  const check = await verifyFilm(path);
  expect(check).toMatchObject({ frameCount: Math.ceil(3 * fps), isFastStart: true, title: 'Film' });
  expect(check.chapters).toHaveLength(1);
});

test('a film that begins later has its sound from there on', async () => {
  const { path } = await film(24, 48, [clip()], clickAt - soundRate / 4);
  expect(Math.abs(clickIn(await heard(path)) - soundRate / 4)).toBeLessThanOrEqual(tolerance);
});

test('gain and fades are heard', async () => {
  const steady: ReadSound = async (_, start, end) => [
    Float32Array.from({ length: end - start }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * (start + i)) / soundRate)),
  ];
  const faded = clip({ gainDb: -6, fadeInSamples: soundRate, lengthSamples: 2 * soundRate });
  const { path } = await film(24, 72, [faded], 0, steady);
  const sound = await heard(path);
  const loudness = (fromSec: number, toSec: number) => {
    const part = sound.subarray(fromSec * soundRate, toSec * soundRate);
    return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length);
  };
  const full = (0.5 * 10 ** (-6 / 20)) / Math.SQRT2;
  expect(loudness(1.2, 1.8)).toBeCloseTo(full, 2);
  expect(loudness(0.45, 0.55)).toBeCloseTo(full / 2, 2);
  expect(loudness(2.2, 2.8)).toBeLessThan(0.001);
});

test('what would be too loud is lowered and told', async () => {
  const loud: ReadSound = async (_, start, end) => [
    Float32Array.from({ length: end - start }, (_, i) => 0.9 * Math.sin((2 * Math.PI * 440 * (start + i)) / soundRate)),
  ];
  const twice = [clip({ lengthSamples: soundRate }), clip({ id: 'sound-2', lengthSamples: soundRate })];
  const { path, notes } = await film(24, 48, twice, 0, loud);
  expect(notes).toEqual([
    expect.stringMatching(/^The sound was too loud for 1\.0 seconds and was lowered there by up to 6\.1 dB/),
  ]);
  const sound = await heard(path);
  // AAC may overshoot what it was given a little.
  expect(sound.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0)).toBeLessThan(0.95);
});

const hasFfprobe = spawnSync('ffprobe', ['-version']).status === 0;
test.skipIf(!hasFfprobe)('another program finds pictures and sound of one length, that begin together', async () => {
  const { path } = await film(24, 60, [clip()]);
  const entries = 'stream=codec_name,start_time,duration,sample_rate,channels';
  const { stdout } = spawnSync('ffprobe', ['-v', 'error', '-show_entries', entries, '-of', 'json', path], {
    encoding: 'utf8',
  });
  const { streams } = JSON.parse(stdout) as { streams: Record<string, string | number>[] };
  expect(streams).toMatchObject([
    { codec_name: 'h264', start_time: '0.000000' },
    { codec_name: 'aac', start_time: '0.000000', sample_rate: '48000', channels: 2 },
  ]);
  for (const { duration } of streams) expect(Number(duration)).toBeCloseTo(2.5, 2);
});
