import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { fakeMemory } from '../../../../tests/fakes/memory-settings.ts';
import type { MemorySettings } from '../../../shared/memory-settings.ts';
import { emptyMemory, type MemoryState } from '../memory/memory-state.ts';
import { gaussianNoise } from '../model/noise.ts';
import type { Device } from '../runtime/device.ts';
import { latentFrameSize } from './chunk-generator.ts';
import { ModelSession } from './model-session.ts';

const modelFolder = fileURLToPath(new URL('../../../../tests/fixtures/reference-small', import.meta.url));

async function open(): Promise<ModelSession> {
  const graphsFolder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const options = { modelFolder, device: 'cpu', threads: 1, kvStorage: 'fp16', graphsFolder } as const;
  const session = await ModelSession.open(options, () => () => {}); // rounds nothing, but goes the way of rounding
  onTestFinished(async () => {
    await session.dispose();
    rmSync(graphsFolder, { recursive: true });
  });
  return session;
}

/** From now on, the device's upload or download number `failing` (from 1) ends in an error, as a lost device would. */
function failTransfer(device: Device, failing: number): () => void {
  let count = 0;
  const fail = (): void => {
    if (++count === failing) throw new Error('the device is gone');
  };
  const { upload, download } = device;
  device.upload = async (...args) => {
    fail();
    return upload.apply(device, args);
  };
  device.download = async (...args) => {
    fail();
    return download.apply(device, args);
  };
  return () => Object.assign(device, { upload, download });
}

/** Lets every transfer of `work` fail in turn, until none is left to fail. @returns how many there were */
async function eachFailure(device: Device, work: () => Promise<void>, after: () => void): Promise<number> {
  const before = device.live;
  for (let failing = 1; ; failing++) {
    const restore = failTransfer(device, failing);
    const failed = await work().then(
      () => false,
      (error: unknown) => {
        expect(String(error)).toContain('the device is gone');
        return true;
      },
    );
    restore();
    after();
    expect(device.live, `after transfer ${failing} failed`).toEqual(before);
    if (!failed) return failing - 1;
  }
}

it.each(['nam+sma', 'nam', 'released'] as const)(
  'a chunk that fails in a transfer leaves no tensor: %s',
  async (kind) => {
    const session = await open();
    const { chunkFrames } = session.info;
    const frameSize = latentFrameSize(session.graphs);
    const memory: MemorySettings =
      kind === 'released'
        ? { ...fakeMemory, mode: 'released', policy: 'nam', bankFrames: 1 }
        : { ...fakeMemory, policy: kind };
    const generate = async (before: MemoryState, chunkIndex: number, text: string): Promise<MemoryState> => {
      const made = await session.generator.generate(before, {
        recipe: {
          chunkIndex,
          prompt: text,
          seed: 1,
          transition: 'continue',
          sampler: { kind: 'euler', steps: [1000, 500] },
          memory,
        },
        prompt: await session.prompts.prepare(text),
        pass: `${text} ${chunkIndex}`,
        noise: (step) => gaussianNoise(1, chunkIndex, step, chunkFrames * frameSize),
        pastLatents: async (_first, count) => new Float32Array(count * frameSize),
      });
      return made.memory;
    };
    let state: MemoryState = emptyMemory(session.info.layers);
    for (let chunk = 0; chunk < 5; chunk++) state = await generate(state, chunk, 'a red cat');
    session.pages.keepOnly(session.graphs.memory.state.references(state));
    const other = kind === 'released' ? 'a red cat' : 'the cat waves'; // the published recache scores nothing
    await session.prompts.prepare(other);
    const transfers = await eachFailure(
      session.device,
      () => generate(state, 5, other).then(() => {}),
      () => session.pages.keepOnly(session.graphs.memory.state.references(state)),
    );
    expect(transfers).toBeGreaterThan(2 * session.info.layers * chunkFrames); // every page was one of them
  },
);

it('a decoder or a prompt that fails in a transfer leaves no tensor', async () => {
  const session = await open();
  const latents = new Float32Array(latentFrameSize(session.graphs) * session.info.chunkFrames);
  const stream = session.decoderStream();
  const decoded = await eachFailure(
    session.device,
    async () => void (await stream.decode(latents)),
    () => stream.dispose(),
  );
  expect(decoded).toBe(10); // nine states and the frames
  const encoded = session.encode('a red cat');
  const embedded = await eachFailure(
    session.device,
    async () => void (await session.prompts.embed(encoded)),
    () => {},
  );
  expect(embedded).toBe(1);
});
