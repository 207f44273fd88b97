import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseQueueAddress } from '../../src/main/farm/index.ts';
import { connectToQueue } from '../../src/main/farm/queue/connection.ts';
import type { FarmState, Settings } from '../../src/shared/api/types.ts';
import { packHead } from '../../src/shared/footage-pack.ts';
import type { ModelInfo } from '../../src/shared/render.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { noServer, QueueServer, WorkerProcess } from './farm-fixtures.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

// Processes are started, and the machine may be busy.
vi.setConfig({ testTimeout: 200_000 });

/** A server, workers with the fake engine, and an editor with the same. */
async function open({ workers = 0, farmPatienceMs = 60_000, info = {} as Partial<ModelInfo> } = {}) {
  const folder = testFolder();
  const server = await QueueServer.start(folder);
  onTestFinished(() => server.kill());
  const hold = join(folder, 'hold');
  const processes = Array.from(
    { length: workers },
    (_, i) => new WorkerProcess(folder, `${i}`, { queue: server.url, chunkMs: 5, hold }),
  );
  for (const worker of processes) onTestFinished(() => worker.kill());
  await Promise.all(processes.map((worker) => worker.until('ready')));
  const engines: FakeStudioEngine[] = [];
  const window = new TestWindow({
    ...studioOptions(join(folder, 'editor')),
    farmPatienceMs,
    startEngine: async (options) => {
      const engine = new FakeStudioEngine({ ...options, device: 'cpu' }, info);
      engines.push(engine);
      return engine;
    },
  });
  const { api, studio } = window;
  await api.projects.create({});
  const root = await window.add(null, 'a cat', 2, { id: 'root-shot' });
  const branches = [
    await window.add(root, 'a dog', 4, { id: 'branch-0' }),
    await window.add(root, 'a bear', 4, { id: 'branch-1' }),
  ];
  const farm = { queue: server.url, store: join(folder, 'store'), deviceClass: 'cpu-x64' };
  const isOpen = (count: number): boolean => {
    const state: FarmState = studio.farm.state;
    return state.state === 'open' && state.workers.filter(({ suits }) => suits).length === count;
  };
  const madeByAll = (): string[] => processes.flatMap(({ made }) => made);
  const openFarm = async (): Promise<void> => {
    await api.settings.update({ renderOn: 'farm', farm });
    await window.until(() => isOpen(workers));
  };
  /** Workers keep chunks in hand, from this place in a story on, until they are let go: nothing depends on who is fast. */
  const holdFrom = (chunkIndex: number): void => writeFileSync(hold, `${chunkIndex}`);
  const letGo = (): void => rmSync(hold);
  /** Asks for the branches, on the farm; workers come as far as the first chunk of each and no further. */
  const begin = async () => {
    await openFarm();
    holdFrom(2);
    const { jobId } = await api.queue.generate({ shotIds: branches });
    return jobId;
  };
  return {
    ...{ folder, server, window, api, studio, farm, root, branches, engines, processes, madeByAll },
    ...{ openFarm, holdFrom, letGo, begin },
  };
}

