import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { planEdit } from '../../../shared/edit/edit-plan.ts';
import { lookAtTarget } from '../../files/index.ts';
import { decodeFilm, verifyFilm } from '../film-reader.ts';
import { formatNamed } from './index.ts';

const source = { width: 64, height: 48, fps: 8 };
/** Two shots; the second is trimmed by two frames at either end. */
const frames = [
  { head: 0, shown: 9, tail: 0 },
  { head: 2, shown: 8, tail: 2 },
];
const shown = 17;

/** A film of grey frames, each 12 brighter than the one before; what is trimmed off is white. */
async function film(fps: number, options: object) {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-mp4-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'Film mit 猫.mp4');
  const shots = frames.map(({ head, shown: count, tail }, i) => ({
    ...{ title: `Shot ${i}`, prompt: 'A cat.', fields: { scene: 'INT. HOUSE', dialogue: 'MIA: Hello' } },
    ...{ frameCount: count, headFrames: head, tailFrames: tail },
  }));
  const plan = planEdit(shots, { title: 'Film', size: source, modelFps: 8, fps });
  const format = formatNamed('mp4');
  if (format.needs === 'plan') throw new Error('it takes frames');
  const sink = await format.open({ target: await lookAtTarget(path, true), plan, options, source, frames });
  let bright = 30;
  for (const [shot, { head, shown: count, tail }] of frames.entries()) {
    for (let i = 0; i < head + count + tail; i++) {
      const part = i < head ? 'head' : i < head + count ? 'shown' : 'tail';
      await sink.add({ rgb: new Uint8Array(64 * 48 * 3).fill(part === 'shown' ? bright : 255), shot, part });
      if (part === 'shown') bright += 12;
    }
  }
  return { path, notes: (await sink.finish()).notes };
}

/** The brightness (luma, 16 to 235) of every frame's middle, decoded afresh. */
async function middles(path: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { i420, width, height } of decodeFilm(path)) {
    found.push(i420[Math.floor(height / 2) * width + Math.floor(width / 2)] as number);
  }
  return found;
}

/** Runs of frames that look the same, as their lengths. */
function runs(levels: readonly number[]): number[] {
  const found: number[] = [];
  for (const [i, level] of levels.entries()) {
    if (i > 0 && Math.abs(level - (levels[i - 1] as number)) < 5)
      found[found.length - 1] = (found.at(-1) as number) + 1;
    else found.push(1);
  }
  return found;
}

test.each([
  [8, 'repeat', 17, [1], []],
  [24, 'repeat', 51, [3], ['Every frame is shown 3 times: the model makes 8 frames a second, the film has 24.']],
  [25, 'repeat', 53, [3, 4], ['Frames are shown 3 or 4 times: the model makes 8 a second, the film has 25.']],
  [30, 'repeat', 64, [3, 4], ['Frames are shown 3 or 4 times: the model makes 8 a second, the film has 30.']],
] as const)('at %i frames a second, %s: as many frames as it says', async (fps, how, count, lengths, said) => {
  const { path, notes } = await film(fps, { height: 48, frames: how });
  expect(notes).toEqual(said);
  const { frameCount, chapters } = await verifyFilm(path);
  expect(frameCount).toBe(count);
  expect(chapters.map(({ startSec }) => Math.round(startSec * fps))).toEqual([0, Math.round((9 * fps) / 8)]);
  const found = runs(await middles(path));
  expect(found).toHaveLength(shown);
  for (const length of found) expect(lengths).toContain(length);
});

test('blended frames lie between their neighbours, and that is said', async () => {
  const { path, notes } = await film(24, { height: 48, frames: 'blend' });
  expect(notes).toEqual(["Frames between the model's 8 a second are mixed from their neighbours to give 24."]);
  const levels = await middles(path);
  expect(levels).toHaveLength(51);
  // From the middle of the first frame to that of the last, each is a third of 12 brighter than the one before.
  const steps = levels.slice(2, 49).map((level, i) => level - (levels[i + 1] as number));
  for (const step of steps) expect(Math.abs(step - (12 / 3) * (219 / 255))).toBeLessThan(2);
});

test.each([
  ['16:9', 86, 48],
  ['2.39:1', 114, 48],
  ['4:3', 64, 48],
  ['1:1', 48, 48],
  ['9:16', 28, 48],
])('in the aspect %s, cropped, with everything drawn in', async (aspect, width, height) => {
  const burnIn = ['scene', 'shot', 'timecode', 'dialogue'];
  const { path } = await film(24, { height: 48, aspect, fit: 'crop', burnIn });
  const found = await verifyFilm(path);
  expect(Math.abs(found.width - width)).toBeLessThanOrEqual(2);
  expect([found.height, found.frameCount]).toEqual([height, 51]);
});

test.skipIf(!hasFfprobe())('ffprobe reads rate, frames and chapters as they were asked for', async () => {
  const { path } = await film(25, { height: 48 });
  const asked = [
    '-v',
    'error',
    '-count_frames',
    '-show_streams',
    '-show_chapters',
    '-show_format',
    '-of',
    'json',
    path,
  ];
  const { streams, chapters, format } = JSON.parse(execFileSync('ffprobe', asked).toString());
  expect(streams[0]).toMatchObject({
    codec_name: 'h264',
    r_frame_rate: '25/1',
    nb_read_frames: '53',
    pix_fmt: 'yuv420p',
  });
  expect(chapters.map(({ tags }: { tags: { title: string } }) => tags.title)).toEqual(['1 Shot 0', '2 Shot 1']);
  expect(Number(chapters[1].start_time)).toBeCloseTo(28 / 25, 2);
  expect(format.tags.title).toBe('Film');
});

function hasFfprobe(): boolean {
  try {
    execFileSync('ffprobe', ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
