import { nanoid } from 'nanoid';
import { ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import type { DecodeStream, ModelInfo } from '../../../shared/render.ts';
import type { ChunkEngine } from '../generation/chunk-engine.ts';
import type { OpenProject } from '../project/open-project.ts';
import type { FilmPlan, FilmShot } from './film-plan.ts';

/** Chunks decoded at one go: between two goes the queue has its turn at the engine. */
const chunksAtOnce = 8;

/** Whoever lends an engine for a piece of work. */
export interface EngineUser {
  use<T>(
    work: (engine: ChunkEngine, alive: () => void) => Promise<T>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<T>;
  /** Whether one that died is started again by the next use; by default it is not. */
  readonly mayRestart?: boolean;
}

export interface FilmFramesOptions {
  readonly film: Pick<FilmPlan, 'before'> & { readonly shots: readonly Pick<FilmShot, 'keys'>[] };
  readonly project: OpenProject;
  readonly engines: EngineUser;
  readonly model: ModelInfo;
  readonly signal: AbortSignal;
  /**
   * Takes a chunk's frames, [frameCount, height, width, 3], in order; decoding waits for it.
   * @param shot index of its shot in the film
   */
  readonly onChunk: (shot: number, frames: Uint8Array, frameCount: number) => Promise<void>;
}

/**
 * Decodes a film afresh from its latents.
 * @throws ThroughlineError `export-failed` if a chunk was cleaned up meanwhile; whatever the engine or `onChunk` throw
 */
export async function forEachChunk(options: FilmFramesOptions): Promise<void> {
  const { film, project, engines, model, signal, onChunk } = options;
  const shotOf = film.shots.flatMap(({ keys }, shot) => keys.map(() => shot));
  const line = [...film.before, ...film.shots.flatMap(({ keys }) => keys)];
  const past = Math.ceil(model.decoderMemoryFrames / model.chunkFrames);
  const id = nanoid();
  for (let at = film.before.length; at < line.length; at += chunksAtOnce) {
    const from = Math.max(0, at - past);
    const to = Math.min(line.length, at + chunksAtOnce);
    const latents = await Promise.all(line.slice(from, to).map((key) => latentsOf(project, key)));
    const stream: DecodeStream = { id, at, before: at - from, last: to === line.length };
    for (const { i, frames, frameCount } of await decode(engines, model, latents, stream, signal)) {
      const shot = shotOf[from + i - film.before.length];
      if (from + i < at || shot === undefined) continue;
      throwIfCancelled(signal, 'The export');
      await onChunk(shot, frames, frameCount);
    }
  }
}

interface Decoded {
  /** Index among the chunks given. */
  readonly i: number;
  readonly frames: Uint8Array;
  readonly frameCount: number;
}

/** Frames of a row of chunks. An engine that dies over them is started again, unless they keep dying. */
async function decode(
  engines: EngineUser,
  model: ModelInfo,
  latents: readonly Float32Array[],
  stream: DecodeStream,
  signal: AbortSignal,
): Promise<Decoded[]> {
  while (true) {
    const decoded: Decoded[] = [];
    try {
      await engines.use(
        (engine, alive) => {
          // Other settings start another engine; another model could not read these.
          if (engine.info.digest !== model.digest) throw modelChanged();
          return engine.decode(
            latents,
            (i, frames, frameCount) => {
              alive();
              decoded.push({ i, frames, frameCount });
            },
            signal,
            stream,
          );
        },
        { signal },
      );
      return decoded;
    } catch (error) {
      const died = error instanceof ThroughlineError && error.code === 'engine-died';
      if (!died || !engines.mayRestart) throw error;
    }
  }
}

function modelChanged(): ThroughlineError {
  return new ThroughlineError('export-failed', 'The model was changed while the film was made.', 'Export again.');
}

async function latentsOf(project: OpenProject, key: string): Promise<Float32Array> {
  const latents = await project.store.latents(key);
  if (!latents)
    throw new ThroughlineError('export-failed', 'A chunk of this film was cleaned up meanwhile.', 'Export again.');
  return latents;
}
