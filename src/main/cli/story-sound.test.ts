import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CliBench } from '../../../tests/fakes/cli-bench.ts';
import { openSound } from '../sound/index.ts';

const root = join(import.meta.dirname, '../../..');
const model = join(root, 'tests/fixtures/reference-small');

let folder: string;
let bench: CliBench;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-story-sound-'));
  bench = new CliBench(folder);
  mkdirSync(at('sounds'));
  // Half a second: silence, and a click at 0.25 s.
  copyFileSync(join(root, 'tests/fixtures/sounds/click.wav'), at('sounds/a click.wav'));
  const shots = [
    { prompt: 'the cat waves', chunks: 1, trim: { head: 1, tail: 0 } },
    { prompt: 'a robot', chunks: 1 },
  ];
  writeFileSync(at('story.json'), JSON.stringify({ format: 'throughline-story', version: 1, shots }));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const sound = () => ['--sound', at('sounds/a click.wav')];

/** Where a film begins to be heard, in seconds. */
async function heardFrom(path: string): Promise<number> {
  const bytes = new Uint8Array(readFileSync(path));
  const reader = await openSound({ sizeBytes: bytes.length, read: async (a, b) => bytes.slice(a, b) }, path);
  const samples: number[] = [];
  for await (const [left] of reader.blocks()) samples.push(...(left as Float32Array));
  reader.dispose();
  return samples.findIndex((value) => Math.abs(value) > 0.1) / 48_000;
}

describe.each(['render', 'export'] as const)('%s', (command) => {
  const as = command === 'export' ? ['--format', 'mp4'] : [];
  const film = (...flags: string[]) =>
    bench.run(command, at('story.json'), ...as, '--out', at('film.mp4'), '--height', '96', ...sound(), ...flags);

  test('a recording is heard from the first shown frame on', async () => {
    expect(await film()).toBe(0);
    expect(Math.abs((await heardFrom(at('film.mp4'))) - 0.25)).toBeLessThan(0.002);
  });

  test('a part of the film has its part of it', async () => {
    // One frame of 8 a second is left off.
    expect(await film('--from', '2')).toBe(0);
    expect(Math.abs((await heardFrom(at('film.mp4'))) - 0.125)).toBeLessThan(0.002);
  });

  test('the recording is never written over', async () => {
    const named = command === 'export' ? 'otio' : 'mp4';
    const path = at(`sounds/film.${named}`);
    copyFileSync(at('sounds/a click.wav'), path);
    const flags = command === 'export' ? ['--format', 'otio', '--model', model] : [];
    expect(await bench.run(command, at('story.json'), ...flags, '--out', path, '--sound', path)).toBe(1);
    expect(bench.terminal.errors).toContain('--out would overwrite the sound');
    expect(readFileSync(path).equals(readFileSync(at('sounds/a click.wav')))).toBe(true);
  });

  test.each([
    ['nothing.wav', 'There is no sound file'],
    ['story.json', 'is not a sound file that can be read'],
  ])('refuses %s before anything is made', async (name, words) => {
    expect(await bench.run(command, at('story.json'), ...as, '--out', at('film.mp4'), '--sound', at(name))).toBe(1);
    expect(bench.terminal.errors).toContain(words);
    expect(bench.started).toEqual([]);
    expect(existsSync(at('film.mp4'))).toBe(false);
  });
});

test('an edit names the recording by the way to it, and only the part that is heard', async () => {
  const flags = ['--format', 'otio', '--fps', '24', '--from', '4', '--to', '4', '--model', model, ...sound()];
  expect(await bench.run('export', at('story.json'), '--out', at('cut.otio'), ...flags)).toBe(0);
  expect(bench.terminal.errors).toBe('');
  const [, track] = JSON.parse(readFileSync(at('cut.otio'), 'utf8')).tracks.children;
  const [clip] = track.children;
  expect(clip.media_references.DEFAULT_MEDIA.target_url).toBe('sounds/a%20click.wav');
  // The fourth frame of 8 a second: three of 24 from the tenth on.
  expect([clip.source_range.start_time.value, clip.source_range.duration.value]).toEqual([9, 3]);
});

test.each(['pdf', 'srt', 'gif', 'fountain'])('%s has no place for a sound', async (format) => {
  const out = at(`out.${format}`);
  expect(await bench.run('export', at('story.json'), '--format', format, '--out', out, ...sound())).toBe(1);
  expect(bench.terminal.errors).toContain(`The ${format} format has no sound, so --sound has no place in it.`);
  expect(bench.terminal.errors).toContain('mp4, otio, fcpxml, fcp7, edl, clips, html');
});

test('a project has its own sounds', async () => {
  const flags = ['--format', 'mp4', '--out', at('film.mp4'), ...sound()];
  expect(await bench.run('export', at('a.throughline'), ...flags)).toBe(1);
  expect(bench.terminal.errors).toContain('A project has its own sounds, so --sound cannot be given with one.');
});
