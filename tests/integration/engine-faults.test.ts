import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { EngineChild, EngineOptions } from '../../src/main/engine/client.ts';
import { forkEngine } from '../../src/main/engine/engine-child.ts';
import { ModelSession } from '../../src/main/engine/pipeline/model-session.ts';
import type { Ancestor } from '../../src/main/engine/protocol.ts';
import type { ChunkRecipe } from '../../src/shared/render.ts';
import { essence, linePlan, type TestShot, TestStudio, temporaryFolder, tinyModel } from './engine-story.ts';

const wideModel = fileURLToPath(new URL('../fixtures/reference-wide', import.meta.url));
const shots: TestShot[] = [
  { prompt: 'a red cat walks in the meadow', chunks: 3 },
  { prompt: 'the cat waves', chunks: 3 },
];

/** A copy of the tiny model that may be damaged. */
function modelCopy(): string {
  const folder = join(temporaryFolder(), 'model');
  cpSync(tinyModel, folder, { recursive: true, filter: (file) => !/t(ensors\.safetensors|race\.json)$/.test(file) });
  return folder;
}

function editConfig(folder: string, edit: (config: ReturnType<typeof JSON.parse>) => void): void {
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  edit(config);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
}

describe('a damaged model is told before anything is made', () => {
  const start = async (modelFolder: string): Promise<void> => {
    const options = {
      modelFolder,
      device: 'cpu',
      threads: 1,
      kvStorage: 'fp16',
      graphsFolder: join(temporaryFolder(), 'graphs'),
    } as const;
    await (await ModelSession.open(options, () => null)).dispose();
  };

  it.each<[string, (folder: string) => void, string, RegExp]>([
    ['no folder', (f) => rmSync(f, { recursive: true }), 'model-missing', /The model at .*model is not there/],
    ['no tokenizer', (f) => rmSync(join(f, 'tokenizer.json')), 'model-missing', /There is no tokenizer\.json/],
    ['no weights', (f) => rmSync(join(f, 'dit.safetensors')), 'model-missing', /dit\.safetensors cannot be opened/],
    [
      'a config.json that is not JSON',
      (f) => writeFileSync(join(f, 'config.json'), '{'),
      'model-inconsistent',
      /config\.json is not JSON/,
    ],
    [
      'a config.json with a bad field',
      (f) => editConfig(f, (c) => (c.dit.heads = 5)),
      'model-inconsistent',
      /dit\.dim must be a multiple of dit\.heads/,
    ],
    [
      'weights cut short',
      (f) => truncateSync(join(f, 'dit.safetensors'), 20_000),
      'model-truncated',
      /dit\.safetensors ends too early \(20000 bytes\)/,
    ],
    [
      'weights of another size',
      (f) => copyFileSync(join(wideModel, 'dit.safetensors'), join(f, 'dit.safetensors')),
      'model-inconsistent',
      /has the shape \[.*config\.json implies/,
    ],
    [
      'a decoder of another size',
      (f) => editConfig(f, (c) => (c.decoder.widths = [12, 8, 8, 4])),
      'model-inconsistent',
      /decoder\..* has the shape/,
    ],
    [
      'a broken tokenizer',
      (f) => writeFileSync(join(f, 'tokenizer.json'), '[]'),
      'model-inconsistent',
      /tokenizer\.json is not a usable tokenizer/,
    ],
  ])('%s', async (_, damage, code, says) => {
    const folder = modelCopy();
    damage(folder);
    const error = await start(folder).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(says), hint: expect.stringMatching(/\w{3}/) });
  });
});

it('the error crosses the process boundary whole', async () => {
  const folder = modelCopy();
  truncateSync(join(folder, 'decoder.safetensors'), 100);
  await expect(new TestStudio({ modelFolder: folder }).engine()).rejects.toMatchObject({
    code: 'model-truncated',
    message: 'The model file decoder.safetensors ends too early (100 bytes).',
    hint: 'It was not copied or downloaded whole: get it again.',
    cause: expect.objectContaining({ message: expect.stringContaining('in the engine process') }),
  });
});

it('a model folder that cannot be written is left as it is', async () => {
  const folder = modelCopy();
  const before = readdirSync(folder);
  for (const file of before) chmodSync(join(folder, file), 0o444);
  chmodSync(folder, 0o555);
  const studio = new TestStudio({ modelFolder: folder });
  await studio.render(linePlan(await studio.engine(), shots).slice(0, 1));
  expect(readdirSync(folder)).toEqual(before);
  chmodSync(folder, 0o755);
});

/** A spawn function that hands out the process, so that a test can kill it. */
function killable(): { spawn: NonNullable<EngineOptions['spawn']>; kill: () => void } {
  let child: EngineChild | undefined;
  return { spawn: (entry) => (child = forkEngine(entry)), kill: () => child?.kill() };
}
const withSteps = (line: readonly Ancestor[], steps: readonly number[]): Ancestor[] =>
  line.map(({ key, recipe }) => ({ key, recipe: { ...recipe, sampler: { ...recipe.sampler, steps } } }));

