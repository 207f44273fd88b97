// A worker of a farm in a process of its own, or several of them, with an engine that takes a fixed time a chunk instead of a model:
// node tests/fakes/farm-process.ts '{"queue": "redis://...", "store": "/folder", "cache": "/folder", "chunkMs": 20}'
// Prints a line of JSON for everything that happens. SIGTERM makes it leave, as `throughline worker` does.
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  Artifacts,
  type FarmWorker,
  openArtifactStore,
  parseQueueAddress,
  StoredPictures,
  startFarmWorker,
  WorkerPictures,
} from '../../src/main/farm/index.ts';
import { ChunkStore } from '../../src/main/persistence/index.ts';
import { lookedAtSize } from '../../src/shared/pictures.ts';
import type { ChunkRecipe } from '../../src/shared/render.ts';
import './end-with-parent.ts';
import { FakeEngine, fakeInfo } from './fake-engine.ts';

const {
  queue,
  store,
  cache,
  chunkMs,
  called,
  leaseMs = 30_000,
  digest = fakeInfo.digest,
  numericsVersion = fakeInfo.numericsVersion,
  workers = 1,
  hold = null,
  graceMs,
} = JSON.parse(process.argv[2] ?? '{}');
const lookEveryMs = 10;
const say = (event: object): void =>
  void process.stdout.write(`${JSON.stringify({ ...event, at: performance.now() })}\n`);

/** Chunks of a story from this one on are kept in hand as long as the file says so. */
function heldFrom(): number {
  try {
    return hold === null ? Number.POSITIVE_INFINITY : Number(readFileSync(hold, 'utf8'));
  } catch {
    return Number.POSITIVE_INFINITY; // the test let go
  }
}

async function startOne(name: string): Promise<FarmWorker> {
  const engine = new FakeEngine({ digest, numericsVersion });
  const results = await openArtifactStore(store);
  const pictures = new WorkerPictures(new StoredPictures(results));
  let path: string[] = [];
  const look = async ({ firstFrame, pictures: named = [] }: ChunkRecipe): Promise<void> => {
    const { width, height } = lookedAtSize(engine.info);
    for (const { asset } of [...named, ...(firstFrame ? [firstFrame] : [])]) {
      const pixels = await pictures.pictureOf(asset, width, height);
      say({ kind: 'looked', asset, pixels: pixels && Buffer.from(pixels).toString('hex') });
    }
  };
  engine.whileIn = async ({ key, recipe, ancestors }, { phase }) => {
    if (phase === 'encoding prompt') await look(recipe);
    if (phase !== 'committing') return;
    // What is not in memory an engine makes its state of again.
    const before = ancestors.map((ancestor) => ancestor.key);
    const common = before.findIndex((one, i) => one !== path[i]);
    path = [...before, key];
    say({ kind: 'making', key, replayed: common === -1 ? 0 : before.length - common });
    await wait(chunkMs);
    while (recipe.chunkIndex >= heldFrom()) await wait(lookEveryMs);
  };
  const identity = { model: engine.info, deviceClass: 'cpu-x64' };
  return startFarmWorker({
    address: parseQueueAddress(queue),
    identity,
    modelName: engine.info.name,
    artifacts: new Artifacts(results, identity),
    pictures,
    store: await ChunkStore.open(join(cache, name), { isDurable: false }),
    engine: async () => engine,
    engineDied: async () => {},
    leaseMs,
    ...(called === undefined ? {} : { name: called }),
    ...(graceMs === undefined ? {} : { graceMs }),
    onEvent: (event) => {
      if (event.kind === 'began' || event.kind === 'ended') say({ ...event, run: event.run.id });
      else say(event);
    },
  });
}

const working = await Promise.all(Array.from({ length: workers }, (_, i) => startOne(`chunks-${i}.sqlite`)));
process.on('SIGTERM', () => {
  void Promise.all(working.map((worker) => worker.leave())).then(() => process.exit(0));
  say({ kind: 'leaving' });
});
say({ kind: 'ready' });
flushCompileCache();
