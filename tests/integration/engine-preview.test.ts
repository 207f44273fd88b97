import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { essence, linePlan, type TestShot, TestStudio } from './engine-story.ts';

const trunk: TestShot[] = [
  { prompt: 'a red cat walks in the meadow', chunks: 2 },
  { prompt: 'a blue robot in the city at night', chunks: 2, transition: 'cut' },
];

it('previews show the chunk at hand and change nothing', async () => {
  const plain = new TestStudio();
  const line = linePlan(await plain.engine(), trunk);
  const wanted = (await plain.render(line)).map(essence);

  const watched = new TestStudio();
  const engine = await watched.engine();
  const { width, height } = engine.info.video;
  const previews: { chunk: number; step: number; frameCount: number; bytes: number }[] = [];
  for (const [i, { key, recipe }] of line.entries()) {
    const result = await engine.renderChunk(
      { key, recipe, ancestors: line.slice(0, i) },
      {
        onPreview: (step, frames, frameCount) => previews.push({ chunk: i, step, frameCount, bytes: frames.length }),
      },
    );
    watched.latents.set(key, result.latents);
    expect(essence(result)).toEqual(wanted[i]);
    await delay(450); // previews keep their distance
  }
  // The story's first latent frame is one frame, every other four.
  expect(previews.map(({ chunk, step, frameCount }) => [chunk, step, frameCount])).toEqual([
    [0, 1, 1],
    [1, 1, 4],
    [2, 1, 4],
    [3, 1, 4],
  ]);
  for (const { bytes, frameCount } of previews) expect(bytes).toBe(frameCount * width * height * 3);
  const before = await engine.usage();
  await watched.render(line);
  expect((await engine.usage()).liveTensors).toBe(before.liveTensors);
});

it('branches of one length do not show through each other', async () => {
  const branch = (prompt: string): TestShot[] => [...trunk, { prompt, chunks: 2 }];
  const studio = new TestStudio();
  const engine = await studio.engine();
  const left = linePlan(engine, branch('the cat jumps'));
  const right = linePlan(engine, branch('a red robot waves'));
  await studio.render(left.slice(0, 5));
  await studio.render(right.slice(0, 5), 4);
  const [shown] = await studio.render(left, 5);
  const fresh = new TestStudio();
  const wanted = (await fresh.render(linePlan(await fresh.engine(), branch('the cat jumps')))).at(5);
  expect(shown && essence(shown)).toEqual(wanted && essence(wanted));
});
