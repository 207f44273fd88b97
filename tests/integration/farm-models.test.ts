import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseQueueAddress, watchFarm } from '../../src/main/farm/index.ts';
import { queueNameOf } from '../../src/main/farm/queue/job-data.ts';
import { workerStates } from '../../src/main/studio/farm/worker-states.ts';
import { fakeInfo } from '../fakes/fake-engine.ts';
import {
  Client,
  type FakeWorkerOptions,
  noServer,
  openQueue,
  QueueServer,
  treeOf,
  WorkerProcess,
} from './farm-fixtures.ts';

// Processes are started, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const [meadow, city] = ['a', 'b'].map((digit) => ({ ...fakeInfo, digest: digit.repeat(64) })) as [
  typeof fakeInfo,
  typeof fakeInfo,
];
const digests = [meadow.digest, city.digest];
const line = (length: number): number[] => Array.from({ length }, (_, i) => i - 1);
const storyOf = (model: typeof fakeInfo, length: number) => new Client(treeOf(line(length), model), model);

let folder: string;
let server: QueueServer;
let workers: WorkerProcess[];

async function start(options: Partial<FakeWorkerOptions> = {}): Promise<WorkerProcess> {
  const worker = new WorkerProcess(folder, `${workers.length}`, { queue: server.url, chunkMs: 5, ...options });
  workers.push(worker);
  await worker.until('ready');
  return worker;
}

const loaded = ({ events }: WorkerProcess): (string | undefined)[] =>
  events.filter(({ kind }) => kind === 'loaded').map(({ key }) => key);

/** Waits until a worker that is busy with something else has put a run of this model back. */
async function untilRefused(model: typeof fakeInfo): Promise<void> {
  const queue = openQueue(server.url, model);
  for (;;) {
    const [job] = await queue.getWaiting();
    if (job && job.attemptsStarted > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await queue.close();
}

const seen = async () => {
  const watch = await watchFarm(parseQueueAddress(server.url));
  const all = await watch.workers();
  watch.dispose();
  return all;
};

describe.skipIf(noServer !== null)(`a worker of several models${noServer ? ` (${noServer})` : ''}`, () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-farm-'));
    workers = [];
    server = await QueueServer.start(folder);
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await server.kill();
    rmSync(folder, { recursive: true });
  });

  test('makes the stories of each, one engine at a time, and is seen as one worker with both', async () => {
    const worker = await start({ models: digests });
    const stories = [storyOf(meadow, 4), storyOf(city, 4)];
    await Promise.all(stories.map((story) => story.make(folder, server.url)));
    expect(worker.made.sort()).toEqual(stories.flatMap(({ tree }) => tree.map(({ key }) => key)).sort());
    expect(new Set(loaded(worker))).toEqual(new Set(digests));
    // Nobody says that there is no worker.
    expect(stories.flatMap(({ notes }) => notes)).toEqual([]);
    const all = await seen();
    expect(all).toHaveLength(1);
    for (const model of [meadow, city]) {
      const suitable = queueNameOf({ model, deviceClass: 'cpu-x64' });
      expect(workerStates(all, suitable)).toMatchObject([{ models: ['Fake aaaa', 'Fake bbbb'], suits: true }]);
    }
    expect(workerStates(all, 'another')).toMatchObject([{ suits: false }]);
  });

  /** A story of one is in hand while one of the other comes. @returns models in the order in which they were loaded */
  async function whileInHand(turnMs: number): Promise<(string | undefined)[]> {
    const hold = join(folder, 'hold');
    writeFileSync(hold, '0');
    const worker = await start({ models: digests, turnMs, hold, graceMs: 0 });
    // Stories of one chunk: what follows does not come from the client.
    const first = Array.from({ length: 3 }, (_, i) => treeOf([-1], meadow, () => ({ seed: 100 + i }))[0]);
    const long = new Client(
      first.flatMap((chunk) => (chunk ? [chunk] : [])),
      meadow,
    );
    const making = long.make(folder, server.url, { chunksAtMost: 1 });
    await worker.until('making');
    const other = storyOf(city, 1).make(folder, server.url);
    await untilRefused(city);
    rmSync(hold);
    await Promise.all([making, other]);
    expect(worker.made).toHaveLength(4);
    return loaded(worker);
  }

  test('goes on with one that has work', async () => {
    expect(await whileInHand(600_000)).toEqual([meadow.digest, city.digest]);
  });

  test('gives way once its turn is over, and goes on afterwards', async () => {
    expect(await whileInHand(0)).toEqual([meadow.digest, city.digest, meadow.digest]);
  });

  test('leaves the queue of one that cannot be loaded: its run goes to another worker, and the other model goes on', async () => {
    const worker = await start({ models: digests });
    await storyOf(meadow, 1).make(folder, server.url);
    worker.child.stdin?.write(`${city.digest}\n`);
    await worker.until('broken');
    const story = storyOf(city, 2);
    const making = story.make(folder, server.url);
    await worker.until('note');
    expect(worker.events.find(({ kind }) => kind === 'note')?.text).toBe(
      'Fake bbbb cannot be loaded any more, and its runs are left to other workers: Its weights are gone. Get it again.',
    );
    await worker.until('ended', 2);
    expect(worker.events.findLast(({ kind }) => kind === 'ended')).toMatchObject({ how: 'given back' });
    const queue = openQueue(server.url, city);
    while ((await queue.getWorkersCount()) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await queue.getWaitingCount()).toBe(1);
    await queue.close();
    const second = await start({ models: [city.digest] });
    await making;
    expect(second.made).toEqual(story.tree.map(({ key }) => key));
    await storyOf(meadow, 3).make(folder, server.url);
    expect(worker.made).toHaveLength(3);
    const suitable = queueNameOf({ model: city, deviceClass: 'cpu-x64' });
    while (workerStates(await seen(), suitable).filter(({ suits }) => suits).length > 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
    worker.child.kill('SIGTERM');
    expect(await worker.exit).toBe(0);
  });

  test('ends once none of its models can be loaded', async () => {
    const worker = await start({ models: [meadow.digest] });
    worker.child.stdin?.write(`${meadow.digest}\n`);
    await worker.until('broken');
    const stop = new AbortController();
    const making = storyOf(meadow, 1)
      .make(folder, server.url, { signal: stop.signal })
      .catch(() => {});
    await worker.until('out');
    expect(worker.events.find(({ kind }) => kind === 'out')?.message).toBe(
      'Fake aaaa cannot be loaded any more: Its weights are gone. Get it again.',
    );
    stop.abort();
    await making;
  });
});
