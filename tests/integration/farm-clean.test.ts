import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  Artifacts,
  cleanStore,
  openArtifactStore,
  StoredPictures,
  sweepLeftovers,
  WorkerPictures,
} from '../../src/main/farm/index.ts';
import { artifactOf, plannedChunks } from '../fakes/chunk-artifacts.ts';
import { fakeInfo } from '../fakes/fake-engine.ts';
import { FakeS3 } from '../fakes/fake-s3.ts';
import { freePort } from './farm-fixtures.ts';

vi.setConfig({ testTimeout: 60_000 });

const identity = { model: fakeInfo, deviceClass: 'cpu-x64' };
const chunks = plannedChunks(3);
const dayMs = 24 * 3_600_000;
const placeOf = (key: string): string => `chunks/cpu-x64/${key.slice(0, 2)}/${key}.chunk`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-clean-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
function age(name: string, days: number): void {
  const then = new Date(Date.now() - days * dayMs);
  utimesSync(at(name), then, then);
}
function leave(name: string, days: number): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), 'half');
  age(name, days);
}
async function fill(place: string) {
  const store = await openArtifactStore(place);
  const artifacts = new Artifacts(store, identity);
  for (const chunk of chunks) await artifacts.write(artifactOf(chunk));
  return { store, artifacts, names: chunks.map(({ key }) => placeOf(key)) as [string, string, string] };
}

test('in a folder: what nobody asked for goes, what was asked for stays, and nothing strange is touched', async () => {
  const { store, artifacts, names } = await fill(folder);
  const [asked, old, young] = names;
  age(old, 40);
  age(asked, 40);
  age(young, 29);
  const leftover = `${dirname(old)}/.throughline-0a1b2c-77-0123abcd.part`;
  const recent = `${dirname(young)}/.throughline-0a1b2c-78-0123abcd.part`;
  const strange = [
    'chunks/notes.txt',
    `${dirname(old)}/${'0'.repeat(64)}.chunk.bak`,
    `chunks/cpu-x64/zz/${'0'.repeat(64)}.chunk`,
  ];
  leave(leftover, 2);
  leave(recent, 0);
  for (const name of [...strange, 'elsewhere/of-somebody.chunk']) leave(name, 400);
  // A link with a name of ours.
  const link = placeOf('f'.repeat(64));
  mkdirSync(dirname(at(link)), { recursive: true });
  symlinkSync(at(strange[0] as string), at(link));
  // Whoever reads it asks for it.
  await artifacts.read(chunks[0]?.key ?? '');

  const all = () => readdirSync(folder, { recursive: true }).length;
  const before = all();
  const dry = await cleanStore(store, { olderThanMs: 30 * dayMs, dryRun: true });
  expect(dry).toMatchObject({ chunks: { count: 1 }, leftovers: { count: 1, bytes: 4 }, strangers: strange.length });
  expect(dry.chunks.bytes).toBeGreaterThan(100);
  expect(all()).toBe(before);
  expect(await cleanStore(store, { olderThanMs: 30 * dayMs })).toEqual(dry);
  expect([old, asked, young, leftover, recent, link, ...strange].map((name) => existsSync(at(name)))).toEqual([
    false,
    true,
    true,
    false,
    true,
    true,
    ...strange.map(() => true),
  ]);
  expect(existsSync(at('elsewhere/of-somebody.chunk'))).toBe(true);
  expect(all()).toBe(before - 2);
});

