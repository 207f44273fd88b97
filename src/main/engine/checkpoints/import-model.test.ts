import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { textEncoder, tinyDownloads } from '../../../../tests/fakes/tiny-downloads.ts';
import { gaussianNoise } from '../model/noise.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { ModelSession } from '../pipeline/model-session.ts';
import { Device } from '../runtime/device.ts';
import { matMulOn } from '../runtime/mat-mul.ts';
import { openCheckpoint } from './containers/index.ts';
import { type ImportRequest, importModel } from './import-model.ts';
import { plainMatMul } from './lora.ts';
import { changedFiles, importedDigest, readModelDigest } from './model-digest.ts';
import type { ModelSettings } from './model-parts.ts';
import { chooseRoot } from './names.ts';
import { readWhole, type StoredTensor } from './stored-tensor.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../../../tests/fixtures/${name}`, import.meta.url));

const settings: ModelSettings = {
  video: { width: 48, height: 32, fps: 16 },
  textLength: 24,
  sampler: { kind: 'renoise', steps: [1000, 500], shift: 5, chunkFrames: 3 },
  memory: {
    mode: 'released',
    policy: 'nam',
    sinkFrames: 3,
    windowFrames: 6,
    bankFrames: 3,
    activatedFrames: 3,
    capacity: 3,
    recordInterval: 3,
    pipeline: 'interactive',
    positions: { kind: 'absolute' },
  },
};

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
});

const download = (generator?: string): string => tinyDownloads(join(base, 'download'), generator);

const request = (change: Partial<ImportRequest> = {}): ImportRequest => ({
  paths: [join(base, 'download')],
  target: join(base, 'models', 'tiny'),
  name: 'Tiny',
  settings,
  heads: 2,
  multiply: plainMatMul,
  ...change,
});

it('a person’s downloads become a model that renders', async () => {
  download();
  const progress: number[] = [];
  const report = await importModel(request({ onProgress: ({ doneBytes }) => progress.push(doneBytes) }));
  expect(readdirSync(report.folder).sort()).toEqual([
    'config.json',
    'decoder.safetensors',
    'digest.json',
    'dit.safetensors',
    'import-report.json',
    'text_encoder.safetensors',
    'tokenizer.json',
  ]);
  expect(readdirSync(join(base, 'models'))).toEqual(['tiny']);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(importedDigest(report.folder)).toBe(report.digest);

  const session = await ModelSession.open(
    { modelFolder: report.folder, device: 'cpu', threads: 1, kvStorage: 'fp16', graphsFolder: join(base, 'graphs') },
    () => null,
  );
  try {
    expect(session.info).toMatchObject({
      name: 'Tiny',
      digest: report.digest,
      video: { width: 48, height: 32, fps: 16 },
    });
    const embedding = await session.prompts.embed(session.encode('a red cat'));
    expect(embedding.every(Number.isFinite)).toBe(true);
    const stream = session.decoderStream();
    expect((await stream.decode(gaussianNoise(1, 0, 0, 3 * 16 * 4 * 6))).frameCount).toBe(9);
    stream.dispose();
  } finally {
    await session.dispose();
  }
});

it('keeps in fp32 what leaves the range of fp16, counts it, and rounds everything else once', async () => {
  download('beyond-fp16.pt');
  const { folder, parts } = await importModel(request());
  const dit = parts.find(({ file }) => file === 'dit.safetensors');
  const wide = dit?.tensors.filter(({ to }) => to === 'F32') ?? [];
  expect(wide.length).toBe(1);
  expect(wide[0]?.peak).toBeGreaterThan(65504);
  const source = openCheckpoint(fixture('containers/beyond-fp16.pt'));
  onTestFinished(() => source.dispose());
  const { tensors } = chooseRoot(source.name, source.entries);
  for (const [name, entry] of readSafetensors(join(folder, 'dit.safetensors'))) {
    const values = readTensor(entry);
    const stored = await readWhole(tensors.get(name) as StoredTensor);
    expect(entry.dtype, name).toBe(name === wide[0]?.name ? 'F32' : 'F16');
    expect(values.every(Number.isFinite), name).toBe(true);
    expect(values, name).toEqual(entry.dtype === 'F32' ? stored : Float32Array.from(new Float16Array(stored)));
  }
});

it('merges a LoRA in fp32 and rounds the result once', async () => {
  const folder = download();
  copyFileSync(fixture('containers/lora.pt'), join(folder, 'lora.pt'));
  const device = await Device.open({ name: 'cpu', threads: 1 });
  onTestFinished(() => device.dispose());
  const report = await importModel(request({ loraAlpha: 4, multiply: await matMulOn(device) }));
  expect(report.parts.map(({ lora }) => lora)).toEqual([null, 'lora.pt', null]);
  const made = readSafetensors(join(report.folder, 'dit.safetensors'));
  for (const [name, entry] of readSafetensors(fixture('containers/expected-merged.safetensors'))) {
    const wanted = readTensor(entry);
    readTensor(made.get(name) as TensorEntry).forEach((value, i) => {
      // Half a unit in the last place of fp16, and what another order of sums makes.
      expect(Math.abs(value - (wanted[i] as number))).toBeLessThanOrEqual(Math.abs(wanted[i] as number) / 2000 + 1e-6);
    });
  }
  expect(device.live.tensors).toBe(0);
});

