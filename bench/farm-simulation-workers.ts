// Many workers of a farm in one process, with an engine that takes a fixed time a chunk; a part of `farm-simulation`.
// node bench/farm-simulation-workers.ts '{"queue": "redis://...", "store": "redis://...", "workers": 250, "chunkMs": 0, "folder": "/folder"}'
// Prints a line of JSON once all are there, and one once a worker has its first run.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Artifacts, parseQueueAddress, startFarmWorker, WorkerPictures } from '../src/main/farm/index.ts';
import { ChunkStore } from '../src/main/persistence/index.ts';
import { FakeEngine } from '../tests/fakes/fake-engine.ts';
import { RedisStore } from './redis-store.ts';

const { queue, store, workers, chunkMs, folder } = JSON.parse(process.argv[2] ?? '{}');
const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const engine = new FakeEngine();
engine.whileIn = async (_, { phase }) => {
  if (phase === 'committing' && chunkMs > 0) await wait(chunkMs);
};
const identity = { model: engine.info, deviceClass: 'cpu-x64' };
const cache = join(folder, `workers-${process.pid}`);
mkdirSync(cache, { recursive: true });
const artifacts = new Artifacts(await RedisStore.open(store), identity);
const chunks = await ChunkStore.open(join(cache, 'chunks.sqlite'), { isDurable: false });
const startedAt = performance.now();
let busy = 0;
for (let i = 0; i < workers; i++) {
  let isFirst = true;
  await startFarmWorker({
    address: parseQueueAddress(queue),
    models: [{ identity, artifacts, store: chunks, engine: async () => engine, engineDied: async () => {} }],
    pictures: new WorkerPictures(artifacts.pictures),
    leaseMs: 120_000,
    onEvent: ({ kind }) => {
      if (kind !== 'began') return;
      if (isFirst) say({ kind: 'first run', ms: performance.now() - startedAt, busy: ++busy });
      isFirst = false;
    },
  });
}
say({ kind: 'ready', ms: performance.now() - startedAt });
