import { expect, test } from 'vitest';
import { decodeFilm } from '../../src/main/export/index.ts';
import { mp4 } from '../fakes/edit-plans.ts';
import { CountedEngines, newShot, studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

test('a storyboard is a build graph: only what is missing is made', async () => {
  const engines = new CountedEngines();
  const folder = testFolder();
  const window = new TestWindow({ ...studioOptions(folder), startEngine: engines.start });
  const { api } = window;
  await api.projects.create({ title: 'Graph' });
  const opening = await window.add(null, 'a red cat in the meadow', 2);
  const middle = await window.add(opening, 'the cat waves', 3);
  const end = await window.add(middle, 'a blue robot in the city', 1);

  // It may be a while until the model is loaded, and then this is asked again, as the editor does.
  const estimate = () => api.queue.estimate({ shotIds: [end] }).catch((error: unknown) => error);
  await expect.poll(estimate, { timeout: 60_000 }).toMatchObject({ chunks: 6, seconds: null });
  // A comparison makes all of it once for each memory.
  expect((await api.queue.estimate({ shotIds: [end], policies: ['window', 'sink'] })).chunks).toBe(12);
  expect(await window.generate(end)).toMatchObject({ state: 'done', chunksDone: 6, chunksTotal: 6, error: null });
  expect(engines.take()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(window.takes.map(({ shotId, keys }) => [shotId, keys.length])).toEqual([
    [opening, 2],
    [middle, 3],
    [end, 1],
  ]);
  expect((await api.queue.estimate({ shotIds: [end] })).chunks).toBe(0);
  expect((await api.queue.generate({ shotIds: [end] })).jobId).toBeNull();

  // A branch after the second chunk of the middle: the four chunks before it are shared.
  const shot = { id: 'branch-shot', parent: null, name: '', prompt: 'the robot jumps', chunks: 2, seed: 3 };
  const rest = { seedLocked: false, transition: 'cut', memory: {}, held: null } as const;
  await api.document.apply({
    commands: [{ type: 'branch', id: middle, at: 2, restId: 'rest-of-middle', shot: { ...shot, ...rest } }],
    gesture: null,
  });
  expect(await window.generate('branch-shot')).toMatchObject({ state: 'done', chunksTotal: 2 });
  expect(engines.take()).toEqual([4, 5]);

  // An edit makes what follows stale; undoing it makes the old results fresh, with no work.
  await api.document.apply({
    commands: [{ type: 'edit-shot', id: opening, patch: { prompt: 'a red robot in the meadow' } }],
    gesture: null,
  });
  expect((await api.queue.estimate({ shotIds: [end] })).chunks).toBe(6);
  // Both parts of the split shot still have its old pictures to show.
  expect(await api.exports.warnings({ target: { kind: 'cut', leaf: end } })).toMatchObject({
    missing: [],
    stale: expect.arrayContaining([middle, 'rest-of-middle']),
  });
  await api.document.undo();
  expect((await api.queue.generate({ shotIds: [end, 'branch-shot'] })).jobId).toBeNull();
  expect(engines.take()).toEqual([]);

  // Another take keeps the first; picking that again costs nothing.
  const { jobId } = await api.queue.newTake({ shotId: end });
  await window.until(() => window.job(jobId)?.state === 'done');
  expect(engines.take()).toEqual([5]);
  const takes = window.takes.filter(({ shotId }) => shotId === end);
  expect(takes).toHaveLength(2);
  const [first] = takes;
  await api.document.apply({
    commands: [{ type: 'pick-take', id: end, prompt: first?.prompt ?? '', seed: first?.seed ?? 0 }],
    gesture: null,
  });
  expect((await api.queue.generate({ shotIds: [end] })).jobId).toBeNull();

  // The second take is nobody's choice now: a clean-up says so, and takes it.
  expect(await api.storage.unused()).toMatchObject({ chunks: 1 });
  expect(await api.storage.cleanUp()).toMatchObject({ chunks: 1 });
  await window.until(() => window.takes.filter(({ shotId }) => shotId === end).length === 1);

  // Held results stay although something before them changed.
  await api.document.apply({
    commands: [
      { type: 'hold-results', id: end, keys: [...(first?.keys ?? [])] },
      { type: 'edit-shot', id: 'rest-of-middle', patch: { prompt: 'the cat sits' } },
    ],
    gesture: null,
  });
  const warnings = await api.exports.warnings({ target: { kind: 'cut', leaf: end } });
  expect(warnings).toEqual({ missing: ['rest-of-middle'], stale: [], held: [end] });
  expect(await window.generate('rest-of-middle')).toMatchObject({ chunksTotal: 1 });
  expect(engines.take()).toEqual([4]);

  // Frames of the film: nine of the first chunk and twelve of each other one.
  const film = await exported(window, { kind: 'cut', leaf: end });
  expect(film).toBe(9 + 5 * 12);
  expect(await exported(window, { kind: 'shot', id: 'rest-of-middle' })).toBe(12);
  expect(await exported(window, { kind: 'shot', id: opening })).toBe(9 + 12);

  // Everything is there after a restart, memory records included.
  const [key] = first?.keys ?? [];
  const record = await api.chunks.record({ key: key ?? '' });
  const file = window.project?.file ?? '';
  const document = window.project?.document;
  await window.close();
  const again = new TestWindow({ ...studioOptions(folder), startEngine: engines.start });
  expect((await again.api.projects.open({ file })).document).toEqual(document);
  expect(await again.api.chunks.record({ key: key ?? '' })).toEqual(record);
  expect((await again.api.queue.generate({ shotIds: ['branch-shot'] })).jobId).toBeNull();
  await again.api.document.undo();
  expect((await again.api.exports.warnings({ target: { kind: 'cut', leaf: end } })).held).toEqual([]);
});

/** Exports and returns how many frames the file decodes to. */
async function exported(
  window: TestWindow,
  target: Parameters<TestWindow['api']['exports']['start']>[0]['target'],
): Promise<number> {
  const { id, files } = await window.api.exports.start({ target, file: null, ...mp4(64) });
  const over = () =>
    window.events.findLast(
      (event) => event.type === 'export' && event.export.id === id && event.export.state !== 'running',
    );
  await window.until(() => over() !== undefined);
  expect(over()).toMatchObject({ export: { state: 'done', fraction: 1, error: null } });
  let frames = 0;
  for await (const _ of decodeFilm(files[0] ?? '')) frames++;
  return frames;
}

test('a cancel stops within a step, and the queue goes on with what is next', async () => {
  const engines = new CountedEngines();
  const window = new TestWindow({ ...studioOptions(testFolder()), startEngine: engines.start });
  await window.api.projects.create({});
  const long = await window.add(null, 'a red cat in the meadow', 40);
  const other = await window.add(null, 'a blue robot', 1);
  const { jobId } = await window.api.queue.generate({ shotIds: [long] });
  const { jobId: next } = await window.api.queue.generate({ shotIds: [other] });
  await window.until(() => window.job(jobId)?.now?.phase.phase === 'denoising' && window.chunks.size >= 2);
  await window.api.queue.cancel({ jobId: jobId ?? '' });
  const stored = window.chunks.size;
  await window.until(() => window.job(next)?.state === 'done');
  expect(window.job(jobId)).toMatchObject({ state: 'cancelled', now: null });
  // At most the chunk that was being written when the wish came, and the other job's.
  expect(window.chunks.size).toBeLessThanOrEqual(stored + 2);

  // Paused, it stops after a chunk; resumed, it ends.
  const { jobId: third } = await window.api.queue.generate({ shotIds: [long] });
  await window.api.queue.pause();
  await window.until(() => window.queue.paused && window.job(third)?.state === 'paused');
  await window.api.queue.cancel({ jobId: third ?? '' });
  await window.api.queue.resume();
  expect(window.job(third)?.state).toBe('cancelled');
});

test('a stale shot shows, keeps and exports what was shown last, not what was made last, also after a restart', async () => {
  const folder = testFolder();
  let window = new TestWindow(studioOptions(folder));
  const created = await window.api.projects.create({ title: 'Last shown' });
  const opening = await window.add(null, 'a red cat', 1);
  const last = await window.add(opening, 'the cat waves', 1);
  await window.generate(last);
  const [before] = window.takes.find(({ shotId }) => shotId === last)?.keys ?? [];
  await window.api.document.apply({
    commands: [{ type: 'edit-shot', id: last, patch: { memory: { policy: 'window' } } }],
    gesture: null,
  });
  await window.generate(last);
  await window.api.document.undo();
  const more = newShot('a dog', 1);
  await window.api.document.apply({ commands: [{ type: 'insert-shot', before: last, shot: more }], gesture: null });
  const shown = () => window.takes.filter(({ shotId }) => shotId === last).find(({ lastShown }) => lastShown)?.keys[0];
  await window.until(() => shown() === before);
  await window.close();

  window = new TestWindow(studioOptions(folder));
  await window.api.projects.open({ file: created.file });
  await window.until(() => window.takes.length > 0);
  expect(shown()).toBe(before);
});
