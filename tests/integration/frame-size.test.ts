import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runProgram } from '../../src/main/cli/program.ts';
import { EngineClient } from '../../src/main/engine/client.ts';
import { verifyFilm } from '../../src/main/export/index.ts';
import { type Report, reportSchema } from '../../src/shared/report.ts';
import { FakeTerminal } from '../fakes/fake-terminal.ts';
import { tinyDownloads } from '../fakes/tiny-downloads.ts';
import { tinyModel } from './engine-story.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let folder: string;
const at = (name: string) => join(folder, name);

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = new FakeTerminal();
  const code = await runProgram(args, {
    terminal,
    services: {
      startEngine: (settings) =>
        EngineClient.start({ ...settings, device: 'cpu', threads: 1, graphsFolder: at('graphs') }),
      devices: (query, how) => EngineClient.devices(query, how),
    },
    interrupts: { on: () => {}, off: () => {} } as never,
    defaults: { modelFolder: tinyModel, cacheFolder: at('cache'), modelsFolder: at('models') },
    version: '0.0.0',
    debug: false,
    exitNow: () => {},
  });
  return { code, out: terminal.output, err: terminal.errors };
}

const make = (name: string, ...rest: string[]) =>
  run(
    'render',
    at('story.txt'),
    ...['--out', at(`${name}.mp4`), '--report', at(`${name}.json`), '--height', '64', '--steps', '2', ...rest],
  );
const report = (name: string): Report => reportSchema.parse(JSON.parse(readFileSync(at(`${name}.json`), 'utf8')));
const keys = (name: string): string[] => report(name).chunks.map(({ key }) => key);
const sources = (name: string): string[] => report(name).chunks.map(({ source }) => source);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-size-'));
  tinyDownloads(at('download'));
  writeFileSync(at('story.txt'), 'a red cat [1 chunk]\n\nthe cat waves [1 chunk]\n');
  const imported = await run('models', 'import', at('download'), '--name', 'tiny', '--heads', '2', '--size', '48x32');
  expect(imported.err).not.toContain('Error');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('an imported model draws another size, with other keys, beside its own in one cache', async () => {
  expect((await make('own', '--model', 'tiny')).err).not.toContain('Error');
  const graphsOf = () => readdirSync(at('graphs')).filter((name) => /^[0-9a-f]{16}-[a-z]+$/.test(name));
  expect((await make('larger', '--model', 'tiny', '--size', '64x48')).err).not.toContain('Error');
  expect(await verifyFilm(at('own.mp4'))).toMatchObject({ frameCount: 9 + 12, width: 96, height: 64 });
  expect(await verifyFilm(at('larger.mp4'))).toMatchObject({ frameCount: 9 + 12, width: 86, height: 64 });
  expect(report('own').model).toMatchObject({ video: { width: 48, height: 32 }, tokenGrid: { rows: 2, columns: 3 } });
  expect(report('larger').model).toMatchObject({
    video: { width: 64, height: 48 },
    tokenGrid: { rows: 3, columns: 4 },
  });
  expect(report('larger').model.digest).toBe(report('own').model.digest);
  for (const [i, key] of keys('larger').entries()) expect(key).not.toBe(keys('own')[i]);

  // Its own size said aloud is the same as not said; what either size made is found again, in any order.
  await make('said', '--model', 'tiny', '--size', '48x32');
  expect(keys('said')).toEqual(keys('own'));
  expect(sources('said')).toEqual(['stored', 'stored']);
  await make('again', '--model', 'tiny', '--size', '64x48');
  expect(keys('again')).toEqual(keys('larger'));
  expect(sources('again')).toEqual(['stored', 'stored']);
  // Graphs of both sizes lie beside the same weights.
  const graphs = graphsOf();
  expect(graphs).toHaveLength(1);
  const files = readdirSync(join(at('graphs'), graphs[0] as string));
  expect(files).toEqual(expect.arrayContaining(['dit.onnx', 'dit-64x48.onnx', 'dit.safetensors']));
  expect(files.filter((name) => name.startsWith('dit') && name.endsWith('.safetensors'))).toHaveLength(1);
});