test('pictures: what nobody looks at goes, and what a worker or somebody who wants a film asks for stays', async () => {
  const store = await openArtifactStore(folder);
  const pictures = new StoredPictures(store);
  const assets = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(64)) as [string, string, string, string];
  const wanted = (asset: string) => ({ asset, width: 8, height: 8 });
  const pictureAt = (asset: string): string => `pictures/8x8/${asset.slice(0, 2)}/${asset}.picture`;
  const pixels = new Uint8Array(8 * 8 * 3);
  for (const asset of assets) {
    await pictures.write(wanted(asset), pixels);
    age(pictureAt(asset), 40);
  }
  const [looked, shared, asked, old] = assets;
  const refused = (): never => expect.fail('refused');
  const mia = { what: 'picture', words: 'picture "Mia"', width: 8, height: 8 } as const;
  await new WorkerPictures(pictures).bring(new Map([[looked, mia]]), refused);
  await pictures.write(wanted(shared), pixels); // looks whether it is there
  await pictures.has(wanted(asked));
  const leftover = `pictures/8x8/${'a'.repeat(2)}/.throughline-0a1b2c-77-0123abcd.part`;
  leave(leftover, 2);
  leave('pictures/8x8/holiday.png', 400);
  const cleaned = await cleanStore(store, { olderThanMs: 30 * dayMs });
  expect(cleaned).toMatchObject({
    chunks: { count: 0 },
    pictures: { count: 1 },
    leftovers: { count: 1 },
    strangers: 1,
  });
  expect(cleaned.kept.count).toBe(3);
  expect(assets.map((asset) => existsSync(at(pictureAt(asset))))).toEqual([true, true, true, false]);
  expect(existsSync(at(pictureAt(old)))).toBe(false);
});

test('a picture that a worker has at hand and the store lost is brought there again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const store = await openArtifactStore(folder);
    const pictures = new StoredPictures(store);
    const [asset, size] = ['a'.repeat(64), { width: 8, height: 8 }];
    await pictures.write({ asset, ...size }, new Uint8Array(8 * 8 * 3).fill(7));
    const kept = new WorkerPictures(pictures);
    const mia = { what: 'picture', words: 'picture "Mia"', ...size } as const;
    const bring = () => kept.bring(new Map([[asset, mia]]), () => expect.fail('refused'));
    await bring();
    const place = at(`pictures/8x8/aa/${asset}.picture`);
    rmSync(place);
    vi.advanceTimersByTime(2 * 3_600_000);
    await bring();
    expect(existsSync(place)).toBe(true);
    expect(await kept.pictureOf(asset, 8, 8)).toEqual(new Uint8Array(8 * 8 * 3).fill(7));
    expect(await kept.pictureOf(asset, 16, 8)).toBe(null);
  } finally {
    vi.useRealTimers();
  }
});

test('in a folder: what is asked for between the look and the deed stays', async () => {
  const { store, artifacts, names } = await fill(folder);
  age(names[0], 40);
  for await (const file of store.list('everything')) {
    if (file.name !== names[0]) continue;
    await artifacts.has(chunks[0]?.key ?? '');
    expect(await store.remove(file)).toBe(false);
  }
  expect(existsSync(at(names[0]))).toBe(true);
});

test('a worker that starts sweeps what killed ones left, by the folder’s clock, and no chunk', async () => {
  const { store, names } = await fill(folder);
  for (const name of names) age(name, 400);
  const leftovers = [2, 0].map(
    (days) => [`${dirname(names[0])}/.throughline-0a1b2c-7${days}-0123abcd.part`, days] as const,
  );
  for (const [name, days] of leftovers) leave(name, days);
  // This machine's clock is a year behind: what is new there is new all the same.
  vi.setSystemTime(Date.now() - 365 * dayMs);
  try {
    expect(await sweepLeftovers(store)).toBe(1);
  } finally {
    vi.useRealTimers();
  }
  expect(leftovers.map(([name]) => existsSync(at(name)))).toEqual([false, true]);
  expect(names.every((name) => existsSync(at(name)))).toBe(true);
});

