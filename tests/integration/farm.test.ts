import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jobOf, queueNameOf } from '../../src/main/farm/queue/job-data.ts';
import { planRuns, type Run, runId } from '../../src/main/farm/runs.ts';
import { fakeInfo, greyOf } from '../fakes/fake-engine.ts';
import { broom, Client, noServer, QueueServer, treeOf, WorkerProcess } from './farm-fixtures.ts';

// Processes are started, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const identity = { model: fakeInfo, deviceClass: 'cpu-x64' };
let folder: string;
let server: QueueServer;
let workers: WorkerProcess[];

/** Every chunk is what the fake engine draws for its key. */
function expectAll(client: Client): void {
  expect(client.chunks.size).toBe(client.tree.length);
  for (const { key, parentKey } of client.tree) {
    expect(client.chunks.get(key)?.parentKey).toBe(parentKey);
    expect([...(client.chunks.get(key)?.latents ?? [])]).toEqual(Array(12).fill(greyOf(key)));
  }
}

const madeByAll = (): string[] => workers.flatMap(({ made }) => made);

describe.skipIf(noServer !== null)(`a farm on a real server${noServer ? ` (${noServer})` : ''}`, () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-farm-'));
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await server.kill();
    rmSync(folder, { recursive: true });
  });

  const start = async (
    options: { chunkMs?: number; leaseMs?: number; digest?: string } = {},
  ): Promise<WorkerProcess> => {
    const worker = new WorkerProcess(folder, `${workers.length}`, { queue: server.url, chunkMs: 5, ...options });
    workers.push(worker);
    await worker.until('ready');
    return worker;
  };

  test('two workers make a tree with branches, each chunk once; asked for again, nothing is made', async () => {
    server = await QueueServer.start(folder);
    await Promise.all([start(), start()]);
    const tree = broom(3, 8, 4);
    const client = new Client(tree);
    await client.make(folder, server.url);
    expectAll(client);
    expect(madeByAll().sort()).toEqual(tree.map(({ key }) => key).sort());
    expect(workers.every(({ made }) => made.length > 0)).toBe(true);
    const again = new Client(tree);
    await again.make(folder, server.url);
    expectAll(again);
    expect(madeByAll()).toHaveLength(tree.length);
  });

  test('two who ask for the same at once share what is made', async () => {
    server = await QueueServer.start(folder);
    await Promise.all([start(), start()]);
    const tree = broom(2, 6, 2);
    const clients = [new Client(tree), new Client(tree)];
    await Promise.all(clients.map((client) => client.make(folder, server.url)));
    for (const client of clients) expectAll(client);
    expect(madeByAll().sort()).toEqual(tree.map(({ key }) => key).sort());
  });

  test('a worker that is killed loses the chunk in hand, and another makes the rest', async () => {
    server = await QueueServer.start(folder);
    const first = await start({ chunkMs: 50, leaseMs: 1000 });
    const tree = treeOf(Array.from({ length: 12 }, (_, i) => i - 1));
    const client = new Client(tree);
    const all = client.make(folder, server.url, { chunksAtMost: 16 });
    await first.until('chunk', 4);
    await first.kill();
    await start({ leaseMs: 1000 });
    await all;
    expectAll(client);
    // Nothing twice but at most the chunk in hand, which nobody heard of.
    expect(madeByAll()).toHaveLength(new Set(madeByAll()).size);
    expect(madeByAll().length).toBeGreaterThanOrEqual(tree.length - 1);
  });

  test('a worker that is asked to leave finishes its chunk and gives the rest back at once', async () => {
    server = await QueueServer.start(folder);
    // A lease of ten minutes: only what is given back can be made before the test ends.
    const first = await start({ chunkMs: 50, leaseMs: 600_000 });
    const tree = treeOf(Array.from({ length: 12 }, (_, i) => i - 1));
    const client = new Client(tree);
    const all = client.make(folder, server.url, { chunksAtMost: 16 });
    await first.until('chunk', 3);
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    expect(first.events.at(-1)).toMatchObject({ kind: 'ended', how: 'given back' });
    await start({ leaseMs: 600_000 });
    await all;
    expectAll(client);
    expect(madeByAll().sort()).toEqual(tree.map(({ key }) => key).sort());
  });

  test.each([
    ['keeps its work', true],
    ['forgets its work', false],
  ])('a server that is restarted in the middle and %s', async (_, persistent) => {
    server = await QueueServer.start(folder, { persistent });
    await Promise.all([start({ chunkMs: 30, leaseMs: 2000 }), start({ chunkMs: 30, leaseMs: 2000 })]);
    const tree = broom(2, 6, 4);
    const client = new Client(tree);
    const all = client.make(folder, server.url);
    await workers[0]?.until('chunk', 3);
    await server.kill();
    await server.start();
    await all;
    expectAll(client);
  });

  test('a queue that goes away for good is told in a sentence, and what was made is kept', async () => {
    server = await QueueServer.start(folder);
    const worker = await start({ chunkMs: 50 });
    const client = new Client(treeOf(Array.from({ length: 20 }, (_, i) => i - 1)));
    const all = client.make(folder, server.url, { patienceMs: 3000 });
    const failure = expect(all).rejects.toMatchObject({
      code: 'farm',
      message: expect.stringMatching(
        /^The farm's queue at redis:\/\/127\.0\.0\.1:\d+ has not answered for 3 seconds\.$/,
      ),
      hint: expect.stringContaining('without --farm it goes on here'),
    });
    await worker.until('chunk', 5);
    await server.kill();
    await failure;
    expect(client.notes.some((note) => /does not answer\. What was finished is kept/.test(note))).toBe(true);
    expect(client.chunks.size).toBeGreaterThan(0);
    const none = new Client(client.tree);
    await expect(none.make(folder, server.url)).rejects.toThrow(
      /^The queue at .* cannot be reached: nothing listens there \(ECONNREFUSED\)\.$/,
    );
  });

  test('hostile jobs are refused with a sentence, and the worker goes on', async () => {
    server = await QueueServer.start(folder);
    const worker = await start();
    const tree = treeOf([-1, 0]);
    const [run] = planRuns(tree, () => false, { identity, chunksAtMost: 2 }) as unknown as [Run];
    const data = jobOf(run, identity);
    const chunk = data.chunks[0] as (typeof data.chunks)[number];
    const withRecipe = (change: object) => ({
      ...data,
      chunks: [{ ...chunk, recipe: { ...chunk.recipe, ...change } }],
    });
    const hostile: [string, unknown, RegExp][] = [
      ['text', 'rm -rf /', /content: /],
      ['version', { ...data, version: 2 }, /of version 2, and this worker knows 1/],
      ['more', { ...data, module: 'http://elsewhere/model.js' }, /Unrecognized key/],
      [
        'model',
        { ...data, model: { ...data.model, digest: '0'.repeat(64) } },
        /for the model 000000000000, and this worker has f{12}/,
      ],
      ['device', { ...data, deviceClass: 'webgpu-x64' }, /it is for webgpu-x64, and this worker computes on cpu-x64/],
      ['prompt', withRecipe({ prompt: 'x'.repeat(1e6) }), /beyond the limits/],
      ['steps', withRecipe({ sampler: { kind: 'euler', steps: Array(5000).fill(1) } }), /beyond the limits/],
      ['key', withRecipe({ seed: 99 }), /the key of chunk 0 is not that of its recipe/],
      ['depth', withRecipe({ memory: JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) }), /refused/],
      ['length', { ...data, chunks: Array(100).fill(chunk) }, /chunks: /],
      ['name', data, /its name is not that of its content/],
      ['parent', { ...data, parentKey: 'a'.repeat(64) }, /begins with chunk 0, and only there/],
    ];
    const [host, port] = new URL(server.url).host.split(':');
    const queue = new Queue(queueNameOf(identity), { connection: { host, port: Number(port) }, prefix: 'test' });
    try {
      for (const [name, job] of hostile) await queue.add('run', job, { jobId: `hostile-${name}` });
      await worker.until('note', hostile.length);
      const notes = worker.events.flatMap(({ kind, text }) => (kind === 'note' && text ? [text] : []));
      for (const [i, [, , why]] of hostile.entries()) expect(notes[i]).toMatch(why);
      // One that names ancestors nobody has.
      const strange = treeOf([-1, 0])[1] as (typeof tree)[number];
      const orphan = { parentKey: strange.parentKey, chunks: [strange] };
      await queue.add('run', jobOf({ id: '', ...orphan }, identity), { jobId: runId(orphan, identity) });
      await worker.until('ended');
      expect(worker.made).toEqual([]);
    } finally {
      await queue.close();
    }
    const client = new Client(tree);
    await client.make(folder, server.url);
    expectAll(client);
  });

  test('hostile artifacts are refused, made again, and replaced', async () => {
    server = await QueueServer.start(folder);
    await start();
    const tree = treeOf([-1, 0, 1, 2]);
    await new Client(tree).make(folder, server.url);
    const files = readdirSync(join(folder, 'store'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files).toHaveLength(tree.length);
    const places = files.map(({ parentPath, name }) => join(parentPath, name));
    for (const place of places.slice(0, 2)) writeFileSync(place, 'not a chunk at all');
    // Another worker, which has nothing of its own.
    await workers[0]?.kill();
    const second = await start();
    const client = new Client(tree);
    await client.make(folder, server.url);
    expectAll(client);
    expect(second.made).toHaveLength(2);
    expect(client.notes.some((text) => text.includes('it is no chunk of Throughline'))).toBe(true);
  });

  test('what came before a run and was damaged in the store, or is gone from it, is brought there again', async () => {
    server = await QueueServer.start(folder);
    await start();
    const client = new Client(treeOf([-1, 0, 1, 2]));
    await client.make(folder, server.url);
    const placeOf = (i: number): string => {
      const { key = '' } = client.tree[i] ?? {};
      return join(folder, 'store/chunks/cpu-x64', key.slice(0, 2), `${key}.chunk`);
    };
    rmSync(placeOf(0));
    writeFileSync(placeOf(1), '');
    // Another worker, which has nothing of its own.
    await workers[0]?.kill();
    const second = await start();
    const longer = new Client(treeOf([-1, 0, 1, 2, 3]));
    for (const [key, chunk] of client.chunks) longer.chunks.set(key, chunk);
    await longer.make(folder, server.url);
    expectAll(longer);
    expect(second.made).toEqual([longer.tree[4]?.key]);
  });

  test('a worker with another model takes none of it, and that none is there is said', async () => {
    server = await QueueServer.start(folder);
    const other = await start({ digest: '0'.repeat(64) });
    const client = new Client(treeOf([-1, 0]));
    const stop = new AbortController();
    const all = client.make(folder, server.url, { signal: stop.signal });
    const cancelled = expect(all).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitUntil(() => client.notes.length > 0, { timeout: 60_000 });
    expect(client.notes[0]).toBe(
      'No worker of this farm has this model on cpu-x64 yet; the work waits until one is started.',
    );
    stop.abort();
    await cancelled;
    await start();
    await client.make(folder, server.url);
    expectAll(client);
    expect(other.events.filter(({ kind }) => kind !== 'ready')).toEqual([]);
  });
});
