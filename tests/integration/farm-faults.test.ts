import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jobOf, queueNameOf } from '../../src/main/farm/queue/job-data.ts';
import { planRuns, type Run } from '../../src/main/farm/runs.ts';
import { fakeInfo, greyOf } from '../fakes/fake-engine.ts';
import {
  broom,
  Client,
  type FakeWorkerOptions,
  noServer,
  QueueServer,
  ToldProcess,
  treeOf,
  WorkerProcess,
} from './farm-fixtures.ts';
import { CuttableWay, noNetworks, TwoNetworks } from './farm-network.ts';

// Processes are started, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

/** How long a network stays cut: longer than a lease. THROUGHLINE_TEST_CUT_MS=60000 makes it a minute. */
const cutMs = Number(process.env.THROUGHLINE_TEST_CUT_MS ?? 3000);

let folder: string;
let server: QueueServer;
let workers: WorkerProcess[];
let endings: (() => unknown)[];

/** Every chunk is what the fake engine draws for its key. */
function expectAll(client: Client): void {
  expect(client.chunks.size).toBe(client.tree.length);
  for (const { key, parentKey } of client.tree) {
    expect(client.chunks.get(key)?.parentKey).toBe(parentKey);
    expect([...(client.chunks.get(key)?.latents ?? [])]).toEqual(Array(12).fill(greyOf(key)));
  }
}

const madeByAll = (): string[] => workers.flatMap(({ made }) => made);
const expectNothingTwice = (): void => expect(madeByAll()).toHaveLength(new Set(madeByAll()).size);
/** Whoever died had one chunk in hand: no more than that many were begun again. */
function expectAtMostOneAgain(inProcess: number): void {
  const begun = workers.flatMap((worker) => worker.begun);
  const deaths = workers.filter(({ child }) => child.signalCode === 'SIGKILL').length * inProcess;
  expect(begun.length - new Set(begun).size).toBeLessThanOrEqual(deaths);
}

function launch(options: Partial<FakeWorkerOptions> = {}, more: { inside?: readonly string[] } = {}): WorkerProcess {
  const worker = new WorkerProcess(
    folder,
    `${workers.length}`,
    { queue: server.url, chunkMs: 5, leaseMs: 2000, ...options },
    more,
  );
  workers.push(worker);
  return worker;
}

async function start(...launched: Parameters<typeof launch>): Promise<WorkerProcess> {
  const worker = launch(...launched);
  await worker.until('ready');
  return worker;
}

