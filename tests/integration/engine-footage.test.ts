import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import type { Ancestor } from '../../src/main/engine/client.ts';
import { essence, linePlan, TestStudio } from './engine-story.ts';

// Seconds of work; a machine that does other things as well may take minutes.
vi.setConfig({ testTimeout: 600_000 });

const modelFolder = fileURLToPath(new URL('../../resources/models/animatic', import.meta.url));
const [first, second] = ['a', 'b'].map((digit) => digit.repeat(64)) as [string, string];

/** A disc on a meadow that moves on by a pixel a frame; the second clip is in other colours. Frames one below the other. */
function pictureOf(asset: string, width: number, height: number): Uint8Array | null {
  if (asset !== first && asset !== second) return null;
  const frameHeight = height / (asset === first ? 9 : 12);
  const [ink, paper] =
    asset === first
      ? [
          [220, 60, 50],
          [120, 190, 110],
        ]
      : [
          [240, 220, 120],
          [90, 110, 190],
        ];
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, row] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const [frame, y] = [Math.floor(row / frameHeight), row % frameHeight];
    const inside = (x - width / 2 - frame) ** 2 + (y - frameHeight / 2) ** 2 < (frameHeight / 3) ** 2;
    return (inside ? ink : paper)?.[i % 3] as number;
  });
}

const studio = (cacheFile?: string) => new TestStudio({ modelFolder, pictureOf, ...(cacheFile ? { cacheFile } : {}) });

/** Two chunks of footage and one that the model makes, after a cut. */
async function lineOf(of: TestStudio): Promise<Ancestor[]> {
  const engine = await of.engine();
  const encoder = engine.info.encoder as string;
  const line = linePlan(engine, [
    { prompt: 'a cat waves in the meadow', chunks: 2 },
    { prompt: 'the cat waves', chunks: 1, transition: 'cut' },
  ]);
  return line.map(({ key, recipe }, i): Ancestor => {
    const asset = [first, second][i];
    return { key, recipe: asset ? { ...recipe, footage: { asset, encoder } } : recipe };
  });
}

test('footage is shown and remembered as it is, and from scratch, restored and replayed are bit-equal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-footage-'));
  try {
    const made = studio(join(folder, 'states.kv'));
    const line = await lineOf(made);
    const scratch = await made.render(line);
    const results = scratch.map(essence);
    expect(scratch.map(({ record }) => record.timings.denoiseMs.length > 0)).toEqual([false, false, true]);
    expect(scratch.map(({ record }) => record.activation === null).slice(0, 2)).toEqual([true, true]);
    // What was given comes back through encoder and decoder: nearer to the footage than a grey picture would be.
    const { width, height } = (await made.engine()).info.video;
    const given = pictureOf(first, width, height * 9) as Uint8Array;
    const { frames } = scratch[0] as (typeof scratch)[0];
    const error = (of: (i: number) => number) => given.reduce((sum, value, i) => sum + (value - of(i)) ** 2, 0);
    expect(frames).toHaveLength(given.length);
    expect(error((i) => frames[i] as number)).toBeLessThan(0.2 * error(() => 150));

    // The seed decides nothing of what is given, and the order of the footage does.
    const engine = await made.engine();
    const [begun, next] = line as [Ancestor, Ancestor];
    const reseeded = { ...begun.recipe, seed: begun.recipe.seed + 1 };
    const again = await engine.renderChunk({ key: 'again', recipe: reseeded, ancestors: [] });
    expect(again.latents).toEqual(scratch[0]?.latents);
    // The encoder begins anew where it stands elsewhere, and sees the same.
    made.latents.set('again', again.latents);
    const onward = await engine.renderChunk({
      ...{ key: 'onward', recipe: next.recipe },
      ancestors: [{ key: 'again', recipe: reseeded }],
    });
    expect(onward.latents).toEqual(scratch[1]?.latents);

    const restored = studio(join(folder, 'states.kv'));
    for (const [key, latents] of made.latents) restored.latents.set(key, latents);
    await made.close();
    const move = await (await restored.engine()).moveTo(line.slice(0, 2), 'restore');
    expect(move).toMatchObject({ restored: true, replayed: 0 });
    expect((await restored.render(line, 2)).map(essence)).toEqual(results.slice(2));
    await restored.close();

    const replayed = studio();
    for (const { key } of line.slice(0, 2)) replayed.latents.set(key, made.latents.get(key) as Float32Array);
    await (await replayed.engine()).moveTo(line.slice(0, 2), 'replay');
    expect((await replayed.render(line, 2)).map(essence)).toEqual(results.slice(2));
    await replayed.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('footage that begins later, was seen by another encoder or is not there is refused', async () => {
  const made = studio();
  const engine = await made.engine();
  const [plain, last] = linePlan(engine, [{ prompt: 'a cat', chunks: 2 }]) as [Ancestor, Ancestor];
  const encoder = engine.info.encoder as string;
  made.latents.set(plain.key, new Float32Array());
  const later = { ...last.recipe, footage: { asset: first, encoder } };
  await expect(engine.renderChunk({ key: 'k', recipe: later, ancestors: [plain] })).rejects.toThrow(
    'Chunk 1 was given footage',
  );
  const of = (footage: { asset: string; encoder: string }) =>
    engine.renderChunk({ key: 'k', recipe: { ...plain.recipe, footage }, ancestors: [] });
  await expect(of({ asset: first, encoder: 'd'.repeat(64) })).rejects.toThrow(/looked at by another encoder/);
  await expect(of({ asset: 'c'.repeat(64), encoder })).rejects.toThrow('The footage cccccccccccc of chunk 0');
});