describe('the engine process is killed', () => {
  let scratch: Promise<{ line: Ancestor[]; wanted: unknown[] }> | undefined;
  /** The line of chunks as an undisturbed engine makes it. */
  const undisturbed = async (): Promise<{ line: Ancestor[]; wanted: unknown[] }> => {
    const studio = new TestStudio();
    const line = linePlan(await studio.engine(), shots);
    const wanted = (await studio.render(line)).map(essence);
    await studio.close();
    return { line, wanted };
  };

  it('while a chunk is made: the call ends, and a new engine goes on from the cache', async () => {
    scratch ??= undisturbed();
    const { line, wanted } = await scratch;
    const cacheFile = join(temporaryFolder(), 'states.kv');
    const { spawn, kill } = killable();
    const doomed = new TestStudio({ cacheFile, spawn });
    await doomed.render(line.slice(0, 4));
    const [long] = withSteps(
      line.slice(4, 5),
      Array.from({ length: 400 }, (_, i) => 1000 - 2 * i),
    );
    const engine = await doomed.engine();
    const call = engine.renderChunk(
      { ...(long as Ancestor), ancestors: line.slice(0, 4) },
      {
        onProgress: (phase) => phase.phase === 'denoising' && phase.step === 2 && kill(),
      },
    );
    await expect(call).rejects.toMatchObject({
      code: 'engine-died',
      message: 'The engine process was ended by SIGKILL.',
      hint: expect.stringMatching(/What was finished is kept; start again/),
    });
    await expect(engine.usage()).rejects.toMatchObject({ code: 'engine-died' });
    await doomed.close();

    const next = new TestStudio({ cacheFile });
    for (const [key, latents] of doomed.latents) next.latents.set(key, latents);
    const move = await (await next.engine()).moveTo(line.slice(0, 4), 'restore');
    expect(move).toMatchObject({ restored: true, replayed: 0 });
    expect((await next.render(line, 4)).map(essence)).toEqual(wanted.slice(4));
    expect(next.notices).toEqual([]);
  });

  it.each([0, 10, 30])(
    '%i ms after it began to decode and store: the cache serves, or is made anew',
    async (delayMs) => {
      scratch ??= undisturbed();
      const { line: whole, wanted } = await scratch;
      const line = whole.slice(0, 4);
      const cacheFile = join(temporaryFolder(), 'states.kv');
      const { spawn, kill } = killable();
      const doomed = new TestStudio({ cacheFile, spawn });
      await doomed.render(line.slice(0, 2));
      const engine = await doomed.engine();
      const call = engine.renderChunk(
        { ...(line[2] as Ancestor), ancestors: line.slice(0, 2) },
        {
          onProgress: (phase) => void (phase.phase === 'decoding' && setTimeout(kill, delayMs)),
        },
      );
      // Late in the row it may have finished first.
      const end = await call.then(
        () => 'finished',
        (error) => error.code,
      );
      expect(['finished', 'engine-died']).toContain(end);
      kill();
      await doomed.close();

      const next = new TestStudio({ cacheFile });
      for (const [i, { key }] of line.slice(0, 2).entries())
        next.latents.set(key, doomed.latents.get(line[i]?.key ?? key) as Float32Array);
      expect((await next.render(line, 2)).map(essence)).toEqual(wanted.slice(2, 4));
      expect((await (await next.engine()).usage()).cache?.states).toBeGreaterThan(0);
    },
  );
});

describe('the cache is only a cache', () => {
  it('one of another model is thrown away, with a notice', async () => {
    const cacheFile = join(temporaryFolder(), 'states.kv');
    const other = new TestStudio({ cacheFile, modelFolder: wideModel });
    await other.render(linePlan(await other.engine(), shots).slice(0, 1));
    await other.close();
    const studio = new TestStudio({ cacheFile });
    await studio.render(linePlan(await studio.engine(), shots).slice(0, 1));
    expect(studio.notices).toEqual([expect.stringMatching(/made by another model/)]);
    expect((await (await studio.engine()).usage()).cache?.states).toBe(1);
  });

  it('a file of rubbish is replaced, with a notice', async () => {
    const cacheFile = join(temporaryFolder(), 'states.kv');
    writeFileSync(cacheFile, 'rubbish '.repeat(2000));
    const studio = new TestStudio({ cacheFile });
    await studio.render(linePlan(await studio.engine(), shots).slice(0, 2));
    expect(studio.notices).toEqual([expect.stringMatching(/damaged/)]);
    expect((await (await studio.engine()).usage()).cache?.states).toBe(2);
  });

  it('where it cannot be written, chunks are made all the same, with one notice', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a file'), ''); // nobody, not even root, can make a folder of it
    const studio = new TestStudio({ cacheFile: join(folder, 'a file', 'states.kv') });
    await studio.render(linePlan(await studio.engine(), shots).slice(0, 2));
    expect(studio.notices).toEqual([expect.stringMatching(/^Memory states are not kept: /)]);
    expect((await (await studio.engine()).usage()).cache).toBeNull();
  });

  it('a folder that is not there yet is made', async () => {
    const cacheFile = join(temporaryFolder(), 'new', 'folder', 'states.kv');
    const studio = new TestStudio({ cacheFile });
    await studio.render(linePlan(await studio.engine(), shots).slice(0, 1));
    expect(existsSync(cacheFile)).toBe(true);
  });
});

