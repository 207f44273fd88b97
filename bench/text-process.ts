// Encodes one prompt with an imported text encoder of the published size and prints how long that took and the most memory
// that was resident; see import.ts.
import { dirname, join } from 'node:path';
import { parseModelConfig } from '../src/main/engine/model/config.ts';
import { readSafetensors } from '../src/main/engine/model/safetensors.ts';
import { recordedConfig } from '../src/main/engine/parity/recorded-config.ts';
import { ModelGraphs } from '../src/main/engine/pipeline/model-graphs.ts';
import { PromptEncoder } from '../src/main/engine/pipeline/prompt.ts';
import { Device } from '../src/main/engine/runtime/device.ts';
import { standInConfig } from './random-model.ts';

const [file] = process.argv.slice(2) as [string];
const startedAt = performance.now();
const sizes = {
  grid: [30, 52],
  dim: 1536,
  heads: 12,
  layers: 1,
  ffn: 8960,
  freq_dim: 256,
  text_dim: 4096,
  text_len: 512,
} as const;
const { memory } = parseModelConfig(JSON.stringify(standInConfig), 'stand-in');
const base = recordedConfig({ ...sizes, chunk_frames: 3 }, memory);
const text = { vocabSize: 256_384, dim: 4096, heads: 64, headDim: 64, ffnDim: 10_240, layers: 24 };
const config = {
  ...base,
  text: { ...text, buckets: 32, maxDistance: 128, textLength: 512, quantized: 'int4' as const },
};
const device = await Device.open({ name: 'cpu', threads: 2 });
const model = {
  path: dirname(file),
  config,
  tokenizerFile: '',
  scene: null,
  text: readSafetensors(file),
  dit: new Map(),
  memoryDit: null,
  decoder: new Map(),
  files: { dit: file },
  adapterFiles: new Map(),
  weightFiles: [file],
  encoder: null,
};
const graphs = new ModelGraphs(device, model, join(dirname(file), 'graphs'), 'decomposed');
const length = 40;
const ids = Array.from({ length: 512 }, (_, i) => (i < length ? (i * 6007) % text.vocabSize : 0));
const embedding = await new PromptEncoder(device, graphs, null as never).embed({ ids, length }); // tokens are given
if (!embedding.every(Number.isFinite)) throw new Error('the embedding is not finite');
await device.dispose();
const elapsedSec = (performance.now() - startedAt) / 1000;
console.log(JSON.stringify({ elapsedSec, peakBytes: process.resourceUsage().maxRSS * 1024 }));
