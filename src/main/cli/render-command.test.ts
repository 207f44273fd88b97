import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cliFolder } from '../../../tests/fakes/cli-folder.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import { reportSchema } from '../../shared/report.ts';
import { verifyFilm } from '../export/index.ts';

const { at, Bench } = cliFolder();

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
    expect(readdirSync(at()).sort()).toEqual(['cache', 'story.txt']);

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
    expect(readdirSync(at()).sort()).toEqual(['cache', 'story.txt']);
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
    expect(readdirSync(at()).sort()).toEqual(['cache', 'story.txt']);
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
