import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { f32, type RawTensor, safetensorsFile } from '../../../../../tests/fakes/safetensors.ts';
import { textEncoder } from '../../../../../tests/fakes/tiny-downloads.ts';
import { parseModelConfig } from '../../model/config.ts';
import { gaussianNoise } from '../../model/noise.ts';
import { readSafetensors, readTensor } from '../../model/safetensors.ts';
import { PromptTokenizer } from '../../model/tokenizer/index.ts';
import { compare } from '../../parity/compare.ts';
import { ModelGraphs } from '../../pipeline/model-graphs.ts';
import { PromptEncoder } from '../../pipeline/prompt.ts';
import { Device } from '../../runtime/device.ts';
import { openCheckpoint } from '../containers/index.ts';
import { familyOf, type TextSizes } from '../families.ts';
import { plainMatMul } from '../lora.ts';
import { chooseRoot } from '../names.ts';
import { planPart } from '../plan-part.ts';
import { blockSize, type QuantBits, quantizeBlocks } from './quantize.ts';
import { writeWeights } from './weights-writer.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../../tests/fixtures/${name}`, import.meta.url));

it.each<[QuantBits, number]>([
  [8, 1 / 128],
  [4, 1 / 8],
])('blocks of %i bits: every value within half a step, the largest exact', (bits, step) => {
  const values = gaussianNoise(1, 0, 0, 10 * blockSize);
  values.fill(0, 0, blockSize); // a block of nothing
  const packed = new Uint8Array((values.length * bits) / 8);
  const scales = new Float32Array(10);
  quantizeBlocks(values, bits, packed, scales);
  for (let i = 0; i < values.length; i++) {
    const q = bits === 8 ? (packed[i] as number) : ((packed[i >> 1] as number) >> (4 * (i % 2))) & 15;
    const scale = scales[Math.floor(i / blockSize)] as number;
    const block = values.subarray(i - (i % blockSize), i - (i % blockSize) + blockSize);
    const peak = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const difference = Math.abs((q - 2 ** (bits - 1)) * scale - (values[i] as number));
    // On the short side the last step is missing: there a value may be a whole step off.
    expect(difference).toBeLessThanOrEqual(peak * step * 1.0001);
    if (Math.abs(values[i] as number) === peak) expect(difference).toBeLessThan(1e-6);
  }
});

const heads = 2;
const headDim = 32;

/** The engine around a text encoder in `file`. */
async function engineOn(folder: string, file: string, sizes: Omit<TextSizes, 'family'>, quantized?: 'int4' | 'int8') {
  const device = await Device.open({ name: 'cpu', threads: 1 });
  onTestFinished(() => device.dispose());
  const json = JSON.parse(readFileSync(join(fixture('reference-small'), 'config.json'), 'utf8'));
  json.text = { ...sizes, maxDistance: 128, textLength: 24, ...(quantized ? { quantized } : {}) };
  const config = parseModelConfig(JSON.stringify(json), 'config.json');
  const model = {
    path: folder,
    config,
    tokenizerFile: '',
    scene: null,
    text: readSafetensors(file),
    dit: new Map(),
    memoryDit: null,
    decoder: readSafetensors(join(fixture('reference-small'), 'decoder.safetensors')),
    files: { dit: file },
    adapterFiles: new Map(),
    weightFiles: [file],
    encoder: null,
  };
  const graphsFolder = join(folder, `graphs-${quantized ?? 'plain'}`);
  const graphs = new ModelGraphs(device, model, graphsFolder, 'decomposed');
  graphs.checkText();
  const tokenizer = PromptTokenizer.open(fixture('tokenizers/unigram.tokenizer.json'), config.text);
  return { device, graphs, prompts: new PromptEncoder(device, graphs, tokenizer), tokenizer, graphsFolder };
}

