import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CliBench } from '../../../tests/fakes/cli-bench.ts';
import { verifyFilm } from '../export/index.ts';

let folder: string;
let bench: CliBench;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-parts-'));
  bench = new CliBench(folder);
  // 21, 24 and 12 frames are made; 11, 24 and 5 are shown.
  const shots = [
    { prompt: 'the cat waves', chunks: 2, trim: { head: 4, tail: 6 } },
    { prompt: 'a robot', chunks: 2, fields: { number: '12A' } },
    { prompt: 'the cat again', chunks: 1, trim: { head: 7, tail: 0 } },
  ];
  writeFileSync(at('story.json'), JSON.stringify({ format: 'throughline-story', version: 1, shots }));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

async function film(command: 'render' | 'export', ...flags: string[]) {
  const as = command === 'export' ? ['--format', 'mp4'] : [];
  const code = await bench.run(command, at('story.json'), ...as, '--out', at('film.mp4'), '--height', '96', ...flags);
  expect(bench.terminal.errors).not.toContain('Error');
  expect(code).toBe(0);
  const { frameCount, chapters } = await verifyFilm(at('film.mp4'));
  return { frameCount, starts: chapters.map(({ startSec }) => startSec), made: bench.engine.made.length };
}

describe.each(['render', 'export'] as const)('%s', (command) => {
  test('shows what is not trimmed off; all of it is made', async () => {
    expect(await film(command)).toEqual({ frameCount: 40, starts: [0, 11 / 8, 35 / 8], made: 5 });
  });

  test('begins and ends where it is told to, and makes nothing after that', async () => {
    // Frames 10 and 11 are the last of the first shot; 9 of the second are wanted.
    expect(await film(command, '--from', '10', '--to', '20')).toEqual({ frameCount: 11, starts: [0, 2 / 8], made: 4 });
  });

  test('takes shots by their number', async () => {
    expect(await film(command, '--from', 'shot:12A', '--to', 'shot:12A')).toEqual({
      ...{ frameCount: 24, starts: [0], made: 4 },
    });
  });

  test.each([
    [['--from', '41'], 'the film has 40 frames at 8 a second'],
    [['--from', '12', '--to', '3'], 'would end (3) before it begins (12)'],
    [['--to', 'shot:7'], 'there is no shot 7 in this film'],
  ])('refuses %j', async (points, words) => {
    const as = command === 'export' ? ['--format', 'mp4'] : [];
    expect(await bench.run(command, at('story.json'), ...as, '--out', at('film.mp4'), ...points)).toBe(1);
    expect(bench.terminal.errors).toContain(words);
    expect(bench.engine.made).toEqual([]);
  });
});

test('a story whose trim leaves nothing is refused', async () => {
  const shots = [{ prompt: 'a', chunks: 1, trim: { head: 5, tail: 4 } }];
  writeFileSync(at('story.json'), JSON.stringify({ format: 'throughline-story', version: 1, shots }));
  expect(await bench.run('render', at('story.json'), '--out', at('film.mp4'))).toBe(1);
  expect(bench.terminal.errors).toContain('shots[0].trim: this shot has 9 frames, and 9 of them are trimmed off');
});

test('an edit of a part lies in the film of that part', async () => {
  const model = join(import.meta.dirname, '../../../tests/fixtures/reference-small');
  const flags = ['--format', 'otio', '--fps', '24', '--media', 'film.mp4', '--model', model];
  const code = await bench.run('export', at('story.json'), '--out', at('cut.otio'), ...flags, '--from', '10');
  expect(bench.terminal.errors).toBe('');
  expect(code).toBe(0);
  const { tracks } = JSON.parse(readFileSync(at('cut.otio'), 'utf8'));
  const ranges = tracks.children[0].children.map(({ source_range: { start_time, duration } }: Clip) => [
    start_time.value,
    duration.value,
  ]);
  // 2, 24 and 5 frames at 8 a second, at 24, one after another in the film.
  expect(ranges).toEqual([
    [0, 6],
    [6, 72],
    [78, 15],
  ]);
});

interface Clip {
  readonly source_range: Record<'start_time' | 'duration', { readonly value: number }>;
}