test('in a bucket of a real server: the same', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'S3RVER');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'S3RVER');
  const where = { address: '127.0.0.1', port: await freePort(), directory: at('objects') };
  const real = new S3rver({ ...where, silent: true, configureBuckets: [{ name: 'films' }] });
  const { port } = await real.run();
  try {
    const place = `s3://films/a team?endpoint=http://127.0.0.1:${port}`;
    const { store: filled, names } = await fill(place);
    const seen = { asset: 'a'.repeat(64), width: 8, height: 8 };
    const unseen = { ...seen, asset: 'b'.repeat(64) };
    for (const one of [seen, unseen]) await new StoredPictures(filled).write(one, new Uint8Array(8 * 8 * 3));
    const files = readdirSync(at('objects'), { recursive: true }) as string[];
    const ageObject = (name: string, days: number): void => {
      const own = files.filter((file) => decodeURIComponent(file).includes(name.slice(-40)));
      expect(own.length).toBeGreaterThan(0);
      for (const file of own) age(join('objects', file), days);
    };
    ageObject(names[0], 40);
    ageObject(names[1], 40);
    for (const { asset } of [seen, unseen]) ageObject(`${asset}.picture`, 40);
    // Another program, which has looked at nothing yet, asks for one.
    const store = await openArtifactStore(place);
    const artifacts = new Artifacts(store, identity);
    expect(await artifacts.read(chunks[0]?.key ?? '')).toEqual(artifactOf(chunks[0] as (typeof chunks)[number]));
    expect(await new StoredPictures(store).find(seen, () => {})).not.toBe(null);
    const dry = await cleanStore(store, { olderThanMs: 30 * dayMs, dryRun: true });
    expect(dry).toMatchObject({
      chunks: { count: 1 },
      pictures: { count: 1 },
      kept: { count: 3 },
      leftovers: { count: 0 },
      strangers: 0,
    });
    expect(await cleanStore(store, { olderThanMs: 30 * dayMs })).toEqual(dry);
    const there = await Promise.all(chunks.map(({ key }) => artifacts.has(key)));
    expect(there).toEqual([true, false, true]);
  } finally {
    const closed = real.close();
    real.httpServer.closeAllConnections();
    await closed;
  }
});

test('in a bucket: what was begun in parts long ago under a name of ours is given up', async () => {
  const fake = await FakeS3.start('films');
  try {
    vi.stubEnv('AWS_ACCESS_KEY_ID', fake.user);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const store = await openArtifactStore(`s3://films/team?endpoint=${fake.endpoint}`);
    const begin = (id: string, name: string, days: number) =>
      fake.uploads.set(id, { key: `team/${name}`, initiated: new Date(Date.now() - days * dayMs) });
    const name = placeOf(chunks[0]?.key ?? '');
    begin('old', name, 3);
    begin('young', name, 0);
    begin('strange', 'chunks/holiday.mov', 300);
    expect(await sweepLeftovers(store)).toBe(1);
    expect([...fake.uploads.keys()]).toEqual(['young', 'strange']);
  } finally {
    await fake.stop();
  }
});

test('throughline farm clean says what it would take away, and a folder that is not there is not made', async () => {
  const { names } = await fill(at('store'));
  age(join('store', names[0]), 40);
  const run = (...args: string[]) => {
    const cli = join(import.meta.dirname, '../../src/main/cli.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'farm', 'clean', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: at('cache'), NO_COLOR: '1' },
    });
    return { status, stdout, stderr };
  };
  const dry = run('--store', 'store', '--older-than', '30d', '--dry-run');
  expect(dry.stdout).toBe(
    `Would take away 1 chunk (0.0 MB) and 0 leftovers (0.0 MB) of killed workers.\n2 files (0.0 MB) stay in ${at('store')}.\n`,
  );
  expect(existsSync(at(join('store', names[0])))).toBe(true);
  expect(run('--store', 'store', '--older-than', '30d').stdout).toMatch(/^Took away 1 chunk /);
  expect(existsSync(at(join('store', names[0])))).toBe(false);
  const none = run('--store', 'stoer', '--older-than', '30d');
  expect([none.status, existsSync(at('stoer'))]).toEqual([1, false]);
  expect(none.stderr).toContain('cannot be used (ENOENT)');
  expect(run('--store', 'store', '--older-than', '0d').stderr).toContain('It takes days, 1d to 3650d.');
});