it('an import that was stopped goes on with the part that is not whole', async () => {
  download();
  const controller = new AbortController();
  const stopped = importModel(
    request({ signal: controller.signal, onProgress: ({ part }) => part === 'dit.safetensors' && controller.abort() }),
  );
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  expect(existsSync(join(base, 'models/tiny'))).toBe(false);
  const partial = join(base, 'models/tiny.partial');
  expect(readdirSync(partial)).toContain('text_encoder.safetensors');
  const text = readFileSync(join(partial, 'text_encoder.safetensors'));
  const parts = new Set<string>();
  const report = await importModel(request({ onProgress: ({ part }) => parts.add(part) }));
  expect([...parts]).toEqual(['dit.safetensors', 'decoder.safetensors']);
  expect(readFileSync(join(report.folder, 'text_encoder.safetensors'))).toEqual(text);
  expect(readdirSync(join(base, 'models'))).toEqual(['tiny']);
  // As if it had never been stopped.
  const whole = await importModel(request({ target: join(base, 'models', 'again') }));
  expect(whole.digest).toBe(report.digest);
});

it('begins anew where a source has changed meanwhile', async () => {
  const folder = download();
  const controller = new AbortController();
  const stop = {
    signal: controller.signal,
    onProgress: ({ part }: { part: string }) => part === 'dit.safetensors' && controller.abort(),
  };
  await expect(importModel(request(stop as Partial<ImportRequest>))).rejects.toThrow();
  utimesSync(join(folder, 'text.safetensors'), 1, 1);
  const parts = new Set<string>();
  await importModel(request({ onProgress: ({ part }) => parts.add(part) }));
  expect(parts).toContain('text_encoder.safetensors');
});

it.each<[string, (folder: string) => void, RegExp]>([
  ['no decoder', (f) => rmSync(join(f, 'vae.safetensors')), /Missing: a decoder, Wan2\.1_VAE\.pth/],
  ['no tokenizer', (f) => rmSync(join(f, 'google'), { recursive: true }), /Missing: the tokenizer, google\/umt5-xxl/],
  [
    'a text encoder of another width',
    (f) => writeFileSync(join(f, 'text.safetensors'), textEncoder(24)),
    /reads prompts of width 20, and text\.safetensors makes 24/,
  ],
  [
    'a generator cut short',
    (f) => {
      rmSync(join(f, 'model.pt'));
      copyFileSync(fixture('containers/generator.pt'), join(f, 'model.pt'));
      truncateSync(join(f, 'model.pt'), 90_000);
    },
    /model\.pt ends too early.*Missing: the generator/,
  ],
  [
    'two generators',
    (f) => copyFileSync(fixture('containers/flat.pth'), join(f, 'other.pth')),
    /2 files that could be the generator: .*other\.pth/,
  ],
])('refuses %s, and leaves nothing behind', async (_, change, says) => {
  change(download());
  await expect(importModel(request())).rejects.toThrow(says);
  expect(existsSync(join(base, 'models'))).toBe(false);
});

it('merges a LoRA that lies beside the generator or was named, not one that lies somewhere in a folder, and says so', async () => {
  const folder = download();
  mkdirSync(join(folder, 'loras'));
  copyFileSync(fixture('containers/lora.pt'), join(folder, 'loras/style.pt'));
  const merged = async (target: string, change: Partial<ImportRequest> = {}) => {
    const { parts, notUsed } = await importModel(request({ target: join(base, 'models', target), ...change }));
    return { lora: parts.find(({ file }) => file === 'dit.safetensors')?.lora, notUsed };
  };
  expect(await merged('without')).toEqual({
    lora: null,
    notUsed: [expect.stringMatching(/^style\.pt is a LoRA that/)],
  });
  const style = join(folder, 'loras/style.pt');
  expect(await merged('among the files', { paths: [folder, style] })).toEqual({ lora: 'style.pt', notUsed: [] });
  expect(await merged('given', { paths: [folder, style], lora: style })).toEqual({ lora: 'style.pt', notUsed: [] });
  copyFileSync(style, join(folder, 'lora.pt'));
  expect(await merged('beside')).toMatchObject({ lora: 'lora.pt', notUsed: [expect.stringMatching(/^style\.pt/)] });
});

it('refuses what was given as a LoRA and is none: a model without it would look like one with it', async () => {
  const folder = download();
  for (const [name, says] of [
    ['README.md', /README\.md was given as the LoRA: README\.md is not the weights but a short text/],
    ['vae.safetensors', /vae\.safetensors was given as the LoRA, but it is none/],
  ] as const) {
    const lora = join(folder, name);
    await expect(importModel(request({ paths: [folder, lora], lora }))).rejects.toThrow(says);
  }
  expect(existsSync(join(base, 'models'))).toBe(false);
});

it('says which of the named files it did not use', async () => {
  const folder = download();
  const page = join(folder, 'login.pt');
  writeFileSync(page, '<!doctype html><html>Log in</html>');
  const { notUsed } = await importModel(request({ paths: [folder, page] }));
  expect(notUsed).toEqual([expect.stringMatching(/^login\.pt is not the weights but a web page/)]);
});

it('asks for the space it needs before it writes, and never writes over a model', async () => {
  download();
  await expect(importModel(request({ freeBytes: () => 1e8 }))).rejects.toThrow(
    /The import needs 0\.3 GB in .*, and 0\.1 GB are free/,
  );
  expect(existsSync(join(base, 'models'))).toBe(false);
  await importModel(request());
  await expect(importModel(request())).rejects.toThrow(/There is already a model at .*tiny/);
});

it('the digest is read, not made, at a start; a copied folder is read once more; a changed file is another model', async () => {
  download();
  const { folder, digest } = await importModel(request());
  utimesSync(join(folder, 'dit.safetensors'), 1, 1);
  expect(importedDigest(folder)).toBe(digest);
  const known = readModelDigest(folder);
  const bytes = readFileSync(join(folder, 'dit.safetensors'));
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  writeFileSync(join(folder, 'dit.safetensors'), bytes);
  expect(importedDigest(folder)).toBeNull();
  expect(known && changedFiles(folder, known)).toEqual(['dit.safetensors']);
});
