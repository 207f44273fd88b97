import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { digestOf, openModelFolder } from '../../src/main/engine/model/model-folder.ts';
import { EncoderStream } from '../../src/main/engine/pipeline/encoder-stream.ts';
import { ModelSession } from '../../src/main/engine/pipeline/model-session.ts';

const animatic = fileURLToPath(new URL('../../resources/models/animatic', import.meta.url));

/** A folder that is gone after the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'throughline-encoder-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function open(modelFolder: string): Promise<ModelSession> {
  const graphsFolder = folder();
  return ModelSession.open({ modelFolder, device: 'cpu', threads: 1, kvStorage: 'fp16', graphsFolder }, () => null);
}

/** A red ball on a meadow under a sky that gets paler: [height, width, 3] in 0..1. */
function meadow(width: number, height: number): Float32Array {
  const picture = new Float32Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const ball = (x - width * 0.6) ** 2 + (y - height * 0.6) ** 2 < (height * 0.2) ** 2;
      const ground = y > height * 0.55;
      const colour = ball ? [0.85, 0.2, 0.2] : ground ? [0.45, 0.75, 0.4] : [0.5 + (0.4 * y) / height, 0.8, 0.95];
      picture.set(colour, (y * width + x) * 3);
    }
  }
  return picture;
}

it('a picture comes back through the encoder of the built-in model', async () => {
  const session = await open(animatic);
  onTestFinished(() => session.dispose());
  const { latent, video } = session.info;
  const [width, height] = [latent.width * 8, latent.height * 8];
  const picture = meadow(width, height);
  const stream = new EncoderStream(session.device, session.graphs, { width, height });
  const latents = await stream.encode(picture);
  expect(latents.length).toBe(latent.channels * latent.height * latent.width);
  expect(await stream.encode(new Float32Array([...picture, ...picture, ...picture, ...picture]))).toHaveLength(
    latents.length,
  );
  stream.dispose();

  const decoder = session.decoderStream();
  const { frames, frameCount } = await decoder.decode(latents);
  decoder.dispose();
  expect(frameCount).toBe(1);
  const scale = video.width / width;
  let squares = 0;
  for (let y = 0; y < video.height; y++) {
    for (let x = 0; x < video.width; x++) {
      for (let c = 0; c < 3; c++) {
        const wanted = picture[(Math.floor(y / scale) * width + Math.floor(x / scale)) * 3 + c] as number;
        squares += ((frames[(y * video.width + x) * 3 + c] as number) / 255 - wanted) ** 2;
      }
    }
  }
  const psnrDb = -10 * Math.log10(squares / frames.length);
  expect(psnrDb).toBeGreaterThan(24);
});

it('an encoder is no part of what a model is known by, and a model without one says so', async () => {
  const bare = join(folder(), 'bare');
  cpSync(animatic, bare, { recursive: true });
  rmSync(join(bare, 'encoder.safetensors'));
  const [whole, without] = [openModelFolder(animatic), openModelFolder(bare)];
  expect(await digestOf(without)).toBe(await digestOf(whole));
  expect([whole.encoder?.file, without.encoder]).toEqual([join(animatic, 'encoder.safetensors'), null]);
  const session = await open(bare);
  onTestFinished(() => session.dispose());
  expect(() => session.graphs.videoEncoder).toThrow(/has no encoder, so it cannot look at pictures/);
});
