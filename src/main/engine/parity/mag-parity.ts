import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { MemorySettings } from '../../../shared/memory-settings.ts';
import type { DeviceName } from '../../../shared/render.ts';
import { emptyMemory, type FrameState, frameStateSchema } from '../memory/memory-state.ts';
import type { ModelFolder } from '../model/model-folder.ts';
import { readSafetensors, readTensor, type TensorEntry } from '../model/safetensors.ts';
import { ChunkGenerator } from '../pipeline/chunk-generator.ts';
import { ModelGraphs } from '../pipeline/model-graphs.ts';
import { PageStore } from '../pipeline/page-store.ts';
import { Passes } from '../pipeline/passes.ts';
import { conditionOn, disposePrompt } from '../pipeline/prompt.ts';
import { Device } from '../runtime/device.ts';
import { probeAttention } from '../runtime/probe-attention.ts';
import { compare, type ParityReport, relativeRms, tolerance } from './compare.ts';
import { recordedChannels, recordedConfig, recordedSteps } from './recorded-config.ts';

const traceSchema = z.object({
  config: z.object({
    mode: z.literal('mag'),
    grid: z.tuple([z.int(), z.int()]),
    dim: z.int(),
    heads: z.int(),
    layers: z.int(),
    ffn: z.int(),
    freq_dim: z.int(),
    text_dim: z.int(),
    text_len: z.int(),
    text_valid: z.tuple([z.int()]),
    empty_valid: z.int(),
    chunks: z.int(),
    /** Latent frames that were given; they are committed first. */
    initial_frames: z.int(),
    local_attn_size: z.int(),
    sink_size: z.int(),
    chunk_frames: z.int(),
    cache_mode: z.literal('block_compress'),
  }),
});

/** Published: -1 stands for a buffer of 40 entries. */
const entriesWithoutLimit = 40;

/** MAG's own inference code: a generator and a memory model; from nothing, or going on from given footage. */
export async function magParity(
  folder: string,
  json: unknown,
  deviceName: DeviceName,
  most: number,
): Promise<ParityReport> {
  const { config: c } = traceSchema.parse(json);
  const memory: MemorySettings = {
    mode: 'mag',
    policy: 'nam',
    sinkFrames: c.sink_size,
    windowFrames: 1,
    bankFrames: 1,
    activatedFrames: 1,
    capacity: c.local_attn_size === -1 ? entriesWithoutLimit : c.local_attn_size,
    recordInterval: 1,
    pipeline: 'interactive',
    pins: [],
    bans: [],
  };
  const tensors = readSafetensors(join(folder, 'tensors.safetensors'));
  const tensor = (name: string): Float32Array => readTensor(tensors.get(name) as TensorEntry);
  const [noise, renoise, expected] = [tensor('noise'), tensor('renoise'), tensor('latents')];
  const work = mkdtempSync(join(tmpdir(), 'throughline-parity-'));
  const [ditFile, memoryFile] = [join(work, 'dit.safetensors'), join(work, 'memory_dit.safetensors')];
  copyFileSync(join(folder, 'weights.safetensors'), ditFile);
  copyFileSync(join(folder, 'memory_weights.safetensors'), memoryFile);
  const device = await Device.open({ name: deviceName, threads: 2, forbidFallback: true });
  const pages = new PageStore();
  try {
    const model: ModelFolder = {
      path: work,
      config: recordedConfig(c, memory),
      tokenizerFile: '',
      scene: null,
      text: new Map(),
      dit: readSafetensors(ditFile),
      memoryDit: readSafetensors(memoryFile),
      decoder: new Map(),
      files: { dit: ditFile },
      adapterFiles: new Map(),
      weightFiles: [ditFile, memoryFile],
      encoder: null,
    };
    const graphs = new ModelGraphs(device, model, join(work, 'graphs'), await probeAttention(device, c.dim / c.heads));
    const generator = new ChunkGenerator(device, graphs, new Passes(device, graphs, null), pages);
    const prompt = await conditionOn(graphs, tensor('context'), { length: c.text_valid[0], words: [] });
    const empty = { length: c.empty_valid, words: [] };
    const emptyPrompt = await conditionOn(graphs, tensor('empty_context'), empty, 'memory');

    const chunkSize = recordedChannels * c.grid[0] * 2 * c.grid[1] * 2 * c.chunk_frames;
    const given = c.initial_frames / c.chunk_frames;
    const chunks = Math.min(expected.length / chunkSize, given + most);
    const latents = new Float32Array(chunks * chunkSize);
    let state: FrameState = emptyMemory(c.layers);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const made = chunk - given; // chunks made here, counted from 0
      const generated = await generator.generate(state, {
        recipe: {
          chunkIndex: chunk,
          prompt: 'the prompt',
          seed: 0,
          transition: 'continue',
          sampler: { kind: 'renoise', steps: recordedSteps },
          memory,
        },
        prompt,
        emptyPrompt,
        pass: `chunk-${chunk}`,
        noise: (step) => {
          if (step === 0) return noise.slice(made * chunkSize, (made + 1) * chunkSize);
          const from = (made * (recordedSteps.length - 1) + (step - 1)) * chunkSize; // three draws a chunk
          return renoise.slice(from, from + chunkSize);
        },
        pastLatents: async () => new Float32Array(0),
        ...(made < 0 ? { knownLatents: expected.slice(chunk * chunkSize, (chunk + 1) * chunkSize) } : {}),
      });
      latents.set(generated.latents, chunk * chunkSize);
      state = frameStateSchema.parse(generated.memory);
      pages.keepOnly(graphs.memory.state.references(state));
    }
    disposePrompt(prompt);
    disposePrompt(emptyPrompt);
    const from = given * chunkSize;
    const wanted = expected.subarray(from, latents.length);
    const { maxAbs, std } = compare(latents.subarray(from), wanted);
    const entries = state.prototypes.map(({ frame }) => frame);
    const rms = relativeRms(latents.subarray(from), wanted).toExponential(1);
    return {
      held: maxAbs / std <= tolerance,
      lines: [
        `latents of ${chunks - given} chunks${given > 0 ? ` after ${given} given ones` : ''}: max difference ${(maxAbs / std).toExponential(1)}, rms ${rms} of their standard deviation`,
        `entries: frames ${entries.join(', ')}; sink: frames ${state.sink.map(({ frame }) => frame).join(', ')}`,
      ],
    };
  } finally {
    pages.dispose();
    await device.dispose();
    rmSync(work, { recursive: true, force: true });
  }
}
