import { setImmediate as breathe } from 'node:timers/promises';
import { openProjectFile, type ProjectStore } from '../src/main/persistence/index.ts';
import { chunkMedia } from '../src/main/studio/project/content/pictures.ts';
import { emptyDocument } from '../src/shared/project/apply-command.ts';
import type { ProjectDocument, ProjectShot } from '../src/shared/project/document.ts';
import { planProject } from '../src/shared/project/plan.ts';
import { cutsOf } from '../src/shared/project/tree.ts';
import type { ModelInfo } from '../src/shared/render.ts';
import { pixelFramesOfChunk } from '../src/shared/timing.ts';
import { fakeRecord } from '../tests/fakes/fake-engine.ts';

export interface BigProject {
  readonly file: string;
  readonly document: ProjectDocument;
  /** A cut of its own with all its results, short enough to be exported. */
  readonly trailer: string;
  readonly trailerChunks: number;
  /** The last shot of another, whose chunks are all missing: something to generate. */
  readonly unmade: string;
  readonly chunks: number;
}

/** What the project is made of, in shots; five chunks a shot in the mean. */
export interface BigProjectSize {
  readonly main: number;
  readonly branches: number;
  readonly shotsPerBranch: number;
}

/** 1,000 shots, 5,000 chunks. */
export const thousandShots: BigProjectSize = { main: 500, branches: 48, shotsPerBranch: 10 };

const trailerShots = 8;
const unmadeShots = 12;
const who = ['A red cat', 'The white robot', 'A blue bird', 'The old man'];
const does = ['walks', 'jumps', 'sleeps', 'runs'];
const where = ['in the meadow', 'in the city at night', 'by the sea', 'in the snow'];
/** Different pictures that the chunks share in turn. */
const differentPictures = 24;
/** From here on a record names as many candidates as memory keeps. */
const fullMemory = 66;
const createdAt = '2026-01-01T00:00:00Z';

/** The story: a main cut, branches along it, and two short stories of their own. Ids and seeds are fixed. */
function bigDocument({ main, branches, shotsPerBranch }: BigProjectSize): ProjectDocument {
  const shots: ProjectShot[] = [];
  const add = (parent: string | null): string => {
    const i = shots.length;
    const id = `shot-${String(i).padStart(5, '0')}`;
    const prompt = `${who[i % 4]} ${does[(i >> 2) % 4]} ${where[(i >> 4) % 4]}.`;
    const own = { id, parent, name: '', prompt, chunks: 3 + (i % 5), seed: i + 1, seedLocked: false };
    shots.push({ ...own, transition: i % 9 === 8 ? 'cut' : 'continue', memory: {}, held: null });
    return id;
  };
  const run = (from: string | null, count: number): void => {
    for (let i = 0, parent = from; i < count; i++) parent = add(parent);
  };
  run(null, main);
  for (let branch = 0; branch < branches; branch++) {
    run(shots[Math.floor(((branch + 1) * main) / (branches + 1))]?.id ?? null, shotsPerBranch);
  }
  run(null, trailerShots);
  run(null, unmadeShots);
  return { ...emptyDocument('A thousand shots'), shots };
}

/**
 * Writes a project with its results, through the same file that the editor writes: keys as `model` gives them, small
 * pictures, records and latents of the right shape. What they show means nothing.
 */
export async function writeBigProject(file: string, model: ModelInfo, size: BigProjectSize): Promise<BigProject> {
  const document = bigDocument(size);
  const [trailer, unmade] = cutsOf(document).slice(-2);
  if (!trailer || !unmade) throw new Error('The big project has no trailer');
  const missing = new Set(unmade.shots.map(({ id }) => id));
  const store = await openProjectFile(file, JSON.stringify(document));
  try {
    const made = document.shots.filter(({ id }) => !missing.has(id));
    await writeChunks(store, { ...document, shots: made }, model);
  } finally {
    await store.close();
  }
  const sum = (shots: readonly ProjectShot[]): number => shots.reduce((chunks, shot) => chunks + shot.chunks, 0);
  const chunks = sum(document.shots);
  return { file, document, trailer: trailer.leaf, trailerChunks: sum(trailer.shots), unmade: unmade.leaf, chunks };
}

async function writeChunks(store: ProjectStore, document: ProjectDocument, model: ModelInfo): Promise<void> {
  const plan = planProject(document, model);
  const pictures = await Promise.all([0, 1].map((first) => picturesOf(model, first)));
  const { digest, numericsVersion, video, kvStorage, latent } = model;
  const latents = new Float32Array(model.chunkFrames * latent.channels * latent.height * latent.width);
  for (let i = 0; i < latents.length; i++) latents[i] = Math.sin(i * 0.7);
  for (const shot of document.shots) {
    const chunks = plan.chunksOf(shot.id);
    const keys = chunks.map(({ key }) => key);
    for (const { key, recipe, indexInShot } of chunks) {
      const { chunkIndex } = recipe;
      const parentKey = chunkIndex === 0 ? null : (keys[indexInShot - 1] ?? lastKeyOf(shot.parent, plan));
      const record = fakeRecord({ recipe: { ...recipe, chunkIndex: Math.min(chunkIndex, fullMemory) } });
      const isLast = indexInShot === chunks.length - 1;
      const { id: shotId, prompt, seed } = shot;
      await store.putChunk(
        {
          ...{ key, parentKey, recipe, latents, device: model.device, elapsedMs: 350 },
          model: { digest, numericsVersion, video, kvStorage },
          parentLatentsDigest: null,
          record: { ...record, chunkIndex, firstFrame: chunkIndex * model.chunkFrames },
        },
        pixelFramesOfChunk(chunkIndex, model.chunkFrames),
        (pictures[chunkIndex === 0 ? 0 : 1] as NonNullable<(typeof pictures)[0]>)[
          (chunkIndex + seed) % differentPictures
        ] ?? [],
        isLast ? { id: `take-of-${shotId}`, shotId, prompt, seed, keys, createdAt } : null,
      );
    }
  }
}

function lastKeyOf(shot: string | null, plan: ReturnType<typeof planProject>): string | null {
  return shot === null ? null : (plan.chunksOf(shot).at(-1)?.key ?? null);
}

/** Soft gradients, so that they take little room. @param index 0 for a story's first chunk, which is shorter */
async function picturesOf({ video: { width, height }, chunkFrames }: ModelInfo, index: number) {
  const frameCount = pixelFramesOfChunk(index, chunkFrames);
  const pictures: Awaited<ReturnType<typeof chunkMedia>>[] = [];
  for (let n = 0; n < differentPictures; n++) {
    const frames = new Uint8Array(frameCount * height * width * 3);
    for (let at = 0, i = 0; at < frames.length; at += 3, i++) {
      const row = Math.floor(i / width) % height;
      frames[at] = (n * 41) % 256;
      frames[at + 1] = (row + n * 13) % 256;
      frames[at + 2] = ((i % width) + n * 7) % 256;
    }
    pictures.push(await chunkMedia({ frames, frameCount }, { width, height }));
    await breathe();
  }
  return pictures;
}
