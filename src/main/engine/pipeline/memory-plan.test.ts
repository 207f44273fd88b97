import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mostFrameSize } from '../../../shared/frame-size.ts';
import { runBytes, runSize } from '../memory/paper/run-size.ts';
import type { ModelConfig } from '../model/config.ts';
import { openModelFolder } from '../model/model-folder.ts';
import {
  type Changeable,
  leastPageBytes,
  type MemoryUse,
  planMemory,
  runLimits,
  smallerSetting,
  type WeightSizes,
  weightSizes,
} from './memory-plan.ts';

const gigabyte = 1e9;
const tiny = openModelFolder(join(import.meta.dirname, '../../../../tests/fixtures/reference-small'));

/** The published size: 30 layers of 1536, 12 heads, 832x480. */
function published(video = { width: 832, height: 480 }, memory: Partial<ModelConfig['memory']> = {}): ModelConfig {
  return {
    ...tiny.config,
    video: { ...video, fps: 16 },
    latent: { channels: 16, temporalStride: 4, spatialStride: 8 },
    text: { ...tiny.config.text, vocabSize: 256_384, dim: 4096, textLength: 512, quantized: 'int4' },
    dit: { ...tiny.config.dit, dim: 1536, heads: 12, layers: 30, ffnDim: 8960 },
    decoder: { kind: 'taehv', widths: [256, 128, 64, 64], outputScale: 1 },
    sampler: { ...tiny.config.sampler, chunkFrames: 3 },
    memory: {
      ...tiny.config.memory,
      ...{ mode: 'paper', policy: 'nam', sinkFrames: 3, windowFrames: 9, bankFrames: 3, capacity: 64 },
      ...memory,
    },
  };
}
const weights: WeightSizes = { dits: 1.42e9 * 4, decoder: 45e6, text: 3.2 * gigabyte };
const cpu: MemoryUse = { device: 'cpu', logitsBytes: null, pageBudgetBytes: null };
const all: Changeable = { frameSizes: { own: { width: 832, height: 480 }, most: mostFrameSize }, isImported: true };
const bytesOf = (config: ModelConfig, use = cpu) => planOf(config, weights, use);
const planOf = (config: ModelConfig, sizes: WeightSizes, use = cpu) =>
  Object.fromEntries(planMemory(config, sizes, use).parts.map(({ name, bytes }) => [name, bytes]));

test('parts of the published model are what its tensors take', () => {
  const frame = 2 * 30 * 1560 * 1536 * 4; // K and V of all layers, fp32
  expect(bytesOf(published())).toMatchObject({
    weights: 1.42e9 * 4 + 45e6,
    'remembered frames': (3 + 9 + 64 + 3) * frame,
    'attention context': (3 + 9 + 3) * frame,
    prompts: 3 * (2 * 30 * 512 * 1536 * 4),
  });
  expect(leastPageBytes(published())).toBe((3 + 9 + 3 + 3) * frame);
  // A memory that recalls nothing keeps nothing to be recalled.
  expect(bytesOf(published(undefined, { policy: 'sink' }))).toMatchObject({
    'remembered frames': (3 + 9 + 3) * frame,
    'attention context': (3 + 9) * frame,
  });
  expect(bytesOf(published(undefined, { policy: 'window' }))['attention context']).toBe(9 * frame);
  expect(bytesOf(published(), { ...cpu, pageBudgetBytes: 0 })['remembered frames']).toBe((3 + 9 + 3 + 3) * frame);
  const plan = planMemory(published(), weights, cpu);
  expect(plan.totalBytes).toBe(plan.parts.reduce((sum, { bytes }) => sum + bytes, 0));
});

test('written-out logits count up to what is at hand at once', () => {
  const step = (logitsBytes: number | null) => bytesOf(published(), { ...cpu, logitsBytes })['a step'] ?? 0;
  expect(step(96 * 2 ** 20) - step(null)).toBe(2 * 96 * 2 ** 20);
  const all = 2 * 12 * 3 * 1560 * (18 * 1560) * 4;
  expect(step(Number.MAX_SAFE_INTEGER) - step(null)).toBe(all);
});

test('a quantised text encoder counts where it takes more than the chunk that follows', () => {
  const part = (video: { width: number; height: number }) => bytesOf(published(video))['text encoder'];
  expect(part({ width: 832, height: 480 })).toBe(0);
  const small = { width: 64, height: 64 };
  const { 'attention context': context, 'a step': step, decoder } = bytesOf(published(small));
  expect(part(small)).toBe(weights.text - ((context ?? 0) + (step ?? 0) + (decoder ?? 0)));
});

