// A worker of a farm in a process of its own, or several of them, with an engine that takes a fixed time a chunk instead of a model:
// node tests/fakes/farm-process.ts '{"queue": "redis://...", "store": "/folder", "cache": "/folder", "chunkMs": 20}'
// Prints a line of JSON for everything that happens. SIGTERM makes it leave, as `throughline worker` does.
import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type ArtifactStore,
  Artifacts,
  type FarmWorker,
  openArtifactStore,
  parseQueueAddress,
  StoredPictures,
  startFarmWorker,
  WorkerPictures,
} from '../../src/main/farm/index.ts';
import { ChunkStore } from '../../src/main/persistence/index.ts';
import { ThroughlineError } from '../../src/shared/errors.ts';
import { lookedAtSize } from '../../src/shared/pictures.ts';
import type { ChunkRecipe } from '../../src/shared/render.ts';
import { pixelFramesOfChunk } from '../../src/shared/timing.ts';
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
  models = [digest],
  turnMs,
  numericsVersion = fakeInfo.numericsVersion,
  workers = 1,
  hold = null,
  graceMs,
} = JSON.parse(process.argv[2] ?? '{}');
const lookEveryMs = 10;
/** The model that an engine of this process has loaded. */
let loaded: string | null = null;
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

/** By model: of those whose files are gone. */
const broken = new Set<string>();

async function modelOf(modelDigest: string, results: ArtifactStore, own: ChunkStore, pictures: WorkerPictures) {
  const engine = new FakeEngine({
    name: modelDigest === fakeInfo.digest ? fakeInfo.name : `Fake ${modelDigest.slice(0, 4)}`,
    ...{ digest: modelDigest, numericsVersion },
  });
  let path: string[] = [];
  const lookAt = async (asset: string, frames: number): Promise<void> => {
    const { width, height } = lookedAtSize(engine.info);
    const pixels = await pictures.pictureOf(asset, width, height * frames);
    say({ kind: 'looked', asset, pixels: pixels && Buffer.from(pixels).toString('hex') });
  };
  const look = async (recipe: ChunkRecipe, before: readonly ChunkRecipe[]): Promise<void> => {
    const { firstFrame, pictures: named = [] } = recipe;
    for (const { asset } of [...named, ...(firstFrame ? [firstFrame] : [])]) await lookAt(asset, 1);
    if (!recipe.footage) return;
    // The encoder carries what it saw: an engine that begins here looks at what was shown before.
    for (const { chunkIndex, footage } of [...before, recipe])
      if (footage) await lookAt(footage.asset, pixelFramesOfChunk(chunkIndex, engine.info.chunkFrames));
  };
  engine.whileIn = async ({ key, recipe, ancestors }, { phase }) => {
    if (phase === 'encoding prompt')
      await look(
        recipe,
        ancestors.map((one) => one.recipe),
      );
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
  return {
    identity,
    name: engine.info.name,
    artifacts: new Artifacts(results, identity),
    store: own,
    engine: async () => {
      if (broken.has(modelDigest))
        throw new ThroughlineError('model-missing', 'Its weights are gone.', 'Get it again.');
      if (loaded !== modelDigest) say({ kind: 'loaded', key: modelDigest });
      loaded = modelDigest;
      return engine;
    },
    engineDied: async () => {},
  };
}

async function startOne(name: string): Promise<FarmWorker> {
  const results = await openArtifactStore(store);
  const pictures = new WorkerPictures(new StoredPictures(results));
  const own = await ChunkStore.open(join(cache, name), { isDurable: false });
  return startFarmWorker({
    address: parseQueueAddress(queue),
    models: await Promise.all(models.map((one: string) => modelOf(one, results, own, pictures))),
    pictures,
    leaseMs,
    ...(turnMs === undefined ? {} : { turnMs }),
    ...(called === undefined ? {} : { name: called }),
    ...(graceMs === undefined ? {} : { graceMs }),
    onEvent: (event) => {
      if (event.kind === 'began' || event.kind === 'ended') say({ ...event, run: event.run.id });
      else say(event);
    },
  });
}

const working = await Promise.all(Array.from({ length: workers }, (_, i) => startOne(`chunks-${i}.sqlite`)));
// A model's files are taken away: as a line, its digest.
createInterface({ input: process.stdin }).on('line', (line) => {
  broken.add(line);
  say({ kind: 'broken', key: line });
});
void Promise.race(working.map((worker) => worker.outOfModels)).then(({ message }) => say({ kind: 'out', message }));
process.on('SIGTERM', () => {
  void Promise.all(working.map((worker) => worker.leave())).then(() => process.exit(0));
  say({ kind: 'leaving' });
});
say({ kind: 'ready' });
flushCompileCache();