describe.skipIf(noServer !== null)(`the editor on a farm${noServer ? ` (${noServer})` : ''}`, () => {
  test('chunks are seen side by side; a pause ends the round, and what workers had in hand is found afterwards', async () => {
    const { window, api, madeByAll, begin, letGo, engines } = await open({ workers: 2 });
    const jobId = await begin();
    await window.until(() => (window.job(jobId)?.besides?.length ?? 0) > 0);
    const { now, besides = [] } = window.job(jobId) ?? {};
    expect([now, ...besides].map((one) => one?.shotId).sort()).toEqual(['branch-0', 'branch-1']);
    await api.queue.pause();
    await window.until(() => window.job(jobId)?.state === 'paused');
    expect(window.job(jobId)?.now).toBeNull();
    letGo();
    await api.queue.resume();
    await window.until(() => window.job(jobId)?.state === 'done');
    expect(window.job(jobId)).toMatchObject({ chunksDone: 10, chunksTotal: 10 });
    expect(madeByAll()).toHaveLength(10);
    expect(new Set(madeByAll())).toEqual(new Set(window.chunks.keys()));
    expect(engines.flatMap(({ made }) => made)).toEqual([]);
  });

  test('an edit ends the round: what it changes is made as it is now, the rest goes on', async () => {
    const { window, api, studio, begin, letGo } = await open({ workers: 2 });
    const jobId = await begin();
    await window.until(() => (window.job(jobId)?.besides?.length ?? 0) > 0);
    await api.document.apply({
      commands: [{ type: 'pick-take', id: 'branch-1', prompt: 'a fox', seed: 9 }],
      gesture: null,
    });
    letGo();
    await window.until(() => window.job(jobId)?.state === 'done');
    const { project } = studio.workspace;
    const model = await studio.model();
    await project.prepare(model);
    const plan = project.plan(model);
    for (const id of ['root-shot', 'branch-0', 'branch-1'])
      for (const { key } of plan.chunksOf(id)) expect(window.chunks.has(key), id).toBe(true);
  });

  test('memories that are compared are made side by side: no film waits for another', async () => {
    const { window, api, studio, root, branches, ...test } = await open({ workers: 2 });
    await test.openFarm();
    test.holdFrom(0);
    const policies = ['window', 'nam'] as const;
    const shotIds = [root, branches[0] as string];
    const jobs: (string | null)[] = [];
    for (const policy of policies) jobs.push((await api.queue.generate({ shotIds, policy })).jobId);
    const inHand = (): string[] => {
      const { state: farm } = studio.farm;
      return farm.state === 'open' ? farm.workers.flatMap(({ making }) => (making ? [making.chunkKey] : [])) : [];
    };
    await window.until(() => inHand().length === 2);
    const model = await studio.model();
    const { project } = studio.workspace;
    const films = policies.map((policy) => {
      const plan = project.plan(model, policy);
      return shotIds.flatMap((id) => plan.chunksOf(id).map(({ key }) => key));
    });
    expect(inHand().sort()).toEqual(films.map(([first]) => first).sort());
    // Only the first job's is shown as its own.
    const now = jobs.map((id) => window.job(id)?.now?.chunkKey);
    expect(now).toEqual([films[0]?.[0], undefined]);
    test.letGo();
    await window.until(() => jobs.every((id) => window.job(id)?.state === 'done'));
    for (const id of jobs) expect(window.job(id)).toMatchObject({ chunksDone: 6, chunksTotal: 6 });
    expect(test.madeByAll().sort()).toEqual(films.flat().sort());
    expect(test.engines.flatMap(({ made }) => made)).toEqual([]);
    // What other machines took is no time of this one's, wherever chunks are made from now on.
    await api.settings.update({ renderOn: 'here' });
    const measured = await api.lab.measure({ leaf: branches[0] as string, policies: [...policies] });
    expect(measured.films.map(({ keys, secondsPerChunk }) => [keys, secondsPerChunk])).toEqual(
      films.map((keys) => [keys, null]),
    );
  });

  test('pictures that a project remembers, and the one that it begins with, are what the workers look at', async () => {
    // The workers' engine says nothing of an encoder: what is remembered says the editor's.
    const { window, api, studio, root, branches, processes, openFarm } = await open({
      workers: 2,
      info: { encoder: 'e'.repeat(64) },
    });
    await openFarm();
    const colours = { mia: [200, 40, 20], begin: [10, 90, 240] } as const;
    const assetOf = async (name: keyof typeof colours): Promise<string> => {
      const canvas = createCanvas(40, 20);
      const context = canvas.getContext('2d');
      context.fillStyle = `rgb(${colours[name].join(', ')})`;
      context.fillRect(0, 0, 40, 20);
      const bytes = new Blob([new Uint8Array(await canvas.encode('png'))]).stream();
      return (await studio.receiveFile(window.project?.id ?? '', 'picture', { name: `${name}.png`, bytes })).id;
    };
    const [mia, begin] = [await assetOf('mia'), await assetOf('begin')];
    await api.document.apply({
      commands: [
        { type: 'put-picture', shotId: 'branch-0', picture: { asset: mia, name: 'Mia' } },
        { type: 'set-first-frame', shotId: root, asset: begin },
      ],
      gesture: null,
    });
    expect(await window.generate(...branches)).toMatchObject({ state: 'done', chunksDone: 10 });
    const looked = processes.flatMap(({ events }) => events.filter(({ kind }) => kind === 'looked'));
    const hex = (name: keyof typeof colours): string =>
      Buffer.from(colours[name])
        .toString('hex')
        .repeat(16 * 16);
    expect(new Set(looked.map(({ asset, pixels }) => `${asset} ${pixels}`))).toEqual(
      new Set([`${mia} ${hex('mia')}`, `${begin} ${hex('begin')}`]),
    );
    // Mia in each chunk of one branch, and in none of the other.
    expect(looked.filter(({ asset }) => asset === mia)).toHaveLength(4);
  });

  test('what follows footage is made on a farm once this machine has made the chunks that show it', async () => {
    const { window, api, studio, engines, openFarm, root, branches } = await open({
      workers: 1,
      info: { encoder: 'e'.repeat(64) },
    });
    const png = await createCanvas(16, 16).encode('png');
    const list = Array.from({ length: 21 }, (_, i) => ({ name: `${i}.png`, bytes: png.length }));
    const bytes = new Blob([packHead(list), ...list.map(() => new Uint8Array(png))]).stream();
    const clip = await studio.receiveFile(window.project?.id ?? '', 'footage', { name: 'walk', bytes });
    const chunks = clip.footage?.chunks ?? [];
    const footage = { asset: clip.id, name: 'walk', chunks, given: 2, begins: true as const };
    await api.document.apply({ commands: [{ type: 'set-footage', shotId: root, footage }], gesture: null });
    expect(await window.generate(root)).toMatchObject({ state: 'done', chunksDone: 2 });
    await openFarm();
    expect(await window.generate(...branches)).toMatchObject({ state: 'done', chunksDone: 8 });
    const here = engines.flatMap(({ made }) => made);
    expect(here.map(({ recipe }) => recipe.footage?.asset)).toEqual(chunks);
  });

  test('a farm that is gone is said, and going on here is one call', async () => {
    const { window, api, studio, server, begin, engines } = await open({ workers: 1, farmPatienceMs: 4000 });
    const jobId = await begin();
    await window.until(() => window.job(jobId)?.chunksDone === 2 && window.job(jobId)?.now != null);
    await server.kill();
    await window.until(() => studio.farm.state.state === 'failed');
    expect(studio.farm.state).toMatchObject({
      error: { code: 'farm', message: expect.stringMatching(/does not answer|cannot be reached/) },
    });
    await window.until(() => window.job(jobId)?.state === 'failed');
    expect(window.job(jobId)?.error).toMatchObject({
      code: 'farm',
      message: expect.stringContaining('has not answered for 4 seconds'),
      hint: 'What was finished is kept. Try again once it is back, or go on here.',
    });
    const kept = window.chunks.size;
    await api.farm.goOnHere();
    await window.until(() => window.job(jobId)?.state === 'done');
    expect(window.chunks.size).toBe(10);
    expect(engines.flatMap(({ made }) => made)).toHaveLength(10 - kept);
    expect(studio.settings.renderOn).toBe('here');
    expect(studio.farm.state).toEqual({ state: 'off' });
  });

  test('trying it says what is wrong and what to do', async () => {
    const { api, studio, window, farm, server } = await open();
    await studio.model();
    const none = await api.farm.tryIt(farm);
    expect(none.findings.map(({ ok, message }) => [ok, message])).toEqual([
      [true, expect.stringMatching(/^The queue at redis:\/\/127\.0\.0\.1:\d+ answers\.$/)],
      [true, expect.stringMatching(/store can be written to and read\.$/)],
      [false, 'No worker listens to this queue.'],
    ]);
    const file = window.project?.file ?? '';
    expect((await api.farm.tryIt({ ...farm, store: file })).findings).toEqual([
      { ok: false, message: `${file} is not a folder.`, hint: 'Choose a folder.' },
    ]);
    expect((await api.farm.tryIt({ ...farm, queue: 'http://127.0.0.1' })).findings[0]).toMatchObject({ ok: false });
    await server.kill();
    expect((await api.farm.tryIt(farm)).findings[0]).toMatchObject({
      ok: false,
      message: expect.stringContaining('cannot be reached'),
      hint: expect.stringContaining('Start the server'),
    });
    await expect(api.settings.update({ renderOn: 'farm' })).rejects.toMatchObject({
      data: { message: 'No farm is known yet.' },
    });
  });

  test('a password is in no file, no event and no word', async () => {
    const { folder, api, studio, window, farm, server } = await open();
    await studio.model();
    const said: unknown[] = [];
    for (const level of ['log', 'warn', 'error'] as const)
      vi.spyOn(console, level).mockImplementation((...words) => void said.push(words));
    onTestFinished(() => void vi.restoreAllMocks());
    const secret = 'open-sesame-7';
    const { redis } = await connectToQueue(parseQueueAddress(server.url));
    await redis.config('SET', 'requirepass', secret);
    redis.disconnect();

    expect((await api.farm.tryIt(farm)).findings[0]).toMatchObject({
      ok: false,
      message: expect.stringContaining('asks for a password'),
      hint: 'Give the right password under Settings, Render on.',
    });
    const wrong = await api.farm.tryIt({ ...farm, password: 'another' });
    expect(wrong.findings[0]).toMatchObject({ ok: false, message: expect.stringContaining('does not take this name') });
    expect((await api.farm.tryIt({ ...farm, password: secret })).findings[0]).toMatchObject({ ok: true });

    const queue = server.url.replace('redis://', `redis://:${secret}@`);
    const settings: Settings = await api.settings.update({ renderOn: 'farm', farm: { ...farm, queue } });
    expect(settings.farm?.queue).toBe(server.url);
    await window.until(() => studio.farm.state.state === 'open');
    // Forgotten, it is asked for; given, it is used.
    await api.farm.setPassword({ password: '' });
    await window.until(() => studio.farm.state.state === 'failed');
    expect(await api.farm.setPassword({ password: secret })).toEqual({ kept: 'session' });
    await window.until(() => studio.farm.state.state === 'open');
    await api.projects.close({});
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(folder, name)).isFile(),
    );
    expect(files.some((name) => name.endsWith('settings.json'))).toBe(true);
    for (const name of files) expect(readFileSync(join(folder, name)).includes(secret), name).toBe(false);
    expect(JSON.stringify([window.events, said])).not.toContain(secret);
  });
});
