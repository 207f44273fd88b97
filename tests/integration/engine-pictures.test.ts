import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Ancestor } from '../../src/main/engine/client.ts';
import type { ChunkRecipe } from '../../src/shared/render.ts';
import { essence, linePlan, TestStudio } from './engine-story.ts';

const modelFolder = fileURLToPath(new URL('../../resources/models/animatic', import.meta.url));
const [mia, kitchen, missing] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];

/** A disc in one colour on another, [height, width, 3]. */
function disc(width: number, height: number, ink: readonly number[], paper: readonly number[]): Uint8Array {
  const inside = (x: number, y: number): boolean => (x - width / 2) ** 2 + (y - height / 2) ** 2 < (height / 3) ** 2;
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return (inside(pixel % width, Math.floor(pixel / width)) ? ink : paper)[i % 3] as number;
  });
}

const pictureOf = (asset: string, width: number, height: number): Uint8Array | null => {
  if (asset === mia) return disc(width, height, [220, 60, 50], [120, 190, 110]);
  if (asset === kitchen) return disc(width, height, [240, 220, 120], [90, 110, 190]);
  return null;
};

function studio(folder: string | null): TestStudio {
  return new TestStudio({
    ...{ modelFolder, pictureOf },
    ...(folder ? { cacheFile: join(folder, 'states.kv') } : {}),
  });
}

/** Three shots: the first begins with a picture and remembers one, the last remembers another besides. */
async function storyOf(of: TestStudio): Promise<{ plain: Ancestor[]; line: Ancestor[]; encoder: string }> {
  const engine = await of.engine();
  const { encoder } = engine.info;
  if (typeof encoder !== 'string') throw new Error('the built-in model has an encoder');
  const plain = linePlan(engine, [
    { prompt: 'a cat waves in the meadow', chunks: 1 },
    { prompt: 'a robot in the city', chunks: 1, transition: 'cut' },
    { prompt: 'the cat waves', chunks: 1, transition: 'cut' },
  ]);
  const first = { asset: mia, encoder, name: 'Mia', says: '', pinned: true };
  const second = { asset: kitchen, encoder, name: 'The kitchen', says: '', pinned: false };
  const line = plain.map(({ key, recipe }, i): Ancestor => {
    const pictures = i < 2 ? [first] : [first, second];
    return { key, recipe: { ...recipe, pictures, ...(i === 0 ? { firstFrame: { asset: kitchen, encoder } } : {}) } };
  });
  return { plain, line, encoder };
}

/** The story once from scratch, its memory states kept in `folder`. */
let folder = '';
let results: readonly unknown[] = [];
let latentsOf: ReadonlyMap<string, Float32Array> = new Map();

describe('pictures in memory', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-pictures-'));
    return () => rmSync(folder, { recursive: true, force: true });
  });

  it('are in every bank where they are pinned, and change what is made', async () => {
    const made = studio(folder);
    const { line, plain, encoder } = await storyOf(made);
    const scratch = await made.render(line);
    results = scratch.map(essence);
    latentsOf = new Map(made.latents);

    const records = scratch.map(({ record }) => record);
    for (const { bank } of records) for (const layer of bank) expect(layer).toContain(-1);
    expect(records.map(({ pictures }) => pictures.map(({ frame, name }) => [frame, name]))).toEqual([
      [[-1, 'Mia']],
      [[-1, 'Mia']],
      [
        [-1, 'Mia'],
        [-2, 'The kitchen'],
      ],
    ]);
    expect(records[1]?.candidates).not.toContain(-2);
    expect(records[2]?.candidates).toContain(-2); // recalled where it suits the prompt
    expect(records[2]?.pull.every((row) => row.length === records[2]?.candidates.length)).toBe(true);

    // The first frame is the picture's own latent, and the decoded film begins with it.
    const { channels, height, width } = (await made.engine()).info.latent;
    const size = channels * height * width;
    const { latents } = scratch[0] as (typeof scratch)[0];
    const others = await made.engine();
    const [begun] = [line[0] as Ancestor];
    const again = { ...begun.recipe, seed: begun.recipe.seed + 1 };
    const other = await others.renderChunk({ key: 'another seed', recipe: again, ancestors: [] });
    expect(other.latents.slice(0, size)).toEqual(latents.slice(0, size));
    expect(other.latents.slice(size)).not.toEqual(latents.slice(size));

    const without = await others.renderChunk({ key: 'plain', recipe: (plain[0] as Ancestor).recipe, ancestors: [] });
    expect(without.record.pictures).toEqual([]);
    expect(without.latents).not.toEqual(latents);
    await expect(
      others.renderChunk({
        key: 'none',
        recipe: { ...begun.recipe, firstFrame: { asset: missing, encoder } },
        ancestors: [],
      }),
    ).rejects.toMatchObject({ code: 'state-missing', message: 'The picture cccccccccccc is not there.' });
  });

  it('from scratch, restored and replayed are bit-equal', async () => {
    const { line } = await storyOf(studio(null));
    const restored = studio(folder);
    for (const [key, latents] of latentsOf) restored.latents.set(key, latents);
    const move = await (await restored.engine()).moveTo(line.slice(0, 2), 'restore');
    expect(move).toMatchObject({ restored: true, replayed: 0 });
    expect((await restored.render(line, 2)).map(essence)).toEqual(results.slice(2));
    await restored.close();

    const replayed = studio(null);
    for (const { key } of line.slice(0, 2)) replayed.latents.set(key, latentsOf.get(key) as Float32Array);
    await (await replayed.engine()).moveTo(line.slice(0, 2), 'replay');
    expect((await replayed.render(line, 2)).map(essence)).toEqual(results.slice(2));
  });
});

