import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { essence, linePlan, type TestShot, TestStudio, temporaryFolder } from './engine-story.ts';

// A cut, a continued prompt switch (recache), a return: everything that touches the memory.
const trunk: TestShot[] = [
  { prompt: 'a red cat walks in the meadow', chunks: 3 },
  { prompt: 'the cat waves', chunks: 2 },
  { prompt: 'a blue robot in the city at night', chunks: 3, transition: 'cut' },
];
const ending: TestShot[] = [
  { prompt: 'back in the meadow the cat jumps', chunks: 3, transition: 'continue' },
  { prompt: 'the robot waves', chunks: 1, transition: 'cut' },
];
const sibling: TestShot[] = [{ prompt: 'the robot stands in the meadow', chunks: 3 }];
const branchAt = 8;

describe.each(['nam+sma', 'nam', 'sink', 'window'] as const)('with the policy %s', (policy) => {
  it('from scratch, restored and replayed continuations are bit-equal', async () => {
    const folder = temporaryFolder();
    const shots = [...trunk, ...ending].map((shot) => ({ ...shot, memory: { policy } }));

    const scratch = new TestStudio();
    const line = linePlan(await scratch.engine(), shots);
    const wanted = (await scratch.render(line)).map(essence);
    await scratch.close();

    const cached = new TestStudio({ cacheFile: join(folder, 'states.kv') });
    await cached.render(line.slice(0, branchAt));
    await cached.close(); // the next engine knows only the file
    const restored = new TestStudio({ cacheFile: join(folder, 'states.kv') });
    for (const [key, latents] of cached.latents) restored.latents.set(key, latents);
    const move = await (await restored.engine()).moveTo(line.slice(0, branchAt), 'restore');
    expect(move).toMatchObject({ restored: true, replayed: 0 });
    expect((await restored.render(line, branchAt)).map(essence)).toEqual(wanted.slice(branchAt));

    const replayed = new TestStudio();
    for (const [key, latents] of scratch.latents)
      if (line.findIndex((c) => c.key === key) < branchAt) replayed.latents.set(key, latents);
    const replay = await (await replayed.engine()).moveTo(line.slice(0, branchAt), 'replay');
    expect(replay).toMatchObject({ restored: false, replayed: branchAt });
    expect((await replayed.render(line, branchAt)).map(essence)).toEqual(wanted.slice(branchAt));
  });
});

it.each(['fp32', 'fp16', 'int8'] as const)('stores K/V as %s without changing anything', async (kvStorage) => {
  const cacheFile = join(temporaryFolder(), 'states.kv');
  const first = new TestStudio({ cacheFile, kvStorage });
  const line = linePlan(await first.engine(), [...trunk, ...ending]);
  const wanted = (await first.render(line)).map(essence);
  await first.close();
  const second = new TestStudio({ cacheFile, kvStorage });
  for (const [key, latents] of first.latents) second.latents.set(key, latents);
  await (await second.engine()).moveTo(line.slice(0, branchAt), 'restore');
  expect((await second.render(line, branchAt)).map(essence)).toEqual(wanted.slice(branchAt));
});

it('sibling branches share pages and do not disturb each other', async () => {
  const studio = new TestStudio({ cacheFile: join(temporaryFolder(), 'states.kv') });
  const engine = await studio.engine();
  const left = linePlan(engine, [...trunk, ...ending]);
  const right = linePlan(engine, [...trunk, ...sibling]);
  const wantedLeft = (await studio.render(left)).map(essence);
  const before = (await engine.usage()).cache;
  const wantedRight = (await studio.render(right, branchAt)).map(essence);
  const after = (await engine.usage()).cache;
  const pagesPerChunk = engine.info.chunkFrames * engine.info.layers * 2;
  // A branch adds its own three chunks and one recache of the window, and nothing of what it shares.
  expect((after?.pages ?? 0) - (before?.pages ?? 0)).toBeLessThanOrEqual((3 + 2) * pagesPerChunk);

  // Back and forth between the branches, in one process, gives the same again.
  expect((await studio.render(left, branchAt)).map(essence)).toEqual(wantedLeft.slice(branchAt));
  expect((await studio.render(right, branchAt)).map(essence)).toEqual(wantedRight);

  const fresh = new TestStudio();
  expect(
    (await fresh.render(linePlan(await fresh.engine(), [...trunk, ...sibling]))).map(essence).slice(branchAt),
  ).toEqual(wantedRight);
});

