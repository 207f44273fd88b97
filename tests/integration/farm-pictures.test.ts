import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jobOf } from '../../src/main/farm/queue/job-data.ts';
import { planRuns, runId } from '../../src/main/farm/runs.ts';
import { encodePicture } from '../../src/main/farm/store/picture-format.ts';
import type { RecipePicture } from '../../src/shared/pictures.ts';
import { fakeInfo } from '../fakes/fake-engine.ts';
import { Client, noServer, openQueue, QueueServer, treeOf, WorkerProcess } from './farm-fixtures.ts';

// Processes are started, and the machine may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const identity = { model: fakeInfo, deviceClass: 'cpu-x64' };
/** The fake model looks at 16 x 16 pixels. */
const [width, height] = [16, 16];
const encoder = 'e'.repeat(64);
const digestOf = (name: string): string => createHash('sha256').update(name).digest('hex');
const pixelsOf = (grey: number): Uint8Array => new Uint8Array(width * height * 3).fill(grey);
const hex = (grey: number): string => Buffer.from(pixelsOf(grey)).toString('hex');
const picture = (name: string): RecipePicture => ({ asset: digestOf(name), encoder, name, says: '', pinned: true });
const [mia, kitchen, begin] = ['Mia', 'The kitchen', 'begin'].map(digestOf) as [string, string, string];

/** Begins with a picture and remembers Mia; from the third chunk on the kitchen too. */
function story(length: number): Client {
  const client = new Client(
    treeOf(
      Array.from({ length }, (_, i) => i - 1),
      fakeInfo,
      (i) => ({
        pictures: i < 2 ? [picture('Mia')] : [picture('Mia'), picture('The kitchen')],
        ...(i === 0 ? { firstFrame: { asset: begin, encoder } } : {}),
      }),
    ),
  );
  for (const [asset, grey] of [
    [mia, 10],
    [kitchen, 20],
    [begin, 30],
  ] as const)
    client.pictures.set(asset, pixelsOf(grey));
  return client;
}

/** How many frames each chunk of a story shows. */
const framesOf = [9, 12, 12];
const clip = framesOf.map((_, i) => digestOf(`clip ${i}`)) as [string, string, string];
const stripOf = (chunk: number): Uint8Array => new Uint8Array(width * height * 3 * (framesOf[chunk] ?? 0)).fill(chunk);

/** Three chunks of footage, and others after them. */
function givenStory(length: number): Client {
  const client = new Client(
    treeOf(
      Array.from({ length }, (_, i) => i - 1),
      fakeInfo,
      (i) => (clip[i] ? { footage: { asset: clip[i], encoder } } : {}),
    ),
  );
  for (const [i, asset] of clip.entries()) client.pictures.set(asset, stripOf(i));
  return client;
}

let folder: string;
let server: QueueServer;
let workers: WorkerProcess[];
const placeOf = (asset: string, frames = 1): string =>
  join(folder, `store/pictures/${width}x${height * frames}`, asset.slice(0, 2), `${asset}.picture`);
const looked = (worker: WorkerProcess | undefined): Map<string, Set<string | null>> => {
  const seen = new Map<string, Set<string | null>>();
  for (const { kind, asset = '', pixels = null } of worker?.events ?? [])
    if (kind === 'looked') seen.set(asset, (seen.get(asset) ?? new Set()).add(pixels));
  return seen;
};
const notes = (worker: WorkerProcess): string[] =>
  worker.events.flatMap(({ kind, text }) => (kind === 'note' && text ? [text] : []));

async function start(): Promise<WorkerProcess> {
  const worker = new WorkerProcess(folder, `${workers.length}`, { queue: server.url, chunkMs: 5 });
  workers.push(worker);
  await worker.until('ready');
  return worker;
}

