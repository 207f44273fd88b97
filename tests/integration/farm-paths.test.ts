import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fakeInfo } from '../fakes/fake-engine.ts';
import {
  broom,
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

/** Longer than anything takes: what is preferred does not depend on speed then. */
const patient = 30_000;
let folder: string;
let server: QueueServer;
let workers: WorkerProcess[];

describe.skipIf(noServer !== null)(`what follows on a path${noServer ? ` (${noServer})` : ''}`, () => {
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

  const start = async (
    graceMs: number,
    { count = 2, ...more }: Partial<FakeWorkerOptions> & { readonly count?: number } = {},
  ): Promise<void> => {
    for (let i = 0; i < count; i++)
      workers.push(new WorkerProcess(folder, `${workers.length}`, { queue: server.url, chunkMs: 5, graceMs, ...more }));
    await Promise.all(workers.map((worker) => worker.until('ready')));
  };
  const beginnerOf = async (key: string | undefined): Promise<WorkerProcess> => {
    while (true) {
      const found = workers.find(({ begun }) => begun.some((one) => one === key));
      if (found) return found;
      await wait(10);
    }
  };
  const replayed = (): number => workers.reduce((sum, worker) => sum + worker.replayed, 0);
  const madeByAll = (): string[] => workers.flatMap(({ made }) => made).sort();

  test('is made by the worker that holds it, though others have nothing to do: nothing is replayed', async () => {
    await start(patient, { count: 3 });
    const client = new Client(broom(24, 0, 0));
    await client.make(folder, server.url);
    expect(replayed()).toBe(0);
    expect(workers.filter(({ made }) => made.length > 0)).toHaveLength(1);
    expect(madeByAll()).toEqual(client.tree.map(({ key }) => key).sort());
  });

  test('of two branches: one goes on where the trunk was made, the other replays the trunk and nothing else', async () => {
    await start(patient);
    const trunk = 4;
    const client = new Client(broom(trunk, 2, 8));
    await client.make(folder, server.url);
    expect(replayed()).toBeLessThanOrEqual(trunk);
    expect(madeByAll()).toEqual(client.tree.map(({ key }) => key).sort());
  });

  test('keeps nobody waiting: after eight runs of one path other work has its turn', async () => {
    const hold = join(folder, 'hold');
    writeFileSync(hold, '0');
    await start(patient, { count: 1, hold });
    const long = new Client(broom(12, 0, 0));
    const making = long.make(folder, server.url, { chunksAtMost: 1 });
    await beginnerOf(long.tree[0]?.key);
    const other = new Client(treeOf([-1], fakeInfo, () => ({ seed: 99 })));
    const asked = other.make(folder, server.url);
    const queue = openQueue(server.url);
    while ((await queue.getWaitingCount()) === 0) await wait(10);
    await queue.close();
    rmSync(hold);
    await Promise.all([making, asked]);
    const path = long.tree.map(({ key }) => key);
    // Eight, then the other, then the rest of the path.
    expect(workers[0]?.made).toEqual([...path.slice(0, 8), other.tree[0]?.key, ...path.slice(8)]);
  });

  test('is made by another once the one that holds it is dead', async () => {
    const hold = join(folder, 'hold');
    writeFileSync(hold, '4'); // the fifth chunk is in hand until its worker is dead
    await start(1000, { leaseMs: 2000, hold });
    const client = new Client(broom(12, 0, 0));
    const all = client.make(folder, server.url);
    const holder = await beginnerOf(client.tree[4]?.key);
    await holder.kill();
    rmSync(hold);
    await all;
    expect(client.chunks.size).toBe(client.tree.length);
    expect(workers.filter((worker) => worker !== holder).flatMap(({ made }) => made)).not.toEqual([]);
  });

  test('waits for nobody long: a worker that waits for more, while other work lies there, goes on with that', async () => {
    await start(300, { count: 1 });
    // Whoever asked is gone before it gives what follows.
    const gone = new Client(broom(8, 0, 0));
    const stop = new AbortController();
    gone.onChunk = () => stop.abort();
    await expect(gone.make(folder, server.url, { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
    const other = new Client(broom(1, 3, 2));
    await other.make(folder, server.url);
    expect(other.chunks.size).toBe(other.tree.length);
  });

  test('without a grace everybody takes everything, and all of it is made', async () => {
    await start(0);
    const client = new Client(broom(2, 3, 6));
    await client.make(folder, server.url);
    expect(madeByAll()).toEqual(client.tree.map(({ key }) => key).sort());
  });
});
