import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { f32, safetensorsFile } from '../../../../tests/fakes/safetensors.ts';
import type { MemoryMode } from '../../../shared/memories/index.ts';
import type { ModelConfig } from '../model/config.ts';
import { openModelFolder } from '../model/model-folder.ts';
import { adaptersOf, withAdapter } from './adapters.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../../../tests/fixtures/${name}`, import.meta.url));

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-adapters-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const zeros = (...shape: number[]) => f32(Array(shape.reduce((a, b) => a * b)).fill(0), shape);

/** The configuration of a model as its adapter makes it. */
async function configured(folder: string, mode: MemoryMode): Promise<ModelConfig> {
  const model = openModelFolder(folder);
  const adapter = adaptersOf(model).find((one) => one.mode === mode);
  if (!adapter) throw new Error(`no adapter for ${mode}`);
  return (await withAdapter(model, adapter, temporary())).config;
}

/** The model of FramePack's fixture, its adapter another file. */
function withOther(tensors: Parameters<typeof safetensorsFile>[0]): string {
  const folder = join(temporary(), 'model');
  cpSync(fixture('reference-packed'), folder, { recursive: true });
  writeFileSync(join(folder, 'adapters/framepack.safetensors'), safetensorsFile(tensors));
  return folder;
}

it('reads from an adapter’s kernels how coarse packs are', async () => {
  expect((await configured(fixture('reference-packed'), 'framepack')).packSides).toEqual({ 2: 2, 4: 4 });
  expect((await configured(fixture('reference-long'), 'memorypack')).packSides).toEqual({ 2: 2, 4: 1 });
  expect(await configured(fixture('reference-mag'), 'mag')).not.toHaveProperty('packSides');
});

it('names kernels that are none of packs', async () => {
  const name = 'clean_x_embedder.proj_2x.weight';
  for (const shape of [
    [1, 1, 2, 4, 2],
    [1, 1, 2, 3, 3],
    [1, 1, 4, 4, 4],
    [1, 2, 4, 4],
  ])
    await expect(configured(withOther({ [name]: zeros(...shape) }), 'framepack')).rejects.toThrow(
      `${name} is [${shape}]`,
    );
});

it('names a change of another model', async () => {
  const name = 'blocks.0.self_attn.q';
  const folder = withOther({ [`${name}.lora_A.weight`]: zeros(2, 3), [`${name}.lora_B.weight`]: zeros(3, 2) });
  await expect(configured(folder, 'framepack')).rejects.toThrow(/its change of .*q.* does not fit the model/);
});
