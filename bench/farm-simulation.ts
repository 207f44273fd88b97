// npm run bench -- farm-simulation [--only <workers>,<runs>] [--quick]: a thousand workers that take no time for a chunk, in a
// few processes, and a hundred thousand runs, over the real scheduler, queue and server. Says how many runs a second go
// through, how long a new worker waits for its first run, and what a waiting run costs in memory.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Queue } from 'bullmq';
import {
  Artifacts,
  looksOf,
  makeRuns,
  openFarm,
  parseQueueAddress,
  planRuns,
  type RunCall,
  type TreeChunk,
} from '../src/main/farm/index.ts';
import { jobOf, queueNameOf } from '../src/main/farm/queue/job-data.ts';
import { latentsDigest } from '../src/main/persistence/index.ts';
import { fakeInfo } from '../tests/fakes/fake-engine.ts';
import { noServer, QueueServer, treeOf } from '../tests/integration/farm-fixtures.ts';
import type { BenchContext } from './context.ts';
import { RedisStore } from './redis-store.ts';

const usual = { workers: 1000, runs: 100_000 };
const quickly = { workers: 20, runs: 500 };
/** Chunks of a story, each a run of its own that waits for the one before. */
const depth = 4;
const processes = 4;
/** Jobs that are put there to see what one takes. */
const weighed = 2000;
const identity = { model: fakeInfo, deviceClass: 'cpu-x64' };

const mega = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export async function farmSimulation({ folder, quick, only }: BenchContext): Promise<void> {
  if (noServer !== null) {
    console.log(`left out: ${noServer}`);
    return;
  }
  const asked = /^(\d{1,5}),(\d{1,7})$/.exec(only ?? '');
  const { workers, runs: count } = asked
    ? { workers: Number(asked[1]), runs: Number(asked[2]) }
    : quick
      ? quickly
      : usual;
  const [server, results] = await Promise.all([QueueServer.start(folder), QueueServer.start(folder)]);
  const children: ChildProcess[] = [];
  const store = await RedisStore.open(results.url);
  try {
    await weigh(server);
    const beforePlan = heapInUse();
    const planAt = performance.now();
    const tree = stories(count);
    const runs = planRuns(tree, () => false, { identity, chunksAtMost: 1 });
    const planned = heapInUse() - beforePlan;
    console.log(
      `plan of ${runs.length} runs: ${seconds(performance.now() - planAt)}, ${mega(planned)} of the client's heap`,
    );

    const start = (some: number): Promise<number> =>
      launch(children, { queue: server.url, store: results.url, workers: some, folder });
    const startedAt = performance.now();
    const each = Math.ceil(workers / processes);
    await Promise.all(Array.from({ length: processes }, () => start(each)));
    console.log(
      `${each * processes} workers in ${processes} processes are there after ${seconds(performance.now() - startedAt)}`,
    );
    console.log(await memoryOf(server, 'the server with them'));

    const done = new Map<string, string>();
    const byKey = new Map(tree.map((chunk) => [chunk.key, chunk]));
    const farm = await openFarm({
      address: parseQueueAddress(server.url),
      identity,
      artifacts: new Artifacts(store, identity),
      pictures: { looks: looksOf(fakeInfo), pictureOf: async () => null },
      artifactOf: () => null,
      onNote: (text) => console.log(`note: ${text}`),
    });
    const workAt = performance.now();
    let newcomer = null as Promise<number> | null;
    let mostHeap = 0;
    const looksAfter = Math.ceil(runs.length / 10);
    const call: RunCall = {
      ancestors: () => [],
      digestOf: (key) => done.get(key) ?? null,
      onChunk: async ({ artifact }) => {
        done.set(artifact.key, latentsDigest(artifact.latents));
        if (done.size % looksAfter === 0) mostHeap = Math.max(mostHeap, heapInUse());
        // In the middle of it all one more comes.
        if (done.size === Math.floor(runs.length / 2))
          newcomer = launch(children, { queue: server.url, store: results.url, workers: 1, folder }, 'first run');
      },
    };
    const saying = setInterval(() => {
      const ms = performance.now() - workAt;
      console.log(`  ${seconds(ms)}: ${done.size} runs, ${((done.size / ms) * 1000).toFixed(0)} a second`);
    }, 30_000);
    try {
      await makeRuns({
        runs,
        worker: farm,
        callFor: (run) => ({ ...call, ancestors: () => pathTo(byKey, run.parentKey) }),
      });
    } finally {
      clearInterval(saying);
      await farm.dispose();
    }
    const ms = performance.now() - workAt;
    console.log(`${done.size} runs in ${seconds(ms)}: ${((done.size / ms) * 1000).toFixed(0)} runs a second`);
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), 1000));
    const first = await Promise.race([newcomer, late]);
    console.log(
      first === null
        ? 'a worker that came in the middle came too late for a run'
        : `a worker that comes in the middle has its first run ${first.toFixed(0)} ms after it was started`,
    );
    console.log(`the client's heap: at most ${mega(mostHeap)}, with the plan and what was told of each run`);
    console.log(await memoryOf(server, 'the server at the end'));
  } finally {
    for (const child of children) child.kill('SIGKILL');
    store.dispose();
    await Promise.all([server.kill(), results.kill()]);
  }
}

/** What is in use once what is not has been let go, in bytes. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** Stories of a few chunks each. */
function stories(runs: number): TreeChunk[] {
  return treeOf(Array.from({ length: runs }, (_, i) => (i % depth === 0 ? -1 : i - 1)));
}

function pathTo(byKey: ReadonlyMap<string, TreeChunk>, key: string | null): TreeChunk[] {
  const path: TreeChunk[] = [];
  for (let at = byKey.get(key ?? ''); at; at = byKey.get(at.parentKey ?? '')) path.unshift(at);
  return path;
}

/** What the server needs for a run that waits, of one chunk and of four. */
async function weigh(server: QueueServer): Promise<void> {
  const queue = new Queue(queueNameOf(identity), {
    connection: { host: '127.0.0.1', port: server.port },
    prefix: 'weighed',
  });
  for (const chunksAtMost of [1, depth]) {
    const runs = planRuns(stories(weighed * depth), () => false, { identity, chunksAtMost }).slice(0, weighed);
    const before = await usedBy(server);
    await queue.addBulk(runs.map((run) => ({ name: 'run', data: jobOf(run, identity), opts: { jobId: run.id } })));
    const bytes = ((await usedBy(server)) - before) / runs.length;
    console.log(`a run of ${chunksAtMost} that waits: ${(bytes / 1000).toFixed(1)} kB of the server's memory`);
    await queue.obliterate({ force: true });
  }
  await queue.close();
}

async function usedBy({ url }: QueueServer): Promise<number> {
  const info = await RedisStore.infoOf(url);
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}

async function memoryOf(server: QueueServer, what: string): Promise<string> {
  const info = await RedisStore.infoOf(server.url);
  const clients = /^connected_clients:(\d+)/m.exec(info)?.[1];
  return `${what}: ${mega(Number(/^used_memory:(\d+)/m.exec(info)?.[1]))}, ${clients} connections`;
}

/** Starts workers in a process of their own. @returns the milliseconds that it names with a word of this kind */
function launch(children: ChildProcess[], options: object, word = 'ready'): Promise<number> {
  const script = join(import.meta.dirname, 'farm-simulation-workers.ts');
  const child = spawn(process.execPath, [script, JSON.stringify({ chunkMs: 0, ...options })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`workers ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { kind, ms } = JSON.parse(line);
      if (kind === word) resolve(ms);
    });
  });
}
