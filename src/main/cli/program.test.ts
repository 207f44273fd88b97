import { existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cliFolder } from '../../../tests/fakes/cli-folder.ts';

const { at, Bench } = cliFolder();

describe('mistakes found before any work', () => {
  const refuse = async (...args: string[]) => {
    const bench = new Bench();
    const code = await bench.run('render', ...args);
    expect(bench.started).toEqual([]);
    return { code, errors: bench.terminal.errors };
  };

  test('stories and results that cannot be', async () => {
    const film = at('film.mp4');
    expect(await refuse(at('none.txt'), '-o', film)).toMatchObject({
      code: 1,
      errors: expect.stringContaining('There is no file'),
    });
    writeFileSync(at('bad.json'), '{"format": "throughline-story", "version": 1, "shots": []}');
    expect((await refuse(at('bad.json'), '-o', film)).errors).toContain('bad.json, shots: ');
    expect((await refuse(at('story.txt'), '-o', at('film.avi'))).errors).toContain('--out takes a name ending in .mp4');
    expect((await refuse(at('story.txt'), '-o', at('none/film.mp4'))).errors).toMatch(
      /--out: The folder .*none does not exist\./,
    );
    expect((await refuse(at('bad.json'), '-o', film, '--report', at('bad.json'))).code).toBe(1);
    const twice = await refuse(
      at('story.txt'),
      '-o',
      film,
      '--contact-sheet',
      at('sheet.png'),
      '--report',
      at('none/r.json'),
    );
    expect(twice.errors).toMatch(/--report: The folder .*none does not exist\./);
    expect(existsSync(film)).toBe(false);
  });

  test('a report may not overwrite the story', async () => {
    writeFileSync(at('s.json'), '{"prompts": ["a"]}');
    expect((await refuse(at('s.json'), '-o', at('film.mp4'), '--report', at('s.json'))).errors).toContain(
      'would overwrite the story',
    );
  });

  test('nothing overwrites the story or the model, whatever way leads there', async () => {
    writeFileSync(at('s.json'), '{"prompts": ["a"]}');
    const before = readFileSync(at('s.json'), 'utf8');
    mkdirSync(at('model'));
    writeFileSync(at('model/config.json'), '{}');
    const report = (path: string) =>
      refuse(at('s.json'), '-o', at('film.mp4'), '--model', at('model'), '--report', path);
    expect((await report(at('../' + basename(at()) + '/s.json'))).errors).toContain('would overwrite the story');
    expect((await report(at('model/config.json'))).errors).toContain('would overwrite a file of the model');
    if (process.platform === 'win32') return;
    symlinkSync(at(), at('linked'));
    symlinkSync(at('s.json'), at('link.json'));
    linkSync(at('s.json'), at('hard.json'));
    for (const path of ['linked/s.json', 'link.json', 'hard.json', 'linked/linked/link.json'])
      expect((await report(at(path))).errors, path).toContain('would overwrite the story');
    expect((await report(at('linked/model/config.json'))).errors).toContain('would overwrite a file of the model');
    // Two results in one file, through a link.
    symlinkSync(at('sheet.png'), at('dangling.png'));
    mkdirSync(at('sub'));
    symlinkSync(at(), at('sub/up'));
    writeFileSync(at('twice.json'), '');
    symlinkSync(at('twice.json'), at('sub/twice.mp4'));
    const twice = await refuse(at('s.json'), '-o', at('sub/twice.mp4'), '--report', at('sub/up/twice.json'));
    expect(twice.errors).toContain('--report would overwrite what --out names');
    expect(readFileSync(at('s.json'), 'utf8')).toBe(before);
  });

  test('an export overwrites the story no more than a render does', async () => {
    writeFileSync(at('script.fountain'), 'INT. HOUSE - DAY\n\nA cat sits.\n');
    const bench = new Bench();
    const code = await bench.run('export', at('script.fountain'), '--format', 'fountain', '-o', at('script.fountain'));
    expect(bench.terminal.errors).toContain('--out would overwrite the story');
    expect(code).toBe(1);
    expect(readFileSync(at('script.fountain'), 'utf8')).toContain('A cat sits.');
  });

  test('an export takes its format from the ending of its file', async () => {
    writeFileSync(at('script.txt'), 'A cat sits.\n');
    const bench = new Bench();
    expect(await bench.run('export', at('script.txt'), '--out', at('Script.FOUNTAIN'), '--panels', '6')).toBe(1);
    expect(bench.terminal.errors).toContain('fountain');
    expect(bench.terminal.errors).toContain('panels');
    const folder = new Bench();
    expect(await folder.run('export', at('script.txt'), '--out', at('clips'))).toBe(1);
    expect(folder.terminal.errors).toMatch(/does not say which format.*Add --format, one of: mp4, pdf/s);
    const many = new Bench();
    expect(await many.run('export', at('script.txt'), '--out', at('boards.pdf'), '--panels', '5')).toBe(2);
    expect(many.terminal.errors).toContain('It takes 1, 2, 3, 4, 6, 8, 9, 12.');
  });

  test('options: exit code 2, and what was expected', async () => {
    expect(await refuse(at('story.txt'))).toMatchObject({ code: 2, errors: expect.stringContaining('--out') });
    const steps = await refuse(at('story.txt'), '-o', at('film.mp4'), '--steps', '0');
    expect(steps).toMatchObject({ code: 2, errors: expect.stringContaining('a whole number from 1 to 1000') });
    const policy = await refuse(at('story.txt'), '-o', at('film.mp4'), '--policy', 'none');
    expect(policy).toMatchObject({ code: 2, errors: expect.stringContaining('window, sink, nam, nam+sma') });
    expect((await refuse(at('story.txt'), '-o', at('film.mp4'), '--seeed', '1')).errors).toContain('--seed');
    const misspelled = await refuse(at('story.txt'), '--outt', at('film.mp4'));
    expect(misspelled).toMatchObject({ code: 2, errors: expect.stringMatching(/unknown option '--outt'.*--out\?/s) });
    const farm = new Bench();
    expect(await farm.run('worker', '--queue', 'redis://127.0.0.1:1')).toBe(2);
    expect(await farm.run('farm', 'clean', '--store', at('store'))).toBe(2);
    expect(farm.terminal.errors).toMatch(/'--store <place>' not specified.*'--older-than <days>' not specified/s);
  });
});

