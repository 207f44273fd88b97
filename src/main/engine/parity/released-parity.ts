import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { MemorySettings } from '../../../shared/memory-settings.ts';
import type { DeviceName } from '../../../shared/render.ts';
import { emptyMemory, type FrameState, frameStateSchema } from '../memory/memory-state.ts';
import { withoutWrappers } from '../model/model-folder.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { ChunkGenerator } from '../pipeline/chunk-generator.ts';
import { ModelGraphs } from '../pipeline/model-graphs.ts';
import { PageStore } from '../pipeline/page-store.ts';
import { Passes } from '../pipeline/passes.ts';
import { conditionOn, type PreparedPrompt } from '../pipeline/prompt.ts';
import { Device } from '../runtime/device.ts';
import { probeAttention } from '../runtime/probe-attention.ts';
import { compare, type ParityReport, relativeRms, tolerance } from './compare.ts';
import { recordedChannels, recordedConfig, recordedSteps } from './recorded-config.ts';

const traceSchema = z.object({
  config: z.object({
    mode: z.enum(['interactive', 'single']),
    grid: z.tuple([z.int(), z.int()]),
    dim: z.int(),
    heads: z.int(),
    layers: z.int(),
    ffn: z.int(),
    freq_dim: z.int(),
    text_dim: z.int(),
    text_len: z.int(),
    text_valid: z.array(z.int()),
    n_prompts: z.int(),
    switch: z.array(z.int()),
    chunks: z.int(),
    local_attn_size: z.int(),
    sink_size: z.int(),
    bank_size: z.int(),
    record_interval: z.int(),
    sma: z.boolean(),
    sma_top_k: z.int().default(3),
    chunk_frames: z.int().default(3),
  }),
  bank_after_insertion: z.array(z.array(z.array(z.int()))),
});
type Trace = z.infer<typeof traceSchema>;

/** MemFlow's own inference code: latents at the end, and what every bank slot held after every insertion. */
export async function releasedParity(
  folder: string,
  json: unknown,
  deviceName: DeviceName,
  most: number,
): Promise<ParityReport> {
  const trace = traceSchema.parse(json);
  const { config: c } = trace;
  const config = recordedConfig(c, settingsOf(trace));
  const tensors = readSafetensors(join(folder, 'tensors.safetensors'));
  const tensor = (name: string): Float32Array => readTensor(tensors.get(name) as TensorEntry);
  const [noise, renoise, contexts, expected] = [
    tensor('noise'),
    tensor('renoise'),
    tensor('context'),
    tensor('latents'),
  ];
  const work = mkdtempSync(join(tmpdir(), 'throughline-parity-'));
  const weightsFile = join(work, 'dit.safetensors');
  copyFileSync(join(folder, 'weights.safetensors'), weightsFile);
  const device = await Device.open({ name: deviceName, threads: 2, forbidFallback: true });
  const pages = new PageStore();
  try {
    const weights = withoutWrappers(readSafetensors(weightsFile));
    const model = {
      path: work,
      config,
      tokenizerFile: '',
      scene: null,
      text: new Map(),
      dit: weights,
      memoryDit: null,
      decoder: new Map(),
      files: { dit: weightsFile },
      adapterFiles: new Map(),
      weightFiles: [weightsFile],
      encoder: null,
    };
    const graphs = new ModelGraphs(device, model, join(work, 'graphs'), await probeAttention(device, c.dim / c.heads));
    const generator = new ChunkGenerator(device, graphs, new Passes(device, graphs, null), pages);
    const prompts: PreparedPrompt[] = [];
    const contextSize = c.text_len * c.text_dim;
    for (let i = 0; i < c.n_prompts; i++) {
      prompts.push(
        await conditionOn(graphs, contexts.slice(i * contextSize, (i + 1) * contextSize), {
          length: c.text_valid[i] as number,
          words: [],
        }),
      );
    }
    const frameSize = recordedChannels * c.grid[0] * 2 * c.grid[1] * 2;
    const chunkSize = frameSize * c.chunk_frames;
    const chunks = Math.min(c.chunks, most);
    const latents = new Float32Array(chunks * chunkSize);
    const banks: (readonly (readonly number[])[])[] = [];
    let memory: FrameState = emptyMemory(c.layers);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const promptIndex = c.switch.filter((frame) => chunk * c.chunk_frames >= frame).length;
      const made = await generator.generate(memory, {
        recipe: {
          chunkIndex: chunk,
          prompt: String(promptIndex),
          seed: 0,
          transition: 'continue',
          sampler: { kind: 'renoise', steps: recordedSteps },
          memory: settingsOf(trace),
        },
        prompt: prompts[promptIndex] as PreparedPrompt,
        pass: `chunk-${chunk}`,
        noise: (step) => {
          if (step === 0) return noise.slice(chunk * chunkSize, (chunk + 1) * chunkSize);
          const from = (chunk * (recordedSteps.length - 1) + (step - 1)) * chunkSize; // [chunks*3, chunkFrames, ...]: three draws a chunk
          return renoise.slice(from, from + chunkSize);
        },
        pastLatents: async (first, count) => latents.slice(first * frameSize, (first + count) * frameSize),
      });
      latents.set(made.latents, chunk * chunkSize);
      if (made.recacheBank) banks.push(made.recacheBank);
      memory = frameStateSchema.parse(made.memory);
      banks.push(memory.bank.map((slots) => slots.map(({ frame }) => frame)));
      pages.keepOnly([
        ...memory.sink,
        ...memory.window,
        ...memory.bank.flat(),
        ...(memory.captured ? [memory.captured] : []),
      ]);
    }
    return report(trace, chunks, latents, expected.subarray(0, latents.length), banks);
  } finally {
    pages.dispose();
    await device.dispose();
    rmSync(work, { recursive: true, force: true });
  }
}

function report(
  trace: Trace,
  chunks: number,
  latents: Float32Array,
  expected: Float32Array,
  banks: readonly (readonly (readonly number[])[])[],
): ParityReport {
  const { maxAbs, std } = compare(latents, expected);
  const mismatches: string[] = [];
  let compared = 0;
  for (const [call, layers] of trace.bank_after_insertion.entries()) {
    for (const [layer, slots] of layers.entries()) {
      const actual = banks[call]?.[layer];
      if (!actual) continue;
      compared++;
      const differs = slots.some((frame, i) => frame !== -2 && frame !== (actual[i] ?? -1));
      if (differs) mismatches.push(`call ${call}, layer ${layer}: recorded [${slots}], chosen [${actual}]`);
    }
  }
  const lines = [
    `latents of ${chunks} chunks: max difference ${(maxAbs / std).toExponential(1)}, rms ${relativeRms(latents, expected).toExponential(1)} of their standard deviation`,
    `bank: ${compared - mismatches.length} of ${compared} layer states equal`,
    ...mismatches,
  ];
  return { held: maxAbs / std <= tolerance && mismatches.length === 0, lines };
}

function settingsOf({ config: c }: Trace): MemorySettings {
  return {
    mode: 'released',
    policy: c.sma ? 'nam+sma' : 'nam',
    sinkFrames: c.sink_size,
    windowFrames: c.local_attn_size - c.sink_size - c.chunk_frames,
    bankFrames: c.bank_size,
    activatedFrames: c.sma_top_k,
    capacity: c.bank_size,
    recordInterval: c.record_interval,
    pipeline: c.mode,
    pins: [],
    bans: [],
  };
}
