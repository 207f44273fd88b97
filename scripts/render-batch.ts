/**
 * Renders many stories with the app's own engine, for measurements: node scripts/render-batch.ts batch.json
 *
 * A batch names a model folder, a folder for results and jobs. Written there for each job: `<id>.rgb`, the frames of its
 * line; for each branch `<id>.rgb`, the frames of that chunk; and `<job>.json`, of all chunks made the memory records, without
 * their maps, and what they took: time, bytes of state, tokens of context.
 * A job whose `<job>.json` is there is not made again. Exit status 2 if the batch could not be read or rendered.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EngineClient } from '../src/main/engine/client.ts';
import type { Ancestor } from '../src/main/engine/protocol.ts';
import { reach } from '../src/main/studio/lab/measure-cut.ts';
import { ThroughlineError } from '../src/shared/errors.ts';
import { contextTokens } from '../src/shared/lab/comparison.ts';
import { memoryOverridesSchema } from '../src/shared/memory-settings.ts';
import { askedMemory } from '../src/shared/recipes.ts';
import type { ChunkRecipe, ChunkResult } from '../src/shared/render.ts';
import { beginShot, type Scene } from '../src/shared/scene/index.ts';
import { transitionChoiceSchema } from '../src/shared/story.ts';
import { Teller } from '../src/shared/told-prompts.ts';

const chunkSchema = z.strictObject({
  prompt: z.string(),
  /** `automatic`: as the app begins a shot where nobody chose, by the prompts of the line before it; of a branch it is `continue`. */
  transition: transitionChoiceSchema,
  /** Whether the prompt is completed from those of the line before it, as the app completes one. */
  completed: z.boolean().default(false),
  seed: z.int().min(0),
  memory: memoryOverridesSchema.default({}),
  /** Pictures in memory: RGB files, [height, width, 3] at the size that the encoder looks at, and what is seen on them. */
  pictures: z.array(z.strictObject({ file: z.string(), says: z.string().default('') })).default([]),
  /** Such a file that the story begins with. */
  firstFrame: z.string().optional(),
  /** Nominal denoising steps; the model's own by default. */
  steps: z.array(z.number()).optional(),
});
const jobSchema = z.strictObject({
  id: z.string().regex(/^[\w.+-]+$/),
  line: z.array(chunkSchema).min(1),
  /** Float32 latents of the first chunks of the line, one after another; these are taken as they are. */
  given: z.string().optional(),
  /** Decodes the given latents instead of making anything. */
  decodeOnly: z.boolean().default(false),
  /** Other chunks in place of those that follow the first `after` of the line. */
  branches: z
    .array(z.strictObject({ id: z.string().regex(/^[\w.+-]+$/), after: z.int().min(1), chunk: chunkSchema }))
    .default([]),
});
const batchSchema = z.strictObject({
  modelFolder: z.string(),
  out: z.string(),
  threads: z.int().min(1).default(2),
  jobs: z.array(jobSchema),
});
type BatchJob = z.infer<typeof jobSchema>;
type BatchChunk = z.infer<typeof chunkSchema>;

/** One job at a time, told to one engine. */
class BatchRun {
  readonly #engine: EngineClient;
  readonly #latents: Map<string, Float32Array>;
  readonly #pictures: Map<string, string>;
  readonly #out: string;

  constructor(engine: EngineClient, latents: Map<string, Float32Array>, pictures: Map<string, string>, out: string) {
    this.#engine = engine;
    this.#latents = latents;
    this.#pictures = pictures;
    this.#out = out;
  }

