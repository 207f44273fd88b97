import { spawn as spawnProcess } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { plainDigest, weightsDigest, writeModelDigest } from '../../src/main/engine/checkpoints/model-digest.ts';
import { EngineClient, type SpawnEngine } from '../../src/main/engine/client.ts';
import { engineArguments } from '../../src/main/engine/engine-child.ts';
import { EngineHandle } from '../../src/main/engine/engine-handle.ts';
import { openModelFolder } from '../../src/main/engine/model/model-folder.ts';
import { MemoryGuard } from '../../src/main/engine/pipeline/memory-guard.ts';
import type { Ancestor, LoadOptions } from '../../src/main/engine/protocol.ts';
import type { ChunkResult, ModelInfo } from '../../src/shared/render.ts';
import { linePlan, type TestShot, TestStudio, temporaryFolder, tinyModel } from './engine-story.ts';

const shots: TestShot[] = [
  { prompt: 'a red cat walks in the meadow', chunks: 4 },
  { prompt: 'a blue dog runs on the beach', chunks: 3 },
];
const essence = ({ latents, frames, record: { timings: _, ...record } }: ChunkResult) => ({ latents, frames, record });

it.each([
  ['fp32', 13_000],
  ['fp16', 6500],
  ['int8', 3500],
] as const)('pages that do not stay on the device give the same film: %s', async (kvStorage, hostBytes) => {
  const all = new TestStudio({ kvStorage });
  const line = linePlan(await all.engine(), shots);
  const wanted = (await all.render(line)).map(essence);
  expect((await (await all.engine()).usage()).pageBytes).toMatchObject({ host: 0, file: 0 });
  await all.close();
  const few = new TestStudio({ kvStorage, pageBudget: { deviceBytes: 30_000, hostBytes } });
  const engine = await few.engine();
  expect((await few.render(line)).map(essence)).toEqual(wanted);
  const { host, file } = (await engine.usage()).pageBytes;
  expect(host).toBeGreaterThan(0);
  expect(file).toBeGreaterThan(0);
});

/** The tiny model with frames of another size, as if it had been imported so. */
function sized(width: number, height: number): string {
  const folder = join(temporaryFolder(), `${width}x${height}`);
  cpSync(tinyModel, folder, { recursive: true });
  const file = join(folder, 'config.json');
  const config = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...config, video: { ...config.video, width, height } }));
  const names = readdirSync(folder);
  const digestIn = (name: string) => (name.endsWith('.safetensors') ? weightsDigest : plainDigest)(join(folder, name));
  writeModelDigest(folder, new Map(names.map((name) => [name, digestIn(name)])));
  return folder;
}

it('a model that does not fit is refused before it is loaded, with what would fit', async () => {
  const options = { device: 'cpu', threads: 1, latentsOf: () => null, graphsFolder: temporaryFolder() } as const;
  const start = (modelFolder: string, availableBytes: number) =>
    EngineClient.start({ ...options, modelFolder, availableBytes });
  await expect(start(sized(2048, 1024), 1.5e9)).rejects.toMatchObject({
    code: 'out-of-memory',
    message: expect.stringMatching(
      /^Random reference at 2048x1024 needs about \d\.\d GB of memory \(decoder \d\.\d GB, .*\), and 1\.5 GB can be had\.$/,
    ),
    hint: expect.stringMatching(
      /^Close other programs, or use frames of \d+x\d+: that needs about (\d\.\d GB|\d+ MB)\.$/,
    ),
  });
  await expect(start(tinyModel, 1000)).rejects.toMatchObject({
    hint: 'Close other programs; this machine has too little memory for the model, which draws frames of this size alone.',
  });
});

it('more pinned frames than there is room for are refused with how many fit, and the story goes on without them', async () => {
  const use = { device: 'cpu', logitsBytes: null, pageBudgetBytes: null } as const;
  const { plan } = new MemoryGuard(openModelFolder(tinyModel), use, { frameSizes: null, isImported: false });
  const studio = new TestStudio({ availableBytes: plan.totalBytes });
  const engine = await studio.engine();
  const elsewhere: TestShot[] = [...shots, { prompt: 'a red cat walks in the meadow', chunks: 1 }];
  const pinning = (frames: number[]): Ancestor[] =>
    linePlan(
      engine,
      elsewhere.map((shot, i) =>
        i < 2 ? shot : { ...shot, memory: { pins: frames.map((frame) => ({ frame, name: `frame ${frame}` })) } },
      ),
    );
  const few = pinning([3]);
  await studio.render(few);
  await expect(studio.render(pinning([3, 6, 9, 12, 15]), few.length - 1)).rejects.toMatchObject({
    code: 'out-of-memory',
    message: expect.stringMatching(/^This chunk would look at \d+ frames in memory\. With them, Random reference at /),
    hint: expect.stringMatching(/^Unpin frames or pictures, or recall fewer: \d+ frames fit\.$/),
  });
  expect(await studio.render(few, few.length - 1)).toHaveLength(1);
});

/** An engine whose process may have so many bytes of address space and no more. */
const confined =
  (bytes: number): SpawnEngine =>
  (entry) => {
    const command = `ulimit -v ${Math.floor(bytes / 1024)} && exec "$@"`;
    const child = spawnProcess('bash', ['-c', command, 'bash', process.execPath, ...engineArguments, entry], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    return {
      post: (message) => void (child.connected && child.send(message as object, () => {})),
      onMessage: (listener) => child.on('message', listener),
      onOutput: () => {},
      onEnd: (listener) => child.once('exit', (code, signal) => listener({ kind: 'exited', code, signal })),
      release: () => child.connected && child.disconnect(),
      kill: () => child.kill('SIGKILL'),
    };
  };

it.runIf(process.platform === 'linux')(
  'memory that runs out in a chunk is told with a smaller setting, and the same process then makes smaller frames',
  async () => {
    const handle = new EngineHandle({ latentsOf: () => null, spawn: confined(12e9) });
    const graphsFolder = temporaryFolder();
    const load = (modelFolder: string): Promise<ModelInfo> => {
      const plenty = { availableBytes: Number.MAX_SAFE_INTEGER }; // or it would be refused beforehand
      const options: LoadOptions = {
        ...{ modelFolder, device: 'cpu', threads: 1, kvStorage: 'fp16', graphsFolder },
        ...plenty,
      };
      return handle.call((engine) => engine.load(options));
    };
    const render = ({ sampler, memory }: ModelInfo): Promise<ChunkResult> =>
      handle.call((engine) =>
        engine.renderChunk(
          {
            key: 'chunk',
            recipe: { chunkIndex: 0, prompt: 'a red cat', seed: 1, transition: 'continue', sampler, memory },
            ancestors: [],
          },
          false,
        ),
      );
    try {
      await expect(render(await load(sized(2048, 2048)))).rejects.toMatchObject({
        code: 'out-of-memory',
        message: expect.stringMatching(/^There was not enough memory for Random reference at 2048x2048: /),
        hint: expect.stringMatching(/^Close other programs, or use frames of \d+x\d+: /),
      });
      // Of the chunk nothing is left but the prompt's keys and values.
      const usage = await handle.call((engine) => engine.usage());
      expect(usage.liveTensorBytes).toBeLessThan(100_000);
      expect(usage.pageBytes).toEqual({ device: 0, host: 0, file: 0 });
      expect((await render(await load(tinyModel))).frameCount).toBe(9);
    } finally {
      await handle.close();
    }
  },
);
