// A worker of a farm in a process of its own, with an engine that takes a fixed time a chunk instead of a model:
// node tests/fakes/farm-process.ts '{"queue": "redis://...", "store": "/folder", "cache": "/folder", "chunkMs": 20}'
// Prints a line of JSON for everything that happens. SIGTERM makes it leave, as `throughline worker` does.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Artifacts, openArtifactStore, parseQueueAddress, startFarmWorker } from '../../src/main/farm/index.ts';
import { ChunkStore } from '../../src/main/persistence/index.ts';
import { FakeEngine, fakeInfo } from './fake-engine.ts';

const {
  queue,
  store,
  cache,
  chunkMs,
  leaseMs = 30_000,
  digest = fakeInfo.digest,
} = JSON.parse(process.argv[2] ?? '{}');
const engine = new FakeEngine({ digest });
engine.whileIn = async (_, { phase }) => {
  if (phase === 'committing') await wait(chunkMs);
};
const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const identity = { model: engine.info, deviceClass: 'cpu-x64' };
const worker = await startFarmWorker({
  address: parseQueueAddress(queue),
  identity,
  modelName: engine.info.name,
  artifacts: new Artifacts(await openArtifactStore(store), identity),
  store: await ChunkStore.open(join(cache, 'chunks.sqlite')),
  engine: async () => engine,
  engineDied: async () => {},
  leaseMs,
  onEvent: (event) => {
    if (event.kind === 'began' || event.kind === 'ended') say({ ...event, run: event.run.id });
    else say(event);
  },
});
say({ kind: 'ready' });
process.on('SIGTERM', () => void worker.leave().then(() => process.exit(0)));