test('a memory state of one size is not taken for one of another', async () => {
  writeFileSync(at('longer.txt'), `${readFileSync(at('story.txt'), 'utf8')}\nthe cat sleeps [1 chunk]\n`);
  const longer = (name: string, size: string) =>
    run(
      'render',
      at('longer.txt'),
      ...['--out', at(`${name}.mp4`), '--report', at(`${name}.json`), '--height', '64', '--steps', '2'],
      ...['--model', 'tiny', '--size', size],
    );
  for (const [name, size, first] of [
    ['own-longer', '48x32', 'own'],
    ['larger-longer', '64x48', 'larger'],
  ] as const) {
    expect((await longer(name, size)).err).not.toMatch(/Error|Note/);
    expect(sources(name)).toEqual(['stored', 'stored', 'made']);
    expect(keys(name).slice(0, 2)).toEqual(keys(first));
  }
});

test('stills have the size, and an edit says it without a model being loaded', async () => {
  const stills = await run(
    'export',
    at('story.txt'),
    ...['--format', 'png', '--out', at('stills'), '--height', '48', '--model', 'tiny', '--size', '64x48'],
  );
  expect(stills.err).not.toContain('Error');
  const [still] = readdirSync(at('stills')).filter((name) => name.endsWith('.png'));
  const png = readFileSync(join(at('stills'), still as string));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([64, 48]);
  const edit = await run(
    'export',
    at('story.txt'),
    ...['--format', 'fcpxml', '--out', at('edit.fcpxml'), '--media', 'film.mp4', '--model', 'tiny', '--size', '64x48'],
  );
  expect(edit.err).not.toContain('Error');
  expect(readFileSync(at('edit.fcpxml'), 'utf8')).toContain('width="960" height="720"'); // 64x48, enlarged
});

test('the same story is compared at another size', async () => {
  const compared = await run(
    'compare',
    at('story.txt'),
    ...['--memories', 'window', '--json', at('compared.json'), '--model', 'tiny', '--size', '64x48'],
  );
  expect(compared.err).not.toContain('Error');
  const [film] = JSON.parse(readFileSync(at('compared.json'), 'utf8')).films as { keys: string[] }[];
  expect(film?.keys).toHaveLength(2);
});

test.each<[string, string[], RegExp]>([
  [
    'a model that draws one size',
    ['--size', '64x48'],
    /The model Random reference draws frames of 48x32 and no other size, so it cannot draw 64x48\.\s+Leave the size out, or use an imported model/,
  ],
  ['its own size', ['--size', '48x32'], /^$/],
  [
    'no multiples',
    ['--model', 'tiny', '--size', '100x100'],
    /A frame size is two multiples of 16 such as 832x480, from 32x32 to 4096x1360\./,
  ],
  ['too small', ['--model', 'tiny', '--size', '16x32'], /from 32x32 to 4096x1360\./],
  ['too large', ['--model', 'tiny', '--size', '832x1376'], /from 32x32 to 4096x1360\./],
  ['no size', ['--model', 'tiny', '--size', 'large'], /two multiples of 16/],
])('%s: said in a sentence', async (_, flags, says) => {
  const { err } = await make('refused', '--cache', at('another-cache'), ...flags);
  expect(
    err
      .split('\n')
      .filter((line) => !line.startsWith('chunk'))
      .join('\n'),
  ).toMatch(says);
});

test('a size that does not fit into memory is refused with one that does', async () => {
  const start = EngineClient.start({
    ...{ modelFolder: at('models/tiny'), frameSize: { width: 1024, height: 1024 }, availableBytes: 3e8 },
    ...{ device: 'cpu', threads: 1, latentsOf: () => null, graphsFolder: at('graphs') },
  });
  await expect(start).rejects.toMatchObject({
    code: 'out-of-memory',
    message: expect.stringMatching(/^tiny at 1024x1024 needs about .* and 300 MB can be had\.$/),
    hint: expect.stringMatching(/^Close other programs, or use frames of \d+x\d+: /),
  });
});

test('a project says its own size', async () => {
  const refused = await run('export', 'film.throughline', '--format', 'mp4', '--out', at('x.mp4'), '--size', '64x48');
  expect(refused.code).not.toBe(0);
  expect(refused.err).toContain('What a project holds is made already, at its own frame size');
});