it('a cancelled chunk leaves the state as it was, and is made the same afterwards', async () => {
  const studio = new TestStudio();
  const engine = await studio.engine();
  const line = linePlan(engine, trunk).slice(0, 2);
  await studio.render(line.slice(0, 1));
  const chunk = line[1];
  if (!chunk) throw new Error('the line is long enough');
  // So many steps that the request to stop arrives long before the last of them.
  const steps = Array.from({ length: 400 }, (_, i) => 1000 - 2 * i);
  const long = { ...chunk.recipe, sampler: { kind: 'renoise' as const, steps } };
  const controller = new AbortController();
  const phases: string[] = [];
  const stopped = engine.renderChunk(
    { key: chunk.key, recipe: long, ancestors: line.slice(0, 1) },
    {
      signal: controller.signal,
      onProgress: (phase) => {
        phases.push(phase.phase === 'denoising' ? `denoising ${phase.step}` : phase.phase);
        if (phase.phase === 'denoising' && phase.step === 2) controller.abort();
      },
    },
  );
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  expect(phases).toContain('denoising 2');
  expect(phases).not.toContain('denoising 400');
  const [again] = await studio.render(line, 1);
  const fresh = new TestStudio();
  const wanted = (await fresh.render(line)).at(1);
  expect(again && essence(again)).toEqual(wanted && essence(wanted));
});

it('K/V and device tensors do not pile up over a long story', async () => {
  const studio = new TestStudio();
  const engine = await studio.engine();
  const shots = Array.from({ length: 20 }, (_, i) => ({
    prompt: i % 2 ? 'a cat in the city' : 'a robot in the meadow',
    chunks: 3,
    memory: { capacity: 6 },
  }));
  const line = linePlan(engine, shots);
  await studio.render(line.slice(0, 30));
  const middle = await engine.usage();
  await studio.render(line, 30);
  const end = await engine.usage();
  expect(end.liveTensors).toBe(middle.liveTensors);
  expect(end.liveTensorBytes).toBe(middle.liveTensorBytes);
});

it('decoding a cut afresh gives the frames that were shown while it was made', async () => {
  const studio = new TestStudio();
  const engine = await studio.engine();
  const line = linePlan(engine, [...trunk, ...ending]);
  const made = await studio.render(line);
  const decoded: string[] = [];
  await engine.decode(
    made.map(({ latents }) => latents),
    (_, frames) => void decoded.push(Buffer.from(frames).toString('base64')),
  );
  expect(decoded).toEqual(made.map(({ frames }) => Buffer.from(frames).toString('base64')));
  expect(made.map(({ frameCount }) => frameCount)).toEqual(line.map((_, i) => (i === 0 ? 9 : 12)));
});

it('a chunk made anew with other numbers is what follows goes on from, not the state that was kept of the first', async () => {
  const cacheFile = join(temporaryFolder(), 'states.kv');
  const first = new TestStudio({ cacheFile });
  const line = linePlan(await first.engine(), trunk);
  await first.render(line);
  await first.close();
  // Another device makes other numbers under the same key; another seed does so here.
  const other = line.map((chunk, i) => (i === 1 ? { ...chunk, recipe: { ...chunk.recipe, seed: 99 } } : chunk));
  const again = new TestStudio({ cacheFile });
  for (const [key, latents] of first.latents) if (key === line[0]?.key) again.latents.set(key, latents);
  await again.render(other.slice(0, 2), 1);
  await again.close();

  const scratch = new TestStudio();
  const wanted = (await scratch.render(other)).map(essence);
  const after = new TestStudio({ cacheFile });
  for (const [key, latents] of again.latents) after.latents.set(key, latents);
  expect((await after.render(other, 2)).map(essence)).toEqual(wanted.slice(2));
});
