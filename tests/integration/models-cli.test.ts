import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runProgram } from '../../src/main/cli/program.ts';
import { lookAt } from '../../src/main/engine/checkpoints/look.ts';
import { EngineClient } from '../../src/main/engine/client.ts';
import { verifyFilm } from '../../src/main/export/index.ts';
import { FakeHub } from '../fakes/fake-hub.ts';
import { FakeTerminal } from '../fakes/fake-terminal.ts';
import { tinyDownloads } from '../fakes/tiny-downloads.ts';

vi.setConfig({ testTimeout: 180_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-models-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = new FakeTerminal();
  const code = await runProgram(args, {
    terminal,
    services: {
      startEngine: (settings) => EngineClient.start({ ...settings, device: 'cpu', threads: 1 }),
      devices: (query, how) => EngineClient.devices(query, how),
    },
    interrupts: { on: () => {}, off: () => {} } as never,
    defaults: { modelFolder: 'the-built-in-model', cacheFolder: at('cache'), modelsFolder: at('models') },
    version: '0.0.0',
    debug: false,
    exitNow: () => {},
  });
  return { code, out: terminal.output, err: terminal.errors };
}

test('files somebody downloaded become a model, and the model a film', async () => {
  tinyDownloads(at('download'));
  expect(await run('models', 'list')).toMatchObject({
    code: 0,
    out: expect.stringContaining('No model is imported yet'),
  });
  const imported = await run('models', 'import', at('download'), '--name', 'tiny', '--heads', '2', '--size', '48x32');
  expect(imported.err).not.toContain('Error');
  expect(imported.code).toBe(0);
  expect(imported.out).toContain('dit.safetensors from model.pt (its generator; 69 tensors)');
  expect(readdirSync(at('models'))).toEqual(['tiny']);
  expect((await run('models', 'list')).out).toMatch(/^tiny +\d\.\d MB {2}48x32 {2}released {2}tiny$/m);
  expect((await run('models', 'check', 'tiny')).out).toContain('is as it was imported');

  writeFileSync(at('story.txt'), 'a red cat [1 chunk]\n\nthe cat waves [1 chunk]\n');
  const made = await run(
    'render',
    at('story.txt'),
    '--out',
    at('film.mp4'),
    '--model',
    'tiny',
    '--height',
    '64',
    '--steps',
    '2',
  );
  expect(made.err).not.toContain('Error');
  expect(made.code).toBe(0);
  expect(await verifyFilm(at('film.mp4'))).toMatchObject({ frameCount: 9 + 12 });

  const bytes = readFileSync(at('models/tiny/dit.safetensors'));
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  writeFileSync(at('models/tiny/dit.safetensors'), bytes);
  expect(await run('models', 'check', 'tiny')).toMatchObject({
    code: 1,
    err: expect.stringContaining('dit.safetensors changed'),
  });
  expect((await run('models', 'remove', 'tiny')).out).toMatch(/Removed .*tiny/);
  expect(existsSync(at('models/tiny'))).toBe(false);
});

test('weights of Reward Forcing are told by their name, and run with the sink that their authors run them with', async () => {
  tinyDownloads(at('download'));
  copyFileSync(at('download/model.pt'), at('download/rewardforcing.pt')); // a file, not the link to one of another name
  rmSync(at('download/model.pt'));
  expect(lookAt([at('download')], { heads: 2 })).toMatchObject({ recipe: 'reward-forcing' });
  const how = ['--like', 'reward-forcing', '--name', 'reward', '--heads', '2', '--size', '48x32'];
  expect(await run('models', 'import', at('download'), ...how)).toMatchObject({ code: 0 });
  expect((await run('models', 'list')).out).toMatch(/ 48x32 {2}ema-sink {2}reward$/m);
  const { memory } = JSON.parse(readFileSync(at('models/reward/config.json'), 'utf8'));
  expect(memory).toMatchObject({ sinkFrames: 3, windowFrames: 3, sinkAlpha: 0.999, positions: { kind: 'slots' } });

  writeFileSync(at('story.txt'), 'a red cat [2 chunks]\n');
  const film = ['--out', at('film.mp4'), '--model', 'reward', '--steps', '1'];
  expect(await run('render', at('story.txt'), ...film)).toMatchObject({ code: 0 });
  expect(await verifyFilm(at('film.mp4'))).toMatchObject({ frameCount: 9 + 12 });
});

test('a model is got from the Hub by name, and nothing of it stays beside the model', async () => {
  const hub = await FakeHub.start();
  try {
    vi.stubEnv('HF_ENDPOINT', hub.url);
    vi.stubEnv('HF_HOME', at('hf'));
    tinyDownloads(at('download'));
    for (const [name, from] of [
      ['me/tiny:model.pt', 'model.pt'],
      ['Wan-AI/Wan2.1-T2V-1.3B:models_t5_umt5-xxl-enc-bf16.pth', 'text.safetensors'],
      ['Wan-AI/Wan2.1-T2V-1.3B:google/umt5-xxl/tokenizer.json', 'google/umt5-xxl/tokenizer.json'],
      ['Wan-AI/Wan2.1-T2V-1.3B:Wan2.1_VAE.pth', 'vae.safetensors'],
    ] as const) {
      hub.files.set(name, readFileSync(join(at('download'), from)));
    }
    const args = ['models', 'get', 'me/tiny@v1', '--name', 'got', '--heads', '2', '--size', '48x32'];
    const got = await run(...args);
    expect(got.err).not.toContain('Error');
    expect(got).toMatchObject({ code: 0, out: expect.stringContaining('dit.safetensors from model.pt') });
    expect(existsSync(join(at('downloads'), 'me--tiny', hub.commit))).toBe(false);
    expect((await run('models', 'list')).out).toMatch(/got .*48x32.*\n.*2 layers of 24.*\n.*licence: apache-2\.0/);
    // Asked again it says so at once, before anything is fetched.
    const before = hub.requests.length;
    expect(await run(...args)).toMatchObject({ code: 1, err: expect.stringContaining('There is already a model') });
    expect(hub.requests.length).toBe(before);
    expect(await run('models', 'get', 'mag')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Where the files of mag lie is not known'),
    });
    expect(await run('models', 'get', 'memflow')).toMatchObject({
      code: 1,
      err: expect.stringContaining('There is no repository KlingTeam/MemFlow'),
    });
    expect(readdirSync(at('models'))).toEqual(['got']);
  } finally {
    vi.unstubAllEnvs();
    await hub.close();
  }
});