describe.skipIf(noServer !== null)(`faults of a farm${noServer ? ` (${noServer})` : ''}`, () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-farm-'));
    workers = [];
    endings = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    for (const end of endings.reverse()) await end();
    await server.kill();
    rmSync(folder, { recursive: true });
  });

  test('fifty workers are killed with a chunk in hand, two in a process: nothing is lost, and nothing is made twice but what was in their hands', async () => {
    server = await QueueServer.start(folder);
    const kills = 50;
    const inProcess = 2;
    const client = new Client(broom(1, 24, 4));
    let isOver = false;
    const all = client.make(folder, server.url).finally(() => {
      isOver = true;
    });
    let killed = 0;
    const succession = async (): Promise<void> => {
      while (!isOver) {
        const worker = launch({ chunkMs: 20, workers: inProcess });
        // Both are at work, and each process dies at another point of its life: in a chunk, or right after one.
        const point = killed % 3 === 2 ? worker.until('chunk', 2) : worker.until('making', inProcess + (killed % 3));
        await Promise.race([point, all]);
        if (killed >= kills || isOver) return;
        killed += inProcess;
        await worker.kill();
      }
    };
    await Promise.all([succession(), succession(), all]);
    expect(killed).toBe(kills);
    expectAll(client);
    expectNothingTwice();
    expectAtMostOneAgain(inProcess);
    // What was in the hands of the dead is all that nobody told of.
    expect(madeByAll().length).toBeGreaterThanOrEqual(client.tree.length - kills);
  });

  test('a network that is cut for a while, between the queue and everybody else: nothing is lost', async () => {
    server = await QueueServer.start(folder);
    const way = await CuttableWay.to(server.port);
    endings.push(() => way.close());
    await Promise.all([1, 2].map(() => start({ queue: way.url, chunkMs: 30, leaseMs: 1000 })));
    const client = new Client(broom(2, 6, 4));
    const all = client.make(folder, way.url);
    await workers[0]?.until('chunk', 3);
    way.cut();
    // Longer than the lease: the queue counts both workers as dead.
    await new Promise((resolve) => setTimeout(resolve, cutMs));
    const before = client.chunks.size;
    expect(before).toBeLessThan(client.tree.length);
    way.mend();
    await all;
    expectAll(client);
  });

  test('a worker that is cut off while others go on: its work goes to them, and what it then brings changes nothing', async () => {
    server = await QueueServer.start(folder);
    const way = await CuttableWay.to(server.port);
    endings.push(() => way.close());
    const lonely = await start({ queue: way.url, chunkMs: 20, leaseMs: 1000 });
    const client = new Client(treeOf(Array.from({ length: 12 }, (_, i) => i - 1)));
    const all = client.make(folder, server.url, { chunksAtMost: 16 });
    await lonely.until('chunk', 2);
    way.cut();
    const other = await start({ leaseMs: 1000 });
    await all;
    expectAll(client);
    expect(other.made.length).toBeGreaterThan(0);
    // Old connections stay silent, as behind a firewall that was restarted: the worker finds a new one, and more work.
    await other.kill();
    way.mend();
    const more = new Client(treeOf([-1, 0, 1], { ...fakeInfo, sampler: { kind: 'renoise', steps: [1000, 250] } }));
    await more.make(folder, server.url);
    expectAll(more);
    expect(lonely.made.length).toBeGreaterThan(0);
  });

  test.skipIf(noNetworks !== null)(
    `a cable between two networks of the kernel is pulled and put back${noNetworks ? ` (${noNetworks})` : ''}`,
    async () => {
      const networks = await TwoNetworks.make();
      endings.push(() => networks.remove());
      server = await QueueServer.start(folder, {
        settings: ['--bind', networks.address, '--protected-mode', 'no'],
        inside: networks.inside(1),
      });
      const queue = server.url.replace('127.0.0.1', networks.address);
      const here = { inside: networks.inside(0) };
      await Promise.all([1, 2].map(() => start({ queue, chunkMs: 30, leaseMs: 1000 }, here)));
      const shape = { prefix: 2, branches: 6, length: 4 };
      const client = new ToldProcess('farm-client.ts', { queue, ...shape }, { folder, ...here });
      endings.push(() => client.kill());
      await client.until('chunk', 5);
      networks.cut();
      await new Promise((resolve) => setTimeout(resolve, cutMs));
      networks.mend();
      expect(await client.exit, JSON.stringify(client.events.at(-1))).toBe(0);
      expect(client.count('chunk')).toBe(broom(2, 6, 4).length);
      for (const event of client.events)
        if (event.kind === 'chunk') expect(event).toMatchObject({ grey: greyOf(event.key ?? '') });
    },
  );

  const mount = join(tmpdir(), `throughline-full-${process.pid}`);
  const noSmallDisk = ((): string | null => {
    try {
      mkdirSync(mount, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', mount], { stdio: 'ignore' });
      execFileSync('umount', [mount], { stdio: 'ignore' });
      return null;
    } catch {
      return 'a small disk needs root';
    } finally {
      rmSync(mount, { recursive: true, force: true });
    }
  })();
  test.skipIf(noSmallDisk !== null)(
    `a store that is full is told in a sentence; once there is room, the rest is made${noSmallDisk ? ` (${noSmallDisk})` : ''}`,
    async () => {
      server = await QueueServer.start(folder);
      const store = join(folder, 'small');
      mkdirSync(store);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', store]);
      endings.push(() => execFileSync('umount', ['-l', store]));
      writeFileSync(join(store, 'somebody-elses'), Buffer.alloc(160 * 1024));
      const client = new Client(broom(1, 8, 4));
      await start({ store });
      await expect(client.make(folder, server.url, { store })).rejects.toMatchObject({
        code: 'farm',
        message: `The farm could not make a chunk: The farm's folder ${store} is full. Free some space there and ask for the film again. What was finished is kept.`,
      });
      const before = client.chunks.size;
      expect(before).toBeGreaterThan(0);
      expect(before).toBeLessThan(client.tree.length);
      truncateSync(join(store, 'somebody-elses'));
      await client.make(folder, server.url, { store });
      expectAll(client);
      expectNothingTwice();
      // Nothing half-written lies there.
      const left = readdirSync(store, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      expect(left.map(({ name }) => name).sort()).toEqual(
        [...client.tree.map(({ key }) => `${key}.chunk`), 'somebody-elses'].sort(),
      );
    },
  );

  test('workers of other numerics and of another way to write jobs take nothing; one that suits makes it all', async () => {
    server = await QueueServer.start(folder);
    const other = await start({ numericsVersion: fakeInfo.numericsVersion + 1 });
    const client = new Client(broom(2, 3, 2));
    const all = client.make(folder, server.url);
    await vi.waitUntil(() => client.notes.length > 0, { timeout: 60_000 });
    expect(client.notes[0]).toContain('No worker of this farm has this model on cpu-x64 yet');
    // However such work comes to it, it says why it does not make it.
    const [run] = planRuns(client.tree, () => false, {
      identity: { model: fakeInfo, deviceClass: 'cpu-x64' },
      chunksAtMost: 2,
    }) as unknown as [Run];
    const others = { model: { ...fakeInfo, numericsVersion: 2 }, deviceClass: 'cpu-x64' };
    const connection = { host: '127.0.0.1', port: server.port };
    const queue = new Queue(queueNameOf(others), { connection, prefix: 'test' });
    endings.push(() => queue.close());
    await queue.add('run', jobOf(run, { model: fakeInfo, deviceClass: 'cpu-x64' }), { jobId: run.id });
    await queue.add('run', { ...jobOf(run, others), version: 2 }, { jobId: `${run.id}-2` });
    await other.until('note', 2);
    expect(other.events.flatMap(({ kind, text }) => (kind === 'note' ? [text] : []))).toEqual([
      'A run was refused: it is for the numerics version 1, and this worker has 2. Start a worker with that.',
      'A run was refused: it is of version 2, and this worker knows 1. Bring all of the farm to one version.',
    ]);
    await start();
    await all;
    expectAll(client);
    expect(other.made).toEqual([]);
  });

  test('two who want the same, each a process, one of them killed: the other gets all, made once', async () => {
    server = await QueueServer.start(folder);
    const shape = { queue: server.url, prefix: 2, branches: 6, length: 4 };
    const clients = [1, 2].map(() => new ToldProcess('farm-client.ts', shape, { folder }));
    endings.push(() => Promise.all(clients.map((client) => client.kill())));
    await Promise.all([start({ chunkMs: 20 }), start({ chunkMs: 20 })]);
    const [first, second] = clients as [ToldProcess, ToldProcess];
    await Promise.all([first.until('chunk', 4), second.until('chunk', 4)]);
    await first.kill();
    expect(await second.exit, JSON.stringify(second.events.at(-1))).toBe(0);
    const tree = broom(2, 6, 4);
    expect(second.count('chunk')).toBe(tree.length);
    expect(madeByAll().sort()).toEqual(tree.map(({ key }) => key).sort());
  });

  test('a worker whose queue is away leaves when it is told to, once the chunk in its hands is finished', async () => {
    server = await QueueServer.start(folder);
    const client = new Client(broom(4, 0, 0));
    const stop = new AbortController();
    const made = client.make(folder, server.url, { signal: stop.signal, chunksAtMost: 4 }).catch(() => {});
    const hold = join(folder, 'hold');
    writeFileSync(hold, '0'); // the chunk in hand is finished when this test says so
    const [busy, idle] = [await start({ chunkMs: 5, hold }), await start({ digest: 'f'.repeat(64) })];
    await busy.until('making');
    const inHand = busy.events.find(({ kind }) => kind === 'making')?.key;
    await server.kill();
    for (const { child } of [busy, idle]) child.kill('SIGTERM');
    await busy.until('leaving');
    rmSync(hold);
    expect(await Promise.all([busy.exit, idle.exit])).toEqual([0, 0]);
    expect(busy.made).toEqual([inHand]);
    stop.abort();
    await made;
  });
});