it('a film goes on from its first frame, which a replay need not have', async () => {
  const [made, replayed] = [studio(null), studio(null)];
  const { line, encoder } = await storyOf(made);
  const led = line.map(({ key, recipe: { pictures: _, ...recipe } }, i): Ancestor => {
    const begins = { firstFrame: { asset: mia, encoder, ...(i === 0 ? { leads: true as const } : {}) } };
    return { key: `led ${key}`, recipe: { ...recipe, ...(i === 0 ? begins : {}) } };
  });
  const [first] = led as [Ancestor];
  const now = { key: 'set alone', recipe: { ...first.recipe, firstFrame: { asset: mia, encoder } } };
  const { channels, height, width } = (await made.engine()).info.latent;
  const size = channels * height * width;
  const [alone] = await made.render([now]);
  const results = await made.render(led.slice(0, 2));
  const jump = (latents: Float32Array): number =>
    Math.hypot(...latents.subarray(0, size).map((value, i) => (latents[size + i] as number) - value));
  const [ledTo, aloneTo] = [results[0]?.latents, alone?.latents] as [Float32Array, Float32Array];
  expect(ledTo.slice(0, size)).toEqual(aloneTo.slice(0, size));
  expect(jump(ledTo)).toBeLessThan(0.7 * jump(aloneTo));
  expect(results[0]?.record.window).toEqual([]);

  replayed.latents.set(first.key, ledTo);
  await (await replayed.engine()).moveTo(led.slice(0, 1), 'replay');
  expect((await replayed.render(led.slice(0, 2), 1)).map(essence)).toEqual(results.slice(1).map(essence));
});

describe('a recipe that asks too much', () => {
  const of = async (change: (recipe: ChunkRecipe, encoder: string) => Partial<ChunkRecipe>, tiny = false) => {
    const made = tiny ? new TestStudio({ pictureOf }) : studio(null);
    const engine = await made.engine();
    const [chunk] = linePlan(engine, [{ prompt: 'a cat', chunks: 1 }]);
    const { key, recipe } = chunk as Ancestor;
    const encoder = engine.info.encoder ?? 'd'.repeat(64);
    return engine.renderChunk({ key, recipe: { ...recipe, ...change(recipe, encoder) }, ancestors: [] });
  };
  it('of another encoder is refused', async () => {
    const firstFrame = { asset: mia, encoder: 'd'.repeat(64) };
    await expect(of(() => ({ firstFrame }))).rejects.toThrow(/looked at by another encoder/);
  });

  it('of a model without an encoder is refused', async () => {
    await expect(of((_, encoder) => ({ firstFrame: { asset: mia, encoder } }), true)).rejects.toThrow(
      /has no encoder, so it cannot look at pictures/,
    );
  });
});
