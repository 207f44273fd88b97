import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/main/cli/program.ts';
import { ThroughlineError } from '../../src/shared/errors.ts';
import { reportSchema } from '../../src/shared/report.ts';
import { fakeRecord } from '../../tests/fakes/fake-engine.ts';
import { FakeTerminal } from '../../tests/fakes/fake-terminal.ts';
import { bytesOf, jsonBytes, type Parser, textOf } from './parser.ts';

/** Runs a command line whose engine says that there is none, so that only reading is done. */
async function run(args: readonly string[], folder: string): Promise<void> {
  const terminal = new FakeTerminal({});
  const code = await runProgram(args, {
    terminal,
    services: {
      startEngine: async () => {
        throw new ThroughlineError('model-missing', 'There is no engine here.', 'None is needed.');
      },
      devices: async () => {
        throw new ThroughlineError('model-missing', 'There is no engine here.', 'None is needed.');
      },
    },
    interrupts: new EventEmitter(),
    defaults: {
      modelFolder: join(folder, 'model'),
      cacheFolder: join(folder, 'cache'),
      modelsFolder: join(folder, 'models'),
    },
    version: '1.0.0',
    debug: true,
    exitNow: () => {},
  });
  const said = `${terminal.output}${terminal.errors}`;
  if (![0, 1, 2, 130].includes(code)) throw new Error(`exit code ${code}`);
  if (said.includes('fault of Throughline itself')) throw new Error(said.slice(0, 2000));
}

/** Nothing is read or written but in our folder, whatever a mutated argument names. */
function insideFolder(arg: string, folder: string): string {
  const named = /^(-o|--(?:out|report|contact-sheet|cache|model)=)(.*)$/s.exec(arg);
  const [option, value] = named ? [named[1] ?? '', named[2] ?? ''] : ['', arg];
  const isPath =
    named !== null || !(value.startsWith('-') || /^(render|inspect|help|\d{0,9}|[a-z0-9+]{2,7})$/.test(value));
  if (!isPath) return arg;
  return `${option}${join(folder, value.replaceAll(/[/\\\0]|\.\./g, '_').slice(0, 100) || 'x')}`;
}

const memory = {
  mode: 'paper',
  policy: 'nam',
  sinkFrames: 1,
  windowFrames: 6,
  bankFrames: 3,
  activatedFrames: 2,
  capacity: 32,
  recordInterval: 3,
  pipeline: 'interactive',
  pins: [],
  bans: [],
};
const prompts = ['A cat waves.', 'A dog runs.'];

/** As `throughline render --report` writes it, of two shots of two chunks. */
const report = {
  format: 'throughline-report',
  version: 1,
  startedAt: '2026-11-28T12:00:00.000Z',
  story: {
    format: 'throughline-story',
    version: 1,
    title: 'Two',
    seed: 0,
    shots: prompts.map((prompt) => ({ prompt, chunks: 2, transition: 'automatic' })),
  },
  model: {
    name: 'Fake',
    digest: 'f'.repeat(64),
    numericsVersion: 1,
    device: 'cpu',
    kvStorage: 'fp16',
    video: { width: 64, height: 48, fps: 8 },
    tokenGrid: { rows: 3, columns: 4 },
    chunkFrames: 3,
    layers: 2,
    heads: 2,
  },
  chunks: [0, 1, 2, 3].map((chunkIndex) => {
    const recipe = { chunkIndex, prompt: prompts[chunkIndex >> 1] ?? '', transition: 'continue', memory };
    return {
      key: String(chunkIndex).repeat(64),
      shotIndex: chunkIndex >> 1,
      source: 'made',
      device: 'cpu',
      seed: 0,
      transition: 'continue',
      sampler: { kind: 'renoise', steps: [1000, 500] },
      pixelFrames: chunkIndex === 0 ? 9 : 12,
      wallMs: 5,
      memory: fakeRecord({ recipe } as unknown as Parameters<typeof fakeRecord>[0]),
    };
  }),
  totals: { made: 4, stored: 0, pixelFrames: 45, filmSec: 5.6, wallMs: 20, makingMs: 20, realTimeFactor: 0.3 },
};
if (!reportSchema.safeParse(report).success) throw new Error('the report that others are made from is none');

export const commandLineParsers: readonly Parser[] = [
  {
    name: 'arguments',
    kind: 'text',
    corpus: () =>
      [
        'render story.txt --out film.mp4 --report report.json --story 1 --chunks-per-prompt 6',
        'render story.txt --out film.mp4 --policy nam+sma --seed 3 --threads 2 --device cpu --kv-storage int8 --quiet',
        'inspect report.json --shot 2',
        'help render',
        '--version',
      ].map((line) => bytesOf(line.replaceAll(' ', '\n'))),
    words: [
      '--out',
      '--seed',
      '--',
      '-1',
      '1e9',
      '--quiet=',
      '--policy',
      'NaN',
      '-',
      '--shot',
      '--height',
      '--no-',
      'help',
      '',
    ],
    read: async (input, folder) => {
      writeFileSync(join(folder, 'story.txt'), 'A cat waves.\n');
      writeFileSync(join(folder, 'report.json'), JSON.stringify(report));
      const args = textOf(input)
        .split('\n')
        .slice(0, 200)
        .map((arg) => insideFolder(arg, folder));
      await run(args, folder);
    },
  },
  {
    name: 'report',
    kind: 'json',
    corpus: () => [jsonBytes(report)],
    read: async (input, folder) => {
      const path = join(folder, 'report.json');
      writeFileSync(path, input);
      await run(['inspect', path], folder);
    },
  },
];
