import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EngineClient } from '../../src/main/engine/client.ts';
import { CancelledError, ThroughlineError } from '../../src/shared/errors.ts';
import { linePlan, type TestShot, TestStudio, temporaryFolder, tinyModel } from './engine-story.ts';
import { smallDisk } from './export-fixtures.ts';

const shots: TestShot[] = [{ prompt: 'a red cat walks in the meadow', chunks: 2 }];
const diskFull = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

/** An engine whose owner reads chunks as `latentsOf` says. */
async function engineOf(latentsOf: (key: string) => Promise<Float32Array | null>): Promise<EngineClient> {
  const studio = new TestStudio({ latentsOf });
  return studio.engine();
}

it.each<[string, () => Error, string]>([
  [
    'a damaged file',
    () => new ThroughlineError('database', 'story.throughline is damaged.', 'Restore it.'),
    'database',
  ],
  ['a cancel', () => new CancelledError('The render'), 'cancelled'],
  ['a full disk', diskFull, 'disk-full'],
  ['anything else', () => new TypeError('x is not a function'), 'internal'],
])('what goes wrong while the owner reads a chunk keeps its kind: %s', async (_, error, code) => {
  const engine = await engineOf(async () => {
    throw error();
  });
  const line = linePlan(engine, shots);
  await expect(engine.moveTo(line.slice(0, 1), 'replay')).rejects.toMatchObject({ code });
});

it('what goes wrong while the owner takes decoded frames keeps its kind, and the engine goes on serving', async () => {
  const studio = new TestStudio();
  const engine = await studio.engine();
  const [chunk] = await studio.render(linePlan(engine, shots).slice(0, 1));
  const latents = [(chunk?.latents ?? new Float32Array()).slice()];
  const failing = (error: Error) =>
    engine.decode(latents, async () => {
      throw error;
    });
  await expect(failing(new CancelledError('The render'))).rejects.toMatchObject({ code: 'cancelled' });
  const full = await failing(diskFull()).catch((error) => error);
  expect(full).toMatchObject({ code: 'disk-full', message: 'The disk is full.' });
  expect(full.hint).not.toMatch(/report/);
  await expect(
    failing(new ThroughlineError('export-failed', 'film.mp4 could not be written.', 'Choose another folder.')),
  ).rejects.toMatchObject({ code: 'export-failed', hint: 'Choose another folder.' });
  let frames = 0;
  await engine.decode(latents, (_, __, count) => {
    frames += count;
  });
  expect(frames).toBe(9);
});

it.skipIf(process.platform === 'win32')('a model that hangs while it is loaded is ended when asked', async () => {
  const modelFolder = join(temporaryFolder(), 'model');
  cpSync(tinyModel, modelFolder, { recursive: true });
  rmSync(join(modelFolder, 'config.json'));
  // Reading it waits for a writer that never comes, as reading from a dead network drive does.
  execFileSync('mkfifo', [join(modelFolder, 'config.json')]);
  const controller = new AbortController();
  const started = EngineClient.start({
    ...{ modelFolder, device: 'cpu', threads: 1, latentsOf: () => null, signal: controller.signal },
    graphsFolder: join(temporaryFolder(), 'graphs'),
  });
  setTimeout(() => controller.abort(), 300);
  await expect(started).rejects.toMatchObject({ code: 'cancelled' });
});

it('a disk that is full when a model is made ready is told as that, and no half copy stays', async () => {
  const disk = smallDisk('size=64k');
  if (disk === null) return; // only where this process may mount
  const graphsFolder = join(disk, 'graphs');
  const started = EngineClient.start({
    ...{ modelFolder: tinyModel, device: 'cpu', threads: 1, latentsOf: () => null, graphsFolder },
  });
  const error = await started.catch((thrown) => thrown);
  expect(error).toMatchObject({ code: 'disk-full', message: expect.stringMatching(/^The disk is full/) });
  expect(error.hint).not.toMatch(/report/);
  const left = readdirSync(graphsFolder, { recursive: true }).map(String);
  expect(left.filter((name) => /\.\d+$/.test(name))).toEqual([]);
});
