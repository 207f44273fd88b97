import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { type ModelConfig, parseModelConfig } from '../model/config.ts';
import { decoderOf, type VideoDecoder } from '../model/decoders/index.ts';
import { gaussianNoise } from '../model/noise.ts';
import { readSafetensors } from '../model/safetensors.ts';
import { Device } from '../runtime/device.ts';
import type { Graph } from '../runtime/graph.ts';
import { type DecoderGraphs, DecoderStream } from './decoder-stream.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../../../tests/fixtures/${name}`, import.meta.url));

/** A decoder on its own, on the weights of a fixture. */
async function decoder(
  weightsFile: string,
  change: Partial<ModelConfig>,
): Promise<{ device: Device; graphs: DecoderGraphs; videoDecoder: VideoDecoder; frameSize: number }> {
  const work = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const device = await Device.open({ name: 'cpu', threads: 1 });
  onTestFinished(async () => {
    await device.dispose();
    rmSync(work, { recursive: true });
  });
  copyFileSync(weightsFile, join(work, 'weights.safetensors'));
  const folder = join(fixture('reference-sharp'), 'config.json');
  const config = { ...parseModelConfig(readFileSync(folder, 'utf8'), folder), ...change };
  const videoDecoder = decoderOf(config, readSafetensors(join(work, 'weights.safetensors')));
  const loaded = new Map<string, Promise<Graph>>();
  const load = (name: string, build: () => Uint8Array): Promise<Graph> => {
    const known = loaded.get(name);
    if (known) return known;
    writeFileSync(join(work, name), build());
    const loading = device.load(join(work, name));
    loaded.set(name, loading);
    return loading;
  };
  const { buildFirst, build } = videoDecoder;
  const rest = () => load('decoder.onnx', build);
  const graphs = {
    config,
    videoDecoder,
    decoder: rest,
    decoderFirst: () => (buildFirst ? load('first.onnx', buildFirst) : rest()),
  };
  return { device, graphs, videoDecoder, frameSize: (16 * config.video.width * config.video.height) / 64 };
}

const vaeFixture = JSON.parse(readFileSync(join(fixture('wan-vae'), 'config.json'), 'utf8'));
const wanVae = {
  kind: 'wan-vae',
  dim: vaeFixture.dim,
  statistics: { mean: vaeFixture.latentMean, std: vaeFixture.latentStd },
} as const;

it('the Wan VAE: one frame for the first latent, four for every other, the same bits in whatever pieces', async () => {
  const { device, graphs, frameSize } = await decoder(join(fixture('wan-vae'), 'weights.safetensors'), {
    decoder: wanVae,
  });
  const latents = gaussianNoise(1, 0, 0, 5 * frameSize);
  const stream = new DecoderStream(device, graphs);
  const whole = await stream.decode(latents);
  expect(whole.frameCount).toBe(17);
  stream.dispose();
  const peeked = await stream.peek(latents.subarray(0, 2 * frameSize)); // changes nothing
  expect(peeked.frameCount).toBe(5);
  const pieces = [
    await stream.decode(latents.subarray(0, 2 * frameSize)),
    await stream.decode(latents.subarray(2 * frameSize)),
  ];
  expect(pieces.map(({ frameCount }) => frameCount)).toEqual([5, 12]);
  expect(Buffer.concat(pieces.map(({ frames }) => frames))).toEqual(Buffer.from(whole.frames));
  stream.dispose();
  expect(device.live.tensors).toBe(0);
});

it('a stream begun `warmFrames` earlier gives the same bits as one begun at the start', async () => {
  const { device, graphs, videoDecoder, frameSize } = await decoder(join(fixture('wan-vae'), 'weights.safetensors'), {
    decoder: wanVae,
    video: { width: 16, height: 16, fps: 16 },
  });
  expect(videoDecoder.warmFrames).toBe(39);
  const count = 50;
  const latents = gaussianNoise(2, 0, 0, count * frameSize);
  const last = async (from: number): Promise<Buffer> => {
    const stream = new DecoderStream(device, graphs);
    await stream.decode(latents.subarray(from * frameSize, (count - 1) * frameSize));
    const { frames } = await stream.decode(latents.subarray((count - 1) * frameSize));
    stream.dispose();
    return Buffer.from(frames);
  };
  expect(await last(count - 1 - videoDecoder.warmFrames)).toEqual(await last(0));
});

it('our own decoder draws frames of twice the size', async () => {
  const { device, graphs, frameSize } = await decoder(join(fixture('reference-sharp'), 'decoder.safetensors'), {});
  const stream = new DecoderStream(device, graphs);
  const { frames, frameCount } = await stream.decode(gaussianNoise(1, 0, 0, 3 * frameSize));
  stream.dispose();
  expect(frameCount).toBe(9);
  expect(frames.length).toBe(9 * 96 * 64 * 3);
});
