import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CliBench } from '../../../tests/fakes/cli-bench.ts';
import { FakeEngine } from '../../../tests/fakes/fake-engine.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import { reportSchema } from '../../shared/report.ts';
import { sceneWordsOf } from '../../shared/scene/index.ts';
import { verifyFilm } from '../export/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-cli-'));
  writeFileSync(
    join(folder, 'story.txt'),
    '# Three\n\nthe cat waves [2 chunks]\n\n[cut] a robot [2 chunks]\n\nthe cat [1 chunk]\n',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

/** A command line in the test's folder. */
class Bench extends CliBench {
  constructor(options: { isTty?: boolean } = {}) {
    super(folder, options);
  }
}

describe('render', () => {
  test('makes a film that decodes, with report and contact sheet', async () => {
    const bench = new Bench();
    const code = await bench.run(
      'render',
      at('story.txt'),
      '--out',
      at('film.mp4'),
      '--report',
      at('report.json'),
      '--contact-sheet',
      at('sheet.png'),
      '--height',
      '96',
    );
    expect(bench.terminal.errors).not.toContain('Error');
    expect(code).toBe(0);
    expect(await verifyFilm(at('film.mp4'))).toMatchObject({ frameCount: 9 + 4 * 12, width: 96, height: 96 });
    const report = reportSchema.parse(JSON.parse(readFileSync(at('report.json'), 'utf8')));
    expect(report.chunks).toHaveLength(5);
    expect(readFileSync(at('sheet.png')).subarray(1, 4).toString()).toBe('PNG');
    expect(bench.terminal.output).toContain('film.mp4  7.1 s, 96x96');
    expect(bench.terminal.output).toContain('5 chunks made in');
    expect(bench.open).toBe(0);
  });

  test('without a terminal: a line for each chunk', async () => {
    const bench = new Bench();
    await bench.run('render', at('story.txt'), '--out', at('film.mp4'), '--height', '32');
    const lines = bench.terminal.errors.trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[2]).toMatch(/^chunk 3 of 5, shot 2: made in \d+ ms, \d+ s left$/);
    expect(lines[4]).toMatch(/^chunk 5 of 5, shot 3: made in \d+ ms$/);
  });

  test('on a terminal: bar, phase, prompt', async () => {
    const bench = new Bench({ isTty: true });
    await bench.run('render', at('story.txt'), '--out', at('film.mp4'), '--height', '32');
    expect(bench.terminal.errors).toBe('');
    expect(bench.terminal.drawn[0]).toBe('loading the model');
    const frame = bench.terminal.drawn.find(
      (text) => text.includes('denoising 2 of 2') && text.includes('shot 2 of 3'),
    );
    expect(frame).toMatch(/^ {2}━+─+ {2}2 of 5 chunks · \d+ s left\n {2}shot 2 of 3 · denoising 2 of 2 · a robot$/);
  });

  test('quiet says nothing', async () => {
    const bench = new Bench({ isTty: true });
    expect(await bench.run('render', at('story.txt'), '--out', at('film.mp4'), '--height', '32', '--quiet')).toBe(0);
    expect(bench.terminal.output + bench.terminal.errors + bench.terminal.drawn.join('')).toBe('');
  });

  test('hands its options to the engine and into the recipes', async () => {
    const bench = new Bench();
    const flags = '--policy nam --bank 5 --activated 4 --capacity 9 --seed 3 --steps 5 --sampler euler';
    const machine = '--device webgpu --threads 3 --kv int8 --model other --quiet --height 32';
    await bench.run('render', at('story.txt'), '-o', at('film.mp4'), ...flags.split(' '), ...machine.split(' '));
    expect(bench.started[0]).toMatchObject({ device: 'webgpu', threads: 3, kvStorage: 'int8', modelFolder: 'other' });
    expect(bench.engine.made[0]?.recipe).toMatchObject({
      seed: 3,
      sampler: { kind: 'euler', steps: [1000, 800, 600, 400, 200] },
      memory: { policy: 'nam', bankFrames: 5, activatedFrames: 4, capacity: 9 },
    });
  });

  test('goes on where it stopped', async () => {
    const first = new Bench();
    first.engine.beforePhase = (request, phase) => {
      if (request.recipe.chunkIndex === 3 && phase.phase === 'denoising' && phase.step === 1)
        first.interrupts.emit('SIGINT');
    };
    expect(await first.run('render', at('story.txt'), '--out', at('film.mp4'), '--height', '32')).toBe(130);
    expect(first.terminal.errors).toContain('stopping after this step');
    expect(first.terminal.errors).toContain('The same command goes on');
    expect(first.terminal.errors).not.toContain('Error');
    expect(first.open).toBe(0);
    // no film, and nothing half-made beside where it would be
    expect(readdirSync(folder).sort()).toEqual(['cache', 'story.txt']);

    const second = new Bench();
    expect(await second.run('render', at('story.txt'), '--out', at('film.mp4'), '--height', '32')).toBe(0);
    expect(second.engine.made.map((request) => request.recipe.chunkIndex)).toEqual([3, 4]);
    expect(second.terminal.output).toContain('2 chunks made in');
    expect(second.terminal.output).toContain('3 from earlier runs');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('%s leaves nothing behind and ends with %d', async (signal, code) => {
    const bench = new Bench();
    bench.engine.beforePhase = (request) => {
      if (request.recipe.chunkIndex === 2) bench.interrupts.emit(signal);
    };
    expect(await bench.run('render', at('story.txt'), '--out', at('film.mp4'), '--height', '32')).toBe(code);
    expect(bench.terminal.errors).not.toContain('Error');
    expect(readdirSync(folder).sort()).toEqual(['cache', 'story.txt']);
    expect(bench.interrupts.eventNames()).toEqual([]);
  });

  test('a cancel while stored chunks are decoded is a cancel', async () => {
    const args = ['render', at('story.txt'), '--out', at('film.mp4'), '--height', '32'];
    expect(await new Bench().run(...args)).toBe(0);
    rmSync(at('film.mp4'));
    const bench = new Bench();
    bench.engine.beforeDecoded = (index) => {
      if (index === 2) bench.interrupts.emit('SIGINT');
    };
    expect(await bench.run(...args)).toBe(130);
    expect(bench.terminal.errors).not.toContain('Error');
    expect(existsSync(at('film.mp4'))).toBe(false);
  });

  test('a file that appears while the film is made is not replaced, and that is said', async () => {
    const bench = new Bench();
    bench.engine.beforePhase = (request) => {
      if (request.recipe.chunkIndex === 2) writeFileSync(at('film.mp4'), 'of somebody else');
    };
    expect(await bench.run('render', at('story.txt'), '--out', at('film.mp4'), '--height', '32')).toBe(0);
    expect(readFileSync(at('film.mp4'), 'utf8')).toBe('of somebody else');
    expect(await verifyFilm(at('film 2.mp4'))).toMatchObject({ frameCount: 9 + 4 * 12 });
    expect(bench.terminal.errors).toContain('nothing was replaced');
    expect(bench.terminal.output).toContain('film 2.mp4  7.1 s');
  });

  test('a signal ends a model that is still loading', async () => {
    const bench = new Bench();
    bench.loading = () => bench.interrupts.emit('SIGINT');
    expect(await bench.run('render', at('story.txt'), '--out', at('film.mp4'))).toBe(130);
    expect(bench.terminal.errors).not.toContain('Error');
    expect(bench.exitedNow).toBeNull();
    expect(readdirSync(folder).sort()).toEqual(['cache', 'story.txt']);
  });

  test('Ctrl+C twice stops at once', async () => {
    const bench = new Bench();
    bench.engine.beforePhase = () => {
      if (bench.exitedNow === null) {
        bench.interrupts.emit('SIGINT');
        bench.interrupts.emit('SIGINT');
      }
    };
    await bench.run('render', at('story.txt'), '--out', at('film.mp4'));
    expect(bench.exitedNow).toBe(130);
    expect(bench.interrupts.listenerCount('SIGINT')).toBe(0);
  });

  test('a film that is there stays as it was when the next one fails', async () => {
    writeFileSync(at('film.mp4'), 'the old film');
    const bench = new Bench();
    bench.engine.beforePhase = (request) => {
      if (request.recipe.chunkIndex === 2)
        throw new ThroughlineError('engine-died', 'The engine stopped.', 'Run it again.');
    };
    expect(await bench.run('render', at('story.txt'), '--out', at('film.mp4'), '--height', '32')).toBe(1);
    expect(readFileSync(at('film.mp4'), 'utf8')).toBe('the old film');
    expect(bench.terminal.errors).toContain('Error: The engine stopped.\n  Run it again.\n');
    expect(bench.open).toBe(0);
  });

  test('picks a story of several, and says so if it was not asked to', async () => {
    writeFileSync(at('s.jsonl'), '{"prompts": ["one"]}\n{"prompts": ["two"]}\n');
    const args = ['--out', at('film.mp4'), '--height', '32', '--chunks-per-prompt', '1'];
    const first = new Bench();
    await first.run('render', at('s.jsonl'), ...args);
    expect(first.engine.made.map((request) => request.recipe.prompt)).toEqual(['one']);
    expect(first.terminal.errors).toContain('Note: s.jsonl holds 2 stories; this is the first.');
    const second = new Bench();
    await second.run('render', at('s.jsonl'), ...args, '--story', '2');
    expect(second.engine.made.map((request) => request.recipe.prompt)).toEqual(['two']);
    const third = new Bench();
    expect(await third.run('render', at('s.jsonl'), ...args, '--story', '3')).toBe(1);
    expect(third.terminal.errors).toContain('there is no story 3');
  });

  test('the frame size reaches the engine from every command that has one', async () => {
    const story = at('story.txt');
    const commands = [
      ['render', story, '--out', at('film.mp4')],
      ['export', story, '--format', 'mp4', '--out', at('film.mp4')],
      ['compare', story],
    ];
    for (const command of commands) {
      const bench = new Bench();
      bench.failStart = new ThroughlineError('bad-input', 'This size cannot be drawn.', '');
      expect(await bench.run(...command, '--size', '64x48')).toBe(1);
      expect(bench.started, command[0]).toMatchObject([{ frameSize: { width: 64, height: 48 } }]);
      expect(bench.terminal.errors).toContain('This size cannot be drawn.');
      const without = new Bench();
      without.failStart = bench.failStart;
      await without.run(...command);
      expect(without.started[0]).not.toHaveProperty('frameSize');
    }
  });

  test('a model that does not load is one clear error', async () => {
    const bench = new Bench();
    bench.failStart = new ThroughlineError('model-missing', 'There is no model in x.', 'Give --model a folder.');
    expect(await bench.run('render', at('story.txt'), '--out', at('film.mp4'))).toBe(1);
    expect(bench.terminal.errors).toBe('Error: There is no model in x.\n  Give --model a folder.\n');
    expect(bench.open).toBe(0);
  });
});

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
    expect((await report(at('../' + basename(folder) + '/s.json'))).errors).toContain('would overwrite the story');
    expect((await report(at('model/config.json'))).errors).toContain('would overwrite a file of the model');
    if (process.platform === 'win32') return;
    symlinkSync(folder, at('linked'));
    symlinkSync(at('s.json'), at('link.json'));
    linkSync(at('s.json'), at('hard.json'));
    for (const path of ['linked/s.json', 'link.json', 'hard.json', 'linked/linked/link.json'])
      expect((await report(at(path))).errors, path).toContain('would overwrite the story');
    expect((await report(at('linked/model/config.json'))).errors).toContain('would overwrite a file of the model');
    // Two results in one file, through a link.
    symlinkSync(at('sheet.png'), at('dangling.png'));
    mkdirSync(at('sub'));
    symlinkSync(folder, at('sub/up'));
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

describe('inspect', () => {
  test('prints what the report of a render says', async () => {
    const bench = new Bench();
    await bench.run(
      'render',
      at('story.txt'),
      '-o',
      at('film.mp4'),
      '--report',
      at('report.json'),
      '-q',
      '--height',
      '32',
    );
    expect(await bench.run('inspect', at('report.json'))).toBe(0);
    expect(bench.terminal.output).toMatch(
      /^Three\n3 shots, 5 chunks, 7\.1 s of film\nFake on cpu, 16x16 at 8 frames a second/,
    );
    expect(bench.terminal.output).toContain('Shot 2 · 0:02.6 · cut  a robot');
    expect(bench.terminal.output).toContain('chunk 2 · 0:02.6 · nothing to recall yet');
    expect(bench.terminal.output).toContain(
      '0:00.0 shot 1 "the cat waves"  score 50 %, every layer, active 50 %; by cat 20 %, the 10 %',
    );
    bench.terminal.output = '';
    await bench.run('inspect', at('report.json'), '--shot', '3');
    expect(bench.terminal.output).toContain('Shot 3');
    expect(bench.terminal.output).not.toContain('Shot 2 ');
  });

  test('says what the model was told where a prompt was completed', async () => {
    writeFileSync(at('fox.txt'), 'A red fox sits in the meadow.\n\nIt waves.\n');
    const of = (group: string, part: string, word: string) => ({ word, part, group, synonyms: [] });
    const scene = sceneWordsOf([
      ...[of('character', 'noun', 'fox'), of('place', 'noun', 'meadow'), of('colour', 'adjective', 'red')],
    ]);
    const bench = new CliBench(folder, { engine: new FakeEngine({ scene }) });
    const files = ['-o', at('film.mp4'), '--report', at('report.json'), '--height', '32', '--chunks-per-prompt', '1'];
    const told = async (...flags: string[]): Promise<string> => {
      bench.terminal.output = '';
      bench.terminal.errors = '';
      expect(await bench.run('render', at('fox.txt'), ...files, ...flags)).toBe(0);
      expect(await bench.run('inspect', at('report.json'))).toBe(0);
      return bench.terminal.output;
    };
    expect(await told()).toMatch(/It waves\.\n +the model is told: .*red fox waves.*meadow/i);
    expect(bench.terminal.errors).toMatch(
      /prompts are completed from the story before them: shot 2: “.*red fox waves/i,
    );
    expect(await told('--prompts', 'as-written')).not.toContain('the model is told');
    expect(bench.terminal.errors).not.toContain('prompts are completed');
    // Of the second render only what is told otherwise is made.
    expect(bench.engine.made.map(({ recipe }) => recipe.chunkIndex)).toEqual([0, 1, 1]);
    expect(await bench.run('render', at('fox.txt'), ...files, '--prompts', 'full')).toBe(2);
    expect(bench.terminal.errors).toContain('as-written, completed');
    expect(await bench.run('export', at('film.throughline'), '-o', at('a.json'), '--prompts', 'completed')).toBe(1);
    expect(bench.terminal.errors).toContain('--prompts cannot be given with one');
  });

  test('refuses what is no report', async () => {
    const bench = new Bench();
    expect(await bench.run('inspect', at('story.txt'))).toBe(1);
    writeFileSync(at('x.json'), '{}');
    await bench.run('inspect', at('x.json'));
    writeFileSync(at('y.json'), '{"format": "throughline-report", "version": 1}');
    await bench.run('inspect', at('y.json'));
    await bench.run('inspect', at('none.json'));
    const messages = bench.terminal.errors.split('\n').filter((line) => line.startsWith('Error'));
    expect(messages[0]).toContain('story.txt is not JSON');
    expect(messages[1]).toContain('x.json is not a report of a render');
    expect(messages[2]).toContain('y.json, startedAt: ');
    expect(messages[3]).toMatch(/There is no file .*none\.json\.$/);
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