test('looking at what is remembered is planned, and its size follows the plan', () => {
  const config = published();
  const [frame, valueBytes] = [2 * 30 * 1560 * 1536 * 4, 96 * 2 ** 20];
  // All pages are there: what 512 words see in a frame takes 38 MB, and no value may take more than 96 MiB.
  expect(runSize(config, runLimits(config, null, valueBytes), 16)).toEqual({ frames: 2, layers: 30 });
  // Of what chunks need anyway, 18 frames, sixteen with all layers; of a budget below it as many.
  expect(runLimits(config, 0, valueBytes)).toEqual({ pages: 18 * 30, valueBytes });
  expect(runLimits(config, 20 * frame, valueBytes).pages).toBe(20 * 30);
  expect(runSize(config, { pages: 18 * 30, valueBytes: Number.MAX_SAFE_INTEGER }, 16)).toEqual({
    frames: 16,
    layers: 30,
  });
  expect(runSize(config, { pages: 100, valueBytes: Number.MAX_SAFE_INTEGER }, 16)).toEqual({ frames: 16, layers: 6 });
  expect(runSize(config, { pages: 12, valueBytes: Number.MAX_SAFE_INTEGER }, 16)).toEqual({ frames: 12, layers: 1 });
  expect(runSize(config, { pages: 1, valueBytes: 1 }, 16)).toEqual({ frames: 1, layers: 1 });
  expect(runBytes(config, { frames: 2, layers: 30 })).toBe(2 * 1560 * (2 * 1536 + 2 * 12 * 512) * 4);

  // A large bank of a small window: maps of 64 frames, beside the context, take more than a step does.
  const part = 'looking at what is remembered';
  expect(bytesOf(config)[part]).toBe(0);
  const small = published({ width: 64, height: 64 }, { sinkFrames: 1, windowFrames: 1, bankFrames: 32 });
  const { 'a step': step, decoder, 'text encoder': text, [part]: looking } = planOf(small, { ...weights, text: 0 });
  expect(text).toBe(0);
  expect(looking).toBe(64 * 16 * (2 * 1536 + 2 * 12 * 512) * 4 - ((step ?? 0) + (decoder ?? 0)));
  expect(looking).toBeGreaterThan(0);
  expect(planOf(published({ width: 64, height: 64 }, { policy: 'sink' }), weights)[part]).toBe(0);
  // The encoder is gone by then: the larger of the two counts.
  const both = planOf(small, weights);
  expect([both[part], both['text encoder']]).toEqual([0, expect.any(Number)]);
  expect(both['text encoder']).toBeGreaterThan(looking ?? 0);
});

test('the next smaller setting is the first that fits, the least loss first', () => {
  const least = planMemory(published(), weights, { ...cpu, pageBudgetBytes: 0 }).totalBytes;
  const advice = (bytes: number) => smallerSetting(published(), weights, cpu, bytes, all);
  expect(advice(least)?.what).toBe('a bank of 2 frames');
  expect(advice(least - 2.2 * gigabyte)?.what).toBe('a bank of 1 frame');
  const smaller = advice(13 * gigabyte);
  expect(smaller?.what).toBe('frames of 416x240');
  expect(smaller?.totalBytes).toBeLessThanOrEqual(13 * gigabyte);
  expect(advice(5 * gigabyte)).toBeNull(); // less than the weights
  const plain = { ...published(), text: { ...published().text, quantized: undefined } };
  const heavy = { ...weights, text: 22.8 * gigabyte };
  expect(smallerSetting(plain, heavy, cpu, 30 * gigabyte, all)?.what).toBe(
    'its text encoder imported with --text int4',
  );
  const mag = published(undefined, { mode: 'mag', capacity: 40 });
  expect(smallerSetting(mag, weights, cpu, 40 * gigabyte, all)?.what).toBe('a memory of 20 frames');
});

test('only what can be changed of a model is advised', () => {
  const oneSize = { ...all, frameSizes: null };
  expect(smallerSetting(published(), weights, cpu, 13 * gigabyte, oneSize)).toBeNull();
  const least = planMemory(published(), weights, { ...cpu, pageBudgetBytes: 0 }).totalBytes;
  expect(smallerSetting(published(), weights, cpu, least, oneSize)?.what).toBe('a bank of 2 frames');
  const plain = { ...published(), text: { ...published().text, quantized: undefined } };
  const heavy = { ...weights, text: 22.8 * gigabyte };
  const byHand = { frameSizes: null, isImported: false };
  expect(smallerSetting(plain, heavy, cpu, 30 * gigabyte, byHand)).toBeNull();
});

test('halves are widened, whole numbers are not', () => {
  const sizes = weightSizes(tiny);
  const elements = [...tiny.dit.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  expect(sizes.dits).toBe(elements * 4);
  const quantized = { ...tiny, config: { ...tiny.config, text: { ...tiny.config.text, quantized: 'int4' as const } } };
  const table = tiny.text.get('token_embedding.weight')?.sizeBytes ?? 0;
  const stored = [...tiny.text.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  expect(weightSizes(quantized).text).toBe(stored - table);
});
