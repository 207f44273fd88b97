import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** A studio whose engines can be kept loading, and kept in a phase of a chunk. */
function open() {
  const engines: FakeStudioEngine[] = [];
  const gates = { load: Promise.resolve(), phase: Promise.resolve() };
  const window = new TestWindow({
    ...studioOptions(testFolder()),
    startEngine: async (options) => {
      await gates.load;
      const engine = new FakeStudioEngine(options);
      engine.whileIn = () => gates.phase;
      engines.push(engine);
      return engine;
    },
  });
  const hold = (what: keyof typeof gates): (() => void) => {
    const gate = Promise.withResolvers<void>();
    gates[what] = gate.promise;
    return gate.resolve;
  };
  return { window, api: window.api, engines, hold };
}

test('two quick changes of settings: the queue goes on; a pause between them holds', async () => {
  const { window, api, hold } = open();
  await api.projects.create({});
  const shot = await window.add(null, 'a cat', 4);
  await api.queue.estimate({ shotIds: [shot] });
  const go = hold('phase');
  const { jobId } = await api.queue.generate({ shotIds: [shot] });
  await window.until(() => window.job(jobId)?.now !== null);
  const changes = Promise.all([api.settings.update({ kvStorage: 'int8' }), api.settings.update({ kvStorage: 'fp32' })]);
  go();
  await changes;
  await window.until(() => window.job(jobId)?.state === 'done');
  expect(window.queue.paused).toBe(false);

  const again = hold('phase');
  const { jobId: second } = await api.queue.generate({ shotIds: [await window.add(shot, 'a dog', 2)] });
  await window.until(() => window.job(second)?.now !== null);
  const change = api.settings.update({ kvStorage: 'fp16' });
  await api.queue.pause();
  again();
  await change;
  await window.until(() => window.job(second)?.state === 'waiting' && window.queue.paused);
  await delay(20);
  expect(window.queue).toMatchObject({ paused: true, jobs: [{ state: 'done' }, { state: 'waiting' }] });
  await api.queue.resume();
  await window.until(() => window.job(second)?.state === 'done');
});

test('a new take waits for a model that is loaded anew; retried right after a cancel, it is made', async () => {
  const { window, api, engines, hold } = open();
  await api.projects.create({});
  const shot = await window.add(null, 'a cat', 2);
  const { jobId } = await api.queue.generate({ shotIds: [shot] });
  await window.until(() => window.job(jobId)?.state === 'done');
  // Another take, whose engine is still loading.
  const load = hold('load');
  engines[0]?.die();
  const { jobId: second } = await Promise.race([
    api.queue.newTake({ shotId: shot }),
    delay(10).then(() => ({ jobId: null })),
  ]);
  expect(second).toBeNull(); // it waits for the model too
  load();
  await window.until(() => window.queue.jobs.length === 2 && window.queue.jobs[1]?.state === 'done');

  const go = hold('phase');
  const { jobId: third } = await api.queue.newTake({ shotId: shot });
  await window.until(() => window.job(third)?.now !== null);
  await api.queue.cancel({ jobId: third ?? '' });
  await api.queue.retry({ jobId: third ?? '' });
  go();
  await window.until(() => window.job(third)?.state === 'done');
  expect(window.takes).toHaveLength(3);
});

test('an estimate and the use of the cache are told while the engine is stopped or still loading', async () => {
  const { window, api, engines, hold } = open();
  await api.projects.create({});
  const shot = await window.add(null, 'a cat', 2);
  await window.generate(shot);
  const [engine] = engines;
  if (engine) engine.usage = () => new Promise(() => {}); // as one that was sent SIGSTOP
  const more = await window.add(shot, 'a dog', 3);
  expect(await api.queue.estimate({ shotIds: [more] })).toMatchObject({ chunks: 3, memoryBytes: null });
  expect(await api.storage.cache()).toMatchObject({ states: 0 });
  hold('load');
  await api.settings.update({ threads: 1 });
  expect(await api.queue.estimate({ shotIds: [more] })).toMatchObject({ chunks: 3 });
});

test('a model that never loads keeps nobody from closing', async () => {
  const { window, api, hold } = open();
  hold('load');
  const { file } = await api.projects.create({});
  const shot = await window.add(null, 'a cat', 1);
  void api.queue.generate({ shotIds: [shot] }).catch(() => {});
  await delay(5);
  await window.close();
  expect(existsSync(file)).toBe(true);
});

test('a prompt that is edited while the last chunk is made, then undone: the take is listed', async () => {
  const { window, api, hold } = open();
  await api.projects.create({});
  const shot = await window.add(null, 'a cat', 2);
  const go = hold('phase');
  const { jobId } = await api.queue.generate({ shotIds: [shot] });
  await window.until(() => window.job(jobId)?.now !== null);
  go();
  await window.until(() => window.chunks.size === 1);
  const last = hold('phase');
  await window.until(() => window.job(jobId)?.now?.indexInShot === 1);
  const edit = (prompt: string) =>
    api.document.apply({ commands: [{ type: 'edit-shot', id: shot, patch: { prompt } }], gesture: null });
  await edit('a dog');
  await api.queue.pause();
  last();
  await window.until(() => window.chunks.size === 2);
  await api.document.undo();
  await window.until(() => window.takes.length === 1);
  expect(window.takes[0]).toMatchObject({ shotId: shot, prompt: 'a cat', keys: [...window.chunks.keys()] });
});

test('a shot that is cut short to what is there has a take once it is asked for', async () => {
  const { window, api } = open();
  await api.projects.create({});
  const shot = await window.add(null, 'a cat', 3);
  await window.generate(shot);
  await api.document.apply({ commands: [{ type: 'edit-shot', id: shot, patch: { chunks: 2 } }], gesture: null });
  expect((await api.queue.generate({ shotIds: [shot] })).jobId).toBeNull();
  await window.until(() => window.takes.length === 2);
  expect(window.takes[1]?.keys).toEqual(window.takes[0]?.keys.slice(0, 2));
});
