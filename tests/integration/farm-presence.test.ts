import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FarmWatch, parseQueueAddress, queueNameOf, watchFarm } from '../../src/main/farm/index.ts';
import { connectToQueue } from '../../src/main/farm/queue/connection.ts';
import { fakeInfo } from '../fakes/fake-engine.ts';
import { Client, noServer, QueueServer, treeOf, WorkerProcess } from './farm-fixtures.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let folder: string;
let server: QueueServer;
let watch: FarmWatch;
let workers: WorkerProcess[];

type Seen = Awaited<ReturnType<FarmWatch['workers']>>;

/** Looks until what is seen is as it should be; a test that never sees it ends by its time limit. */
async function until(fits: (seen: Seen) => boolean): Promise<Seen> {
  while (true) {
    const seen = await watch.workers();
    if (fits(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe.skipIf(noServer !== null)(`who works on a farm${noServer ? ` (${noServer})` : ''}`, () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-farm-'));
    workers = [];
    server = await QueueServer.start(folder);
    watch = await watchFarm(parseQueueAddress(server.url));
  });
  afterEach(async () => {
    watch.dispose();
    await Promise.all(workers.map((worker) => worker.kill()));
    await server.kill();
    rmSync(folder, { recursive: true });
  });

  const start = async (chunkMs: number, more: { called?: string; hold?: string } = {}): Promise<WorkerProcess> => {
    const worker = new WorkerProcess(folder, `${workers.length}`, { queue: server.url, chunkMs, ...more });
    workers.push(worker);
    await worker.until('ready');
    return worker;
  };

  test('a worker is seen with what it is, what it makes, and that it left', async () => {
    expect(await watch.workers()).toEqual([]);
    const hold = join(folder, 'hold');
    writeFileSync(hold, '1'); // the second chunk is in hand until it was seen
    const worker = await start(300, { called: 'Render one', hold });
    const [idle] = await until((seen) => seen.length === 1);
    expect(idle?.facts).toMatchObject({
      name: 'Render one',
      model: fakeInfo.name,
      deviceClass: 'cpu-x64',
      queue: queueNameOf({ model: fakeInfo, deviceClass: 'cpu-x64' }),
      models: [{ name: fakeInfo.name, deviceClass: 'cpu-x64', secondsAChunk: null }],
      ...{ making: null, made: 0, secondsAChunk: null, left: false },
    });
    const client = new Client(treeOf([-1, 0, 1]));
    const all = client.make(folder, server.url, { chunksAtMost: 4 });
    const [working] = await until(([one]) => one?.facts.making?.chunkIndex === 1);
    expect(working?.facts.making?.chunkKey).toBe(client.tree[1]?.key);
    expect(working?.facts.made).toBe(1);
    expect(working?.facts.secondsAChunk).toBeGreaterThanOrEqual(0.28);
    expect(working?.facts.models?.[0]?.secondsAChunk).toBe(working?.facts.secondsAChunk);
    rmSync(hold);
    await all;
    await until(([one]) => one?.facts.made === 3 && one.facts.making === null);
    worker.child.kill('SIGTERM');
    await worker.exit;
    const [gone] = await until(([one]) => one?.facts.left === true);
    expect(gone?.facts.name).toBe(idle?.facts.name);
  });

  test('one that is killed is heard of no more, the others are, and what makes no sense is left out', async () => {
    const [first] = await Promise.all([start(5), start(5)]);
    await until((seen) => seen.length === 2);
    const { redis } = await connectToQueue(parseQueueAddress(server.url));
    await redis.hset('test:workers', 'foreign', '{"version":1,"name":7}');
    await redis.zadd('test:workers-heard', Date.now(), 'foreign');
    redis.disconnect();
    await first.kill();
    // However slow this machine is, the other says something again.
    const seen = await until((all) =>
      all.every(({ facts, heardMsAgo }) => heardMsAgo > 3000 === facts.name.endsWith(`-${first.child.pid}`)),
    );
    expect(seen).toHaveLength(2);
    expect(seen.at(-1)?.facts.name).toContain(`-${first.child.pid}`);
    expect(seen.at(-1)?.facts.left).toBe(false);
    expect(seen[0]?.heardMsAgo).toBeLessThan(seen.at(-1)?.heardMsAgo ?? 0);
  });
});