/** The numbers that stored blocks stand for, as a file of fp32. */
it.each([4, 8] as const)('blocks of %i bits: numbers are rounded as Math.round does, just below a half too', (bits) => {
  const words = new Uint32Array(1 << 18);
  let state = 5;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = ((0x3b00 + (state >>> 22)) | ((state >>> 6) & 0x8000)) << 16;
  }
  const values = new Float32Array(words.buffer);
  const packed = new Uint8Array((values.length * bits) / 8);
  const scales = new Float32Array(values.length / blockSize);
  quantizeBlocks(values, bits, packed, scales);
  let [different, close] = [0, 0];
  values.forEach((value, i) => {
    const q = bits === 8 ? (packed[i] as number) : ((packed[i >> 1] as number) >> (4 * (i % 2))) & 15;
    const scaled = value * (1 / (scales[Math.floor(i / blockSize)] as number));
    const wanted = Math.max(0, Math.min(2 ** bits - 1, Math.round(scaled) + 2 ** (bits - 1)));
    if (q !== wanted) different++;
    if (Math.round(scaled) !== Math.floor(scaled + 0.5)) close++;
  });
  expect(different).toBe(0);
  if (bits === 4) expect(close).toBeGreaterThan(0); // such values are among them
});

function dequantized(file: string, bits: QuantBits): Buffer {
  const table = readSafetensors(file);
  const tensors: Record<string, RawTensor> = {};
  for (const [name, entry] of table) {
    const scales = table.get(`${name}.scales`);
    if (name.endsWith('.scales')) continue;
    if (!scales) {
      tensors[name] = f32([...readTensor(entry)], entry.shape);
      continue;
    }
    const bytes = readFileSync(file).subarray(entry.offsetBytes, entry.offsetBytes + entry.sizeBytes);
    const scale = readTensor(scales);
    const count = scale.length * blockSize;
    const values = Array.from({ length: count }, (_, i) => {
      const q = bits === 8 ? (bytes[i] as number) : ((bytes[i >> 1] as number) >> (4 * (i % 2))) & 15;
      return (q - 2 ** (bits - 1)) * (scale[Math.floor(i / blockSize)] as number);
    });
    const [rows, blocks] = entry.shape as [number, number];
    tensors[name] = f32(values, [rows, blocks * blockSize]);
  }
  return safetensorsFile(tensors);
}

it.each([4, 8] as const)(
  'an encoder in blocks of %i bits computes with the numbers that they stand for, and is let go',
  async (bits) => {
    const base = mkdtempSync(join(tmpdir(), 'throughline-test-'));
    onTestFinished(() => rmSync(base, { recursive: true }));
    writeFileSync(join(base, 'source.safetensors'), textEncoder(64, [heads, headDim, 96]));
    const checkpoint = openCheckpoint(join(base, 'source.safetensors'));
    const { family: _, ...sizes } = familyOf('source', chooseRoot('source', checkpoint.entries).tensors) as TextSizes;
    const family: TextSizes = { family: 'text', ...sizes };
    const plan = { ema: true, lora: new Map(), multiply: plainMatMul, bits };
    const file = join(base, 'text_encoder.safetensors');
    const { written } = await writeWeights(file, await planPart(checkpoint, family, plan));
    checkpoint.dispose();
    expect(written.filter(({ to }) => to === `int${bits}`)).toHaveLength(2 * 7);
    writeFileSync(join(base, 'plain.safetensors'), dequantized(file, bits));

    const plain = await engineOn(base, join(base, 'plain.safetensors'), sizes);
    const encoded = plain.tokenizer.encode('The red cat waves in the meadow.');
    const wanted = await plain.prompts.embed(encoded);
    const { device, graphs, prompts, graphsFolder } = await engineOn(base, file, sizes, `int${bits}`);
    const made = await prompts.embed(encoded);
    expect(made.subarray(encoded.length * sizes.dim).every((value) => value === 0)).toBe(true);
    const { maxAbs, std } = compare(made, wanted);
    expect(maxAbs / std).toBeLessThan(1e-3);
    expect(device.live.tensors).toBe(0);

    // The second time it comes from the disk, to the bit, and nothing is loaded.
    const kept = readdirSync(join(graphsFolder, 'prompts'));
    expect(kept).toHaveLength(1);
    rmSync(join(graphsFolder, 'text_encoder.safetensors'));
    expect(await prompts.embed(encoded)).toEqual(made);
    writeFileSync(join(graphsFolder, 'prompts', kept[0] as string), 'cut');
    await expect(prompts.embed(encoded)).rejects.toMatchObject({ name: 'ThroughlineError' });
    await graphs.dispose();
  },
);