test('help and version', async () => {
  const bench = new Bench();
  expect(await bench.run('--help')).toBe(0);
  expect(await bench.run('render', '--help')).toBe(0);
  expect(await bench.run('--version')).toBe(0);
  expect(bench.terminal.output).toContain('throughline render story.txt --out film.mp4');
  expect(bench.terminal.output).toContain('Memory (over what story and shots say):');
  expect(bench.terminal.output).toContain('9.9.9');
  expect(bench.terminal.errors).toBe('');
});

test('devices are listed with their figures, what auto takes and why one is not used', async () => {
  const bench = new Bench();
  bench.devices = {
    chosen: 'cpu',
    measuredAt: '2026-11-28T20:15:00.000Z',
    devices: [
      { device: 'cpu', label: 'A processor', problem: '', stepMs: 1234.4, difference: null },
      { device: 'webgpu', label: 'A card', problem: 'Its results differ.', stepMs: 56.78, difference: 0.25 },
    ],
  };
  expect(await bench.run('devices', '--measure', '--model', 'other', '--threads', '3')).toBe(0);
  expect(bench.asked).toMatchObject([{ how: 'again', query: { modelFolder: 'other', threads: 3 } }]);
  expect(bench.terminal.output).toBe(
    [
      'device  what it is   a step   differs by',
      'cpu     A processor  1234 ms  -           taken by auto',
      'webgpu  A card       56.8 ms  25 %        not used: Its results differ.',
      '',
      "Measured 2026-11-28 20:15 UTC. Differences are from the processor's results.",
      '',
    ].join('\n'),
  );
  await bench.run('devices');
  expect(bench.asked[1]).toMatchObject({ how: 'known', query: { modelFolder: 'the-built-in-model' } });
});
