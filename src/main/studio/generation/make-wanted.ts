import { nanoid } from 'nanoid';
import type { ChunkPhase, ChunkResult, ModelInfo } from '../../../shared/render.ts';
import { type MadeChunk, makeRuns, type PlannedRun, planRuns, type RunCall } from '../../farm/index.ts';
import type { EngineUser } from '../export/film-frames.ts';
import { chunkMedia, previewImage } from '../project/content/pictures.ts';
import type { OpenProject } from '../project/open-project.ts';
import type { WantedChunk } from './missing-chunks.ts';
import type { Workplace } from './workplace.ts';

export interface MakeWantedOptions {
  /** Parents first; what stands before them is there. */
  readonly wanted: readonly WantedChunk[];
  readonly place: Pick<Workplace, 'worker' | 'identity' | 'chunksAtMost'>;
  readonly project: OpenProject;
  readonly model: ModelInfo;
  /** Decode what comes without pictures. */
  readonly engines: EngineUser;
  readonly signal: AbortSignal;
  readonly onPhase: (wanted: WantedChunk, phase: ChunkPhase) => void;
  /** A data URL of a picture of what is being made, after so many denoising steps. */
  readonly onPreview: (key: string, step: number, image: string) => void;
  /** A chunk is committed. */
  readonly onMade: (wanted: WantedChunk) => void;
}

/**
 * Has chunks made, and commits each with its pictures, and with the take that it completes.
 * @throws what the place throws; CancelledError once `signal` is aborted; what was committed stays
 */
export async function makeWanted(options: MakeWantedOptions): Promise<void> {
  const { wanted, place, signal } = options;
  const tree = wanted.map(({ chunk: { key, recipe }, parentKey }) => ({ key, parentKey, recipe }));
  const runs = planRuns(tree, () => false, place);
  const byKey = new Map(wanted.map((one) => [one.chunk.key, one]));
  // A worker that is told to stop does not wait for what is being committed.
  const committing = new Set<Promise<void>>();
  const call = (run: PlannedRun): RunCall => {
    const { onChunk, ...rest } = callFor(run, byKey, options);
    return {
      ...rest,
      onChunk: (made) => {
        const one = onChunk(made).finally(() => committing.delete(one));
        committing.add(one);
        return one;
      },
    };
  };
  try {
    await makeRuns({ runs, worker: place.worker, callFor: call, signal });
  } finally {
    await Promise.allSettled(committing);
  }
}

function callFor({ chunks }: PlannedRun, byKey: ReadonlyMap<string, WantedChunk>, options: MakeWantedOptions): RunCall {
  const { project, model, onPhase, onMade } = options;
  const wantedAt = (key: string): WantedChunk => byKey.get(key) as WantedChunk;
  // As they are now: an edit while a run is made does not change what is made.
  const wholes = new Map(chunks.map(({ key }) => [key, wantedAt(key).whole()]));
  const ancestors = wantedAt((chunks[0] as PlannedRun['chunks'][number]).key).ancestors();
  return {
    ancestors: () => ancestors.map(({ key, recipe }) => ({ key, recipe })),
    digestOf: async (key) =>
      project.chunks.has(key) ? ((await project.store.chunk(key))?.latentsDigest ?? null) : null,
    onPhase: (key, phase) => onPhase(wantedAt(key), phase),
    onPreview: (key, step, frames, frameCount) => {
      // A picture that comes late or fails is not worth a word.
      previewImage(frames, frameCount, model.video).then(
        (image) => options.onPreview(key, step, image),
        () => {},
      );
    },
    onChunk: async (made) => {
      const { artifact } = made;
      const pictures = made.pictures ?? (await decoded(made, wantedAt(artifact.key), options));
      const media = await chunkMedia(pictures, artifact.model.video);
      const whole = wholes.get(artifact.key) ?? wantedAt(artifact.key).whole();
      await project.made.put(artifact, pictures.frameCount, media, whole);
      // Another machine hands over no pictures; its times say nothing of this one's.
      if (made.pictures) project.made.madeHereMs.set(artifact.key, artifact.elapsedMs);
      onMade(wantedAt(artifact.key));
    },
  };
}

/** The frames of a chunk that was made elsewhere, by this machine's decoder. */
async function decoded(
  { artifact }: MadeChunk,
  wanted: WantedChunk,
  { project, model, engines, signal }: MakeWantedOptions,
): Promise<Pick<ChunkResult, 'frames' | 'frameCount'>> {
  const past = Math.ceil(model.decoderMemoryFrames / model.chunkFrames);
  const line = wanted.ancestors();
  const before = line.slice(Math.max(0, line.length - past));
  const stored = await Promise.all(before.map(({ key }) => project.store.latents(key)));
  const latents = [...stored.filter((one) => one !== null), artifact.latents];
  let result: Pick<ChunkResult, 'frames' | 'frameCount'> | null = null;
  await engines.use(
    (engine, alive) =>
      engine.decode(
        latents,
        (index, frames, frameCount) => {
          alive();
          if (index === latents.length - 1) result = { frames: frames.slice(), frameCount };
        },
        signal,
        { id: nanoid(), at: line.length, before: latents.length - 1, last: true },
      ),
    { signal },
  );
  if (!result) throw new Error(`chunk ${artifact.key} was not decoded`);
  return result;
}