test('a LoRA that one named is merged instead of the published one; one that lies in a folder is not', async () => {
  const hub = await FakeHub.start();
  try {
    vi.stubEnv('HF_ENDPOINT', hub.url);
    vi.stubEnv('HF_HOME', at('hf'));
    const parts = tinyDownloads(at('download'));
    const lora = readFileSync(join(import.meta.dirname, '../fixtures/containers/lora.pt'));
    mkdirSync(at('loras'));
    writeFileSync(at('loras/mine.pt'), lora);
    hub.files.set('KlingTeam/MemFlow:base.pt', readFileSync(join(parts, 'model.pt')));
    hub.files.set('KlingTeam/MemFlow:lora.pt', lora);
    rmSync(join(parts, 'model.pt'));
    const how = ['--heads', '2', '--size', '48x32'];
    const named = await run(
      'models',
      'get',
      'memflow',
      '--have',
      parts,
      at('loras/mine.pt'),
      '--name',
      'named',
      ...how,
    );
    expect(named.err).not.toContain('Error');
    expect(named.out).toContain('base.pt (its generator; with mine.pt merged');
    expect(hub.fetched('lora.pt')).toHaveLength(0);
    const lying = await run('models', 'get', 'memflow', '--have', parts, at('loras'), '--name', 'lying', ...how);
    expect(lying.err).not.toContain('Error');
    expect(lying.out).toContain('base.pt (its generator; with lora.pt merged');
    expect(lying.out).toContain('Not used: mine.pt is a LoRA');
  } finally {
    vi.unstubAllEnvs();
    await hub.close();
  }
});

test.each<[string, string[], RegExp]>([
  ['a path that leads nowhere', ['import', 'nowhere'], /There is nothing at .*nowhere/],
  ['a recipe that is not there', ['import', '.', '--like', 'sora'], /There is no recipe called sora/],
  ['a name that is a path', ['import', '.', '--name', '../x'], /cannot be the name of a model/],
  ['a size that does not fit', ['import', '.', '--size', '100x100'], /two multiples of 16/],
  ['a model that is not there', ['check', 'none'], /There is no model called none/],
  ['a model to remove that is not there', ['remove', '../cache'], /There is no model called/],
])('%s is told in a sentence', async (_, args, says) => {
  const { code, err } = await run('models', ...args);
  expect(code).not.toBe(0);
  expect(err).toMatch(says);
  expect(existsSync(at('models'))).toBe(false);
});
