import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { cliFolder } from '../../../tests/fakes/cli-folder.ts';
import { FakeEngine } from '../../../tests/fakes/fake-engine.ts';
import { sceneWordsOf } from '../../shared/scene/index.ts';

const { at, Bench } = cliFolder();

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
    const bench = new Bench({ engine: new FakeEngine({ scene }) });
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