  async run(job: BatchJob): Promise<void> {
    this.#latents.clear();
    const given = this.#given(job);
    if (job.decodeOnly) return this.#decode(job, given);
    const line: Ancestor[] = this.#asTheApp(job.line).map((chunk, i) => ({
      key: `${job.id}/${i}`,
      recipe: this.#recipe(chunk, i),
    }));
    for (const [i, latents] of given.entries()) this.#latents.set(`${job.id}/${i}`, latents);
    const records: object[] = [];
    const frames: Uint8Array[] = [];
    const make = async (id: string, ancestors: readonly Ancestor[], chunk: Ancestor): Promise<ChunkResult> => {
      const startedAt = performance.now();
      const result = await this.#engine.renderChunk({ ...chunk, ancestors });
      const { spatial: _spatial, pull: _pull, ...record } = result.record;
      const totalMs = performance.now() - startedAt;
      const { stateBytes } = reach([result.record], this.#engine.info);
      records.push({ id, totalMs, stateBytes, contextTokens: contextTokens(result.record, this.#engine.info), record });
      return result;
    };
    for (let i = given.length; i < line.length; i++) {
      const chunk = line[i] as Ancestor;
      const result = await make(job.id, line.slice(0, i), chunk);
      this.#latents.set(chunk.key, result.latents);
      frames.push(result.frames);
    }
    // The longest first: the memory then stands at its end and goes back by stored states.
    for (const branch of [...job.branches].sort((a, b) => b.after - a.after)) {
      const chunk = { key: `${job.id}/${branch.id}`, recipe: this.#recipe(branch.chunk, branch.after) };
      const { frames: own } = await make(branch.id, line.slice(0, branch.after), chunk);
      writeFileSync(join(this.#out, `${branch.id}.rgb`), own);
    }
    if (frames.length > 0) writeFileSync(join(this.#out, `${job.id}.rgb`), Buffer.concat(frames));
    this.#finish(job, records);
  }

  /** A line with its beginnings and its prompts as the app makes them, where that is left to it. */
  #asTheApp(line: readonly BatchChunk[]): BatchChunk[] {
    let scene: Scene | null = null;
    const { info } = this.#engine;
    const teller = new Teller('completed', info);
    return line.map((chunk) => {
      const begun = beginShot(scene, chunk.prompt, info.scene ?? null);
      scene = begun.scene;
      return {
        ...chunk,
        transition: chunk.transition === 'automatic' ? begun.beginning.transition : chunk.transition,
        prompt: teller.tell({ prompt: chunk.prompt, told: chunk.completed ? undefined : 'as-written' }),
      };
    });
  }

  #given({ given }: BatchJob): Float32Array[] {
    if (given === undefined) return [];
    const { latent, chunkFrames } = this.#engine.info;
    const bytes = readFileSync(given);
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const size = chunkFrames * latent.channels * latent.height * latent.width;
    return Array.from({ length: Math.floor(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
  }

  async #decode(job: BatchJob, given: readonly Float32Array[]): Promise<void> {
    const frames: Uint8Array[] = [];
    await this.#engine.decode(given, (_, chunk) => {
      frames.push(chunk.slice());
    });
    writeFileSync(join(this.#out, `${job.id}.rgb`), Buffer.concat(frames));
    this.#finish(job, []);
  }

  #recipe(
    { prompt, seed, transition, memory, steps, pictures, firstFrame }: BatchChunk,
    chunkIndex: number,
  ): ChunkRecipe {
    const { info } = this.#engine;
    return {
      chunkIndex,
      prompt,
      seed,
      transition: chunkIndex === 0 || transition === 'automatic' ? 'continue' : transition,
      sampler: steps ? { ...info.sampler, steps } : info.sampler,
      memory: { ...askedMemory(info, memory, 'the batch'), pins: memory.pins ?? [], bans: memory.bans ?? [] },
      ...(pictures.length === 0
        ? {}
        : {
            pictures: pictures.map(({ file, says }) => ({
              ...this.#picture(file),
              name: 'picture',
              says,
              pinned: true,
            })),
          }),
      ...(firstFrame === undefined ? {} : { firstFrame: this.#picture(firstFrame) }),
    };
  }

  #picture(file: string): { readonly asset: string; readonly encoder: string } {
    const { encoder, name } = this.#engine.info;
    if (typeof encoder !== 'string') throw new Error(`${name} has no encoder`);
    const asset = createHash('sha256').update(readFileSync(file)).digest('hex');
    this.#pictures.set(asset, file);
    return { asset, encoder };
  }

  #finish(job: BatchJob, records: readonly object[]): void {
    const path = join(this.#out, `${job.id}.json`);
    writeFileSync(`${path}.part`, JSON.stringify(records));
    renameSync(`${path}.part`, path);
  }
}

async function main(path: string | undefined): Promise<void> {
  if (path === undefined) throw new Error('Name a batch: node scripts/render-batch.ts batch.json');
  const batch = batchSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  mkdirSync(batch.out, { recursive: true });
  const missing = batch.jobs.filter(({ id }) => !existsSync(join(batch.out, `${id}.json`)));
  if (missing.length === 0) return;
  const latents = new Map<string, Float32Array>();
  const pictures = new Map<string, string>();
  const cacheFile = join(batch.out, `states-${process.pid}.sqlite`); // several may write to one folder
  removeStates(cacheFile);
  const engine = await EngineClient.start({
    modelFolder: batch.modelFolder,
    device: 'cpu',
    threads: batch.threads,
    cacheFile,
    latentsOf: (key) => latents.get(key) ?? null,
    pictureOf: (asset) => {
      const file = pictures.get(asset);
      return file === undefined ? null : readFileSync(file);
    },
  });
  try {
    const run = new BatchRun(engine, latents, pictures, batch.out);
    for (const [i, job] of missing.entries()) {
      await run.run(job);
      console.log(`${i + 1} of ${missing.length}: ${job.id}`);
    }
  } finally {
    await engine.dispose();
    removeStates(cacheFile);
  }
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof ThroughlineError ? `${error.message}\n${error.hint}` : error);
  process.exitCode = 2;
});

/** States belong to one run: keys here are no hashes. */
function removeStates(cacheFile: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(cacheFile + suffix, { force: true });
}