describe('requests that cannot be met', () => {
  it('latents that the owner has not', async () => {
    const studio = new TestStudio();
    const line = linePlan(await studio.engine(), shots);
    await expect(studio.render(line, 3)).rejects.toMatchObject({
      code: 'state-missing',
      message: 'The latents of chunk 0 are missing.',
    });
    await studio.render(line.slice(0, 2));
    const engine = await studio.engine();
    studio.latents.delete(line[1]?.key as string);
    await expect(engine.moveTo(line.slice(0, 2), 'replay')).rejects.toMatchObject({
      message: 'The latents of chunk 1 are missing.',
    });
    await expect(studio.render(line.slice(0, 1))).resolves.toHaveLength(1); // it goes on serving
  });

  it('latents of another size', async () => {
    const studio = new TestStudio();
    const line = linePlan(await studio.engine(), shots);
    await studio.render(line.slice(0, 1));
    const engine = await studio.engine();
    for (const length of [0, 5, 3 * 16 * 4 * 6 * 2]) {
      studio.latents.set(line[0]?.key as string, new Float32Array(length));
      await expect(engine.moveTo(line.slice(0, 1), 'replay')).rejects.toMatchObject({
        code: 'state-missing',
        message: `The latents of chunk 0 have ${length} values, and this model needs 1152: they are damaged or another model's.`,
      });
    }
  });

  it('a story beyond the positions of the model', async () => {
    const folder = modelCopy();
    editConfig(folder, (c) => {
      c.memory.positions = { kind: 'absolute' };
      c.dit.ropeTableLength = 10;
    });
    const studio = new TestStudio({ modelFolder: folder });
    const engine = await studio.engine();
    expect(engine.info.maxChunks).toBe(3);
    const line = linePlan(engine, shots);
    // Refused before it asks for the latents of the chunks before.
    await expect(studio.render(line, 3)).rejects.toMatchObject({
      code: 'story-too-long',
      message: 'This model has positions for 10 latent frames, and the story needs 12.',
    });
    await expect(studio.render(line.slice(0, 3))).resolves.toHaveLength(3);
  });

  it('a story of any length with relative positions', async () => {
    expect((await new TestStudio().engine()).info.maxChunks).toBeNull();
  });

  it('settings that the model cannot follow; and it goes on serving', async () => {
    const studio = new TestStudio();
    const engine = await studio.engine();
    const [first] = linePlan(engine, shots);
    if (!first) throw new Error('the line is long enough');
    const cases: [string, (recipe: ChunkRecipe) => ChunkRecipe, RegExp][] = [
      [
        'steps that rise',
        (r) => ({ ...r, sampler: { ...r.sampler, steps: [500, 750] } }),
        /steps \[500,750\] must fall/,
      ],
      ['no steps', (r) => ({ ...r, sampler: { ...r.sampler, steps: [] } }), /steps \[\] must fall/],
      [
        'steps off the scale',
        (r) => ({ ...r, sampler: { ...r.sampler, steps: [1001, 2] } }),
        /from 1000 at most to 1 at least/,
      ],
      ['steps that are no numbers', (r) => ({ ...r, sampler: { ...r.sampler, steps: [Number.NaN] } }), /must fall/],
      [
        'a window without positions',
        (r) => ({ ...r, memory: { ...r.memory, windowFrames: 11 } }),
        /positions for a window of 10 frames, not 11/,
      ],
      [
        'the other mode',
        (r) => ({ ...r, memory: { ...r.memory, mode: 'released' } }),
        /remembers in "paper" mode, and the recipe asks for "released"/,
      ],
      [
        'a place in the story that is not next',
        (r) => ({ ...r, chunkIndex: 2 }),
        /Chunk 2 was asked for after 0 chunks/,
      ],
    ];
    for (const [name, change, says] of cases) {
      const call = engine.renderChunk({ key: first.key, recipe: change(first.recipe), ancestors: [] });
      await expect(call, name).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringMatching(says),
        hint: expect.stringMatching(/\w{3}/),
      });
    }
    await expect(engine.renderChunk({ ...first, ancestors: [] })).resolves.toMatchObject({ frameCount: 9 });
  });
});

it('a graphs folder that cannot be written is told, with its name', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a file'), '');
  mkdirSync(join(folder, 'other'));
  const graphsFolder = join(folder, 'a file', 'graphs');
  const studio = new TestStudio({ graphsFolder });
  await expect(studio.engine()).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining(graphsFolder),
  });
});
