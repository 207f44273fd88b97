import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ThroughlineError } from '../../../shared/errors.ts';
import { adapterFilesOf, type MemoryAdapter, type MemoryMode, memoryKind } from '../../../shared/memories/index.ts';
import { makeFolder } from '../../files/index.ts';
import type { PackSides } from '../model/config.ts';
import { type FoundAdapter, type ModelFolder, readModelWeights } from '../model/model-folder.ts';
import { readTensor, type TensorEntry } from '../model/safetensors.ts';
import { damaged, FileSource } from './byte-source.ts';
import { readSafetensorsTable } from './containers/safetensors.ts';
import { type LowRank, loraPairs, lowRankChange, plainMatMul } from './lora.ts';
import { plainDigest } from './model-digest.ts';

/** Rises whenever the same adapter would be merged into other numbers. */
const mergeVersion = 1;

/** The adapters in a model's folder. Their files are read: they are small. */
export function adaptersOf({ adapterFiles }: ModelFolder): MemoryAdapter[] {
  return [...adapterFiles].map(([mode, files]) => ({ mode, digest: digestOf(files) }));
}

function digestOf(files: readonly FoundAdapter[]): string {
  const digests = files.map(({ path }) => plainDigest(path));
  const [only] = digests;
  if (digests.length === 1 && only !== undefined) return only;
  return createHash('sha256').update(digests.join(' ')).digest('hex');
}

/**
 * A model as an adapter makes it: the generator's weights with the low-rank changes added, and the adapter's own tensors beside
 * them; a second transformer, where it has changes for one; its configuration names the adapter's memory. Weights are written into
 * `folder` once, as fp32, and found there again.
 * @param folder of graphs, private to this model with this adapter
 * @throws ThroughlineError `model-missing` where the model has no such adapter, `model-inconsistent` where it does not fit
 */
export async function withAdapter(
  model: ModelFolder,
  { mode, digest }: MemoryAdapter,
  folder: string,
): Promise<ModelFolder> {
  const files = model.adapterFiles.get(mode);
  if (!files) throw missingAdapter(model, mode);
  makeFolder(folder);
  const merged = new Map<FoundAdapter['of'], string>();
  for (const { path, of } of files) {
    const name = of === 'generator' ? 'dit' : `${of}-dit`;
    const target = join(folder, `${name}-${mode}-${mergeVersion}-${digest.slice(0, 16)}.safetensors`);
    if (!existsSync(target)) await writeMerged(model, path, target);
    merged.set(of, target);
  }
  const { config } = model;
  const [generator, memoryDit] = [merged.get('generator'), merged.get('memory')];
  const dit = generator === undefined ? model.dit : readModelWeights(generator);
  const packSides = packSidesIn(dit, adapterFilesOf(mode));
  return {
    ...model,
    config: { ...config, memory: { ...config.memory, mode }, ...(packSides ? { packSides } : {}) },
    dit,
    memoryDit: memoryDit === undefined ? model.memoryDit : readModelWeights(memoryDit),
    weightFiles: [
      ...model.weightFiles.filter((one) => generator === undefined || one !== model.files.dit),
      ...merged.values(),
    ],
  };
}

/** How coarse packs are, by the kernels [dim, channels, rate, 2*side, 2*side] of an adapter of packed history; undefined of another. */
function packSidesIn(weights: ReadonlyMap<string, TensorEntry>, file: string): PackSides | undefined {
  const [two, four] = ([2, 4] as const).map((rate) => {
    const name = `clean_x_embedder.proj_${rate}x.weight`;
    const shape = weights.get(name)?.shape;
    if (!shape) return undefined;
    const [, , frames, height = 0, width] = shape;
    if (shape.length !== 5 || frames !== rate || height !== width || height < 2 || height % 2 !== 0)
      throw damaged(
        file,
        `${name} is [${shape}], not patches of ${rate} frames and an even number of rows and as many columns`,
      );
    return height / 2;
  });
  return two === undefined || four === undefined ? undefined : { 2: two, 4: four };
}

function missingAdapter({ config }: ModelFolder, mode: MemoryMode): ThroughlineError {
  const [{ name }] = memoryKind(mode).choices;
  return new ThroughlineError(
    'model-missing',
    `The model ${config.name} has no adapter for ${name} (${adapterFilesOf(mode)} in its folder).`,
    'Choose another memory, or get the model with the adapter.',
  );
}

async function writeMerged({ dit }: ModelFolder, file: string, target: string): Promise<void> {
  const source = FileSource.open(file);
  try {
    const changes = await loraPairs(basename(file), readSafetensorsTable(source));
    for (const [name, { down, up }] of changes) {
      const shape = dit.get(name)?.shape ?? [];
      if (shape.join() !== [up.shape[0], down.shape[1]].join())
        throw damaged(basename(file), `its change of ${name} does not fit the model: it is another model's adapter`);
    }
    const own = [...readModelWeights(file)].filter(([name]) => !/\.lora_(A|B|up|down)\.|\.alpha$/.test(name));
    await writeFloats(target, [...dit, ...own], (name, values) => changed(values, changes.get(name)));
  } finally {
    source.dispose();
  }
}

async function changed(values: Float32Array, change: LowRank | undefined): Promise<Float32Array> {
  if (!change) return values;
  const added = await lowRankChange(change, plainMatMul);
  return values.map((value, i) => value + (added[i] as number));
}

/** Tensors as a safetensors file in fp32, under its name only once it is whole. */
async function writeFloats(
  target: string,
  tensors: readonly (readonly [string, TensorEntry])[],
  change: (name: string, values: Float32Array) => Promise<Float32Array>,
): Promise<void> {
  let at = 0;
  const fields = tensors.map(([name, { shape }]) => {
    const begin = at;
    at += shape.reduce((product, n) => product * n, 1) * Float32Array.BYTES_PER_ELEMENT;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, at] }];
  });
  const json = JSON.stringify(Object.fromEntries(fields));
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const partial = `${target}.${process.pid}`;
  const fd = openSync(partial, 'w');
  try {
    writeAll(fd, length);
    writeAll(fd, header);
    for (const [name, entry] of tensors) {
      const { buffer, byteOffset, byteLength } = await change(name, readTensor(entry));
      writeAll(fd, Buffer.from(buffer, byteOffset, byteLength));
    }
  } finally {
    closeSync(fd);
  }
  renameSync(partial, target);
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