/** Waits until a run lies in the queue, so that whoever wants it has brought everything. */
async function untilGiven(): Promise<void> {
  const queue = openQueue(server.url);
  while ((await queue.getWaitingCount()) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await queue.close();
}

describe.skipIf(noServer !== null)(`pictures on a farm${noServer ? ` (${noServer})` : ''}`, () => {
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

  test('an engine looks at what whoever asked has, and each picture lies in the store once', async () => {
    const worker = await start();
    const client = story(4);
    await client.make(folder, server.url);
    expect(client.chunks.size).toBe(4);
    expect(looked(worker)).toEqual(
      new Map([
        [mia, new Set([hex(10)])],
        [begin, new Set([hex(30)])],
        [kitchen, new Set([hex(20)])],
      ]),
    );
    const files = readdirSync(join(folder, 'store/pictures'), { recursive: true, withFileTypes: true });
    const names = files.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(names.sort()).toEqual([mia, kitchen, begin].map((asset) => `${asset}.picture`).sort());
  });

  test.each<[string, RegExp, (place: string) => void]>([
    [
      'is damaged there',
      /refused \(.*, picture \w{12}\): it is cut short or was altered/,
      (place) => writeFileSync(place, encodePicture({ asset: mia, width, height }, pixelsOf(10)).subarray(0, -9)),
    ],
    [
      'is cut to another size',
      /refused \(.*\): it is cut to 32x8, and this model looks at 16x16/,
      (place) => writeFileSync(place, encodePicture({ asset: mia, width: 32, height: 8 }, pixelsOf(10))),
    ],
    ['is too large', /refused \(.*\): it has 1099511627776 bytes/, (place) => truncateSync(place, 2 ** 40)],
    ['is gone', /^$/, (place) => rmSync(place)],
  ])('a picture that %s is said by name, and brought there again', async (what, why, harm) => {
    const client = story(3);
    const made = client.make(folder, server.url, { chunksAtMost: 4 });
    await untilGiven();
    harm(placeOf(mia));
    const worker = await start();
    await made;
    expect(client.chunks.size).toBe(3);
    expect(looked(worker).get(mia)).toEqual(new Set([hex(10)]));
    // Who makes it says why a file is refused, and so does who brings it.
    if (what !== 'is gone') {
      expect(notes(worker)[0]).toMatch(why);
      expect(client.notes.some((text) => why.test(text))).toBe(true);
    }
  });

  test('footage is looked at from its first chunk on, and chunks after it need none', async () => {
    const worker = await start();
    const client = givenStory(5);
    await client.make(folder, server.url, { chunksAtMost: 2 });
    expect(client.chunks.size).toBe(5);
    // The second run begins with the third chunk, and what is before it is looked at as well.
    const shown = worker.events.flatMap(({ kind, asset = '', pixels }) => (kind === 'looked' ? [[asset, pixels]] : []));
    expect(shown).toEqual([0, 0, 1, 0, 1, 2].map((i) => [clip[i], Buffer.from(stripOf(i)).toString('hex')]));
    for (const [i, asset] of clip.entries()) rmSync(placeOf(asset, framesOf[i]));
    const longer = givenStory(8);
    for (const [key, chunk] of client.chunks) longer.chunks.set(key, chunk);
    longer.pictures.clear();
    await longer.make(folder, server.url);
    expect(longer.chunks.size).toBe(8);
  });

  test('footage that was damaged in the store is brought again, and what nobody has is said by its place', async () => {
    const client = givenStory(2);
    const made = client.make(folder, server.url, { chunksAtMost: 4 });
    await untilGiven();
    const strip = { asset: clip[1], width, height: height * 12 };
    writeFileSync(placeOf(clip[1], 12), encodePicture(strip, stripOf(1)).subarray(0, -9));
    const worker = await start();
    await made;
    expect(looked(worker).get(clip[1])).toEqual(new Set([Buffer.from(stripOf(1)).toString('hex')]));
    expect(notes(worker)[0]).toMatch(/refused \(.*, picture \w{12}\): it is cut short or was altered/);
    const blind = givenStory(3);
    blind.pictures.delete(clip[2]);
    await expect(blind.make(folder, server.url)).rejects.toMatchObject({
      code: 'state-missing',
      message: `The footage of chunk 2 (${clip[2].slice(0, 12)}) is not there.`,
      hint: 'Choose the footage again, or take it out of the story.',
    });
  });

  test('a picture that nobody has is said by name', async () => {
    await start();
    const client = story(1);
    client.pictures.delete(mia);
    await expect(client.make(folder, server.url)).rejects.toMatchObject({
      code: 'state-missing',
      message: `The picture "Mia" (${mia.slice(0, 12)}) is not there.`,
    });
    // And where the store loses one that whoever asked has no longer.
    const queue = openQueue(server.url);
    try {
      const { tree } = story(1);
      const [run] = planRuns(tree, () => false, { identity, chunksAtMost: 1 });
      if (!run) throw new Error('no run');
      const failed = new Promise<string>((resolve) => {
        const look = setInterval(async () => {
          const job = await queue.getJob(run.id);
          if (!job?.failedReason) return;
          clearInterval(look);
          resolve(job.failedReason);
        }, 20);
      });
      await queue.add('run', jobOf(run, identity), { jobId: run.id });
      expect(await failed).toMatch(
        /^The picture "Mia" \(\w{12}\), which this run looks at, is not in .*store\. Whoever wants/,
      );
    } finally {
      await queue.close();
    }
    expect(workers[0]?.made).toEqual([]);
  });

  test('hostile jobs are refused with a sentence, and no picture is fetched', async () => {
    const worker = await start();
    const many = (from: number, count: number): RecipePicture[] =>
      Array.from({ length: count }, (_, i) => picture(`picture ${from + i}`));
    const jobWith = (...recipes: object[]) => {
      const tree = treeOf(
        recipes.map((_, i) => i - 1),
        fakeInfo,
        (i) => recipes[i] as object,
      );
      const run = { parentKey: null, chunks: tree.map(({ key, recipe }) => ({ key, recipe })) };
      return { id: runId(run, identity), data: jobOf({ id: '', ...run }, identity) };
    };
    const hostile: [ReturnType<typeof jobWith>, RegExp][] = [
      [jobWith({ pictures: [{ ...picture('Mia'), asset: '../../etc/passwd' }] }), /pictures\[0\]\.asset: Invalid/],
      [jobWith({ firstFrame: { asset: 'x', encoder } }), /firstFrame\.asset: Invalid/],
      [jobWith({ pictures: [{ ...picture('Mia'), pixels: [1, 2] }] }), /pictures\[0\]: Unrecognized key/],
      [jobWith({ pictures: [{ ...picture('Mia'), says: 'x'.repeat(1e6) }] }), /pictures\[0\]\.says: Too big/],
      [jobWith({ pictures: many(0, 17) }), /recipe\.pictures: Too big/],
      [jobWith({ pictures: many(0, 16) }, { pictures: many(16, 16) }), /it names 32 pictures, and a story has 17/],
      [
        jobWith(...Array.from({ length: 33 }, (_, i) => ({ footage: { asset: digestOf(`${i}`), encoder } }))),
        /it shows 33 chunks of footage, and a farm takes 32 at most/,
      ],
      [jobWith({ footage: { asset: '../clip', encoder } }), /footage\.asset: Invalid/],
      [jobWith({}, { firstFrame: { asset: begin, encoder } }), /beyond the limits/],
    ];
    for (let i = 0; i < 32; i++) {
      const asset = digestOf(`picture ${i}`);
      mkdirSync(dirname(placeOf(asset)), { recursive: true });
      writeFileSync(placeOf(asset), encodePicture({ asset, width, height }, pixelsOf(i)));
    }
    const queue = openQueue(server.url);
    try {
      for (const [{ id, data }] of hostile) await queue.add('run', data, { jobId: id });
      await worker.until('note', hostile.length);
    } finally {
      await queue.close();
    }
    for (const [i, [, why]] of hostile.entries()) expect(notes(worker)[i]).toMatch(why);
    expect([worker.count('began'), worker.count('looked')]).toEqual([0, 0]);
    const client = story(2);
    await client.make(folder, server.url);
    expect(client.chunks.size).toBe(2);
  });
});
