import { nanoid } from 'nanoid';
import { ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import type { DecodeStream, ModelInfo } from '../../../shared/render.ts';
import { temporalStride } from '../../../shared/timing.ts';
import type { ChunkEngine } from '../generation/chunk-engine.ts';
import { framesOfStrip } from '../project/content/pictures.ts';
import type { OpenProject } from '../project/open-project.ts';
import { isCancelled } from '../shown-error.ts';
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
 * Decodes a film afresh from its latents, where the engine has the model that made all of it. A film of another model, or
 * of several, is read from the pictures that were stored when it was made, which are the same to the bit.
 * @throws ThroughlineError `export-failed` if a chunk was cleaned up meanwhile, or has no pictures and its model is not there;
 *   whatever the engine or `onChunk` throw
 */
export async function forEachChunk(options: FilmFramesOptions): Promise<void> {
  const { film, project, model, signal, onChunk } = options;
  const shotOf = film.shots.flatMap(({ keys }, shot) => keys.map(() => shot));
  const line = [...film.before, ...film.shots.flatMap(({ keys }) => keys)];
  const past = Math.ceil(model.decoderMemoryFrames / model.chunkFrames);
  const id = nanoid();
  let decodes = line.every((key) => isMadeWith(project, key, model));
  for (let at = film.before.length; at < line.length; at += chunksAtOnce) {
    const from = Math.max(0, at - past);
    const to = Math.min(line.length, at + chunksAtOnce);
    const stream: DecodeStream = { id, at, before: at - from, last: to === line.length };
    const decoded = decodes ? await decode(options, line.slice(from, to), stream) : null;
    decodes = decoded !== null; // an engine that could not read one part cannot read the next
    for (const { i, frames, frameCount } of decoded ?? []) {
      const shot = shotOf[from + i - film.before.length];
      if (from + i < at || shot === undefined) continue;
      throwIfCancelled(signal, 'The export');
      await onChunk(shot, frames, frameCount);
    }
    for (let i = at; !decoded && i < to; i++) {
      throwIfCancelled(signal, 'The export');
      const { frames, frameCount } = await storedFrames(options, line[i] as string, i === 0);
      await onChunk(shotOf[i - film.before.length] as number, frames, frameCount);
    }
  }
}

/** Whether a chunk can be decoded by this model. What cannot be told is taken for its work. */
function isMadeWith({ chunks }: OpenProject, key: string, { digest, video }: ModelInfo): boolean {
  const made = chunks.get(key)?.madeWith;
  return !made || (made.digest === digest && made.width === video.width && made.height === video.height);
}

/** A chunk's frames as they were decoded when it was made, so many as its place in the film has. */
async function storedFrames(
  { project, model }: FilmFramesOptions,
  key: string,
  isFirst: boolean,
): Promise<Omit<Decoded, 'i'>> {
  const { width, height } = model.video;
  const summary = project.chunks.get(key);
  const strip = summary && (await project.store.media(key, 'strip.webp'));
  if (!strip) throw summary ? needsDecoder(project, summary.madeWith?.digest ?? model.digest) : cleanedUp();
  const stored = await framesOfStrip(strip, summary.frameCount, model.video);
  const frameCount = model.chunkFrames * temporalStride - (isFirst ? temporalStride - 1 : 0);
  if (frameCount === summary.frameCount) return { frames: stored, frameCount };
  // It was made at another place of a story: the film's first chunk alone is shorter, by frames at its beginning.
  const frameBytes = width * height * 3;
  const frames = new Uint8Array(frameCount * frameBytes);
  for (let i = 0; i < frameCount; i++) {
    const from = Math.max(0, i + summary.frameCount - frameCount) * frameBytes;
    frames.set(stored.subarray(from, from + frameBytes), i * frameBytes);
  }
  return { frames, frameCount };
}

function needsDecoder(project: OpenProject, digest: string): ThroughlineError {
  const name = project.modelWithDigest(digest)?.name ?? project.document.model?.name ?? 'the model that made it';
  return new ThroughlineError(
    'export-failed',
    `Pictures of this film are missing in the project, and only the decoder of ${name} can draw them.`,
    `Use ${name} (Models…), and export again.`,
  );
}

interface Decoded {
  /** Index among the chunks given. */
  readonly i: number;
  readonly frames: Uint8Array;
  readonly frameCount: number;
}

/**
 * Frames of a row of chunks. An engine that dies over them is started again, unless they keep dying.
 * @returns null where there is no engine with that model
 */
async function decode(
  { project, engines, model, signal }: FilmFramesOptions,
  keys: readonly string[],
  stream: DecodeStream,
): Promise<Decoded[] | null> {
  const latents = await Promise.all(keys.map((key) => latentsOf(project, key)));
  while (true) {
    const decoded: Decoded[] = [];
    let began = false;
    try {
      const isDone = await engines.use(
        async (engine, alive) => {
          began = true;
          // Other settings start another engine; another model could not read these.
          if (engine.info.digest !== model.digest || !sameSize(engine.info.video, model.video)) return false;
          await engine.decode(
            latents,
            (i, frames, frameCount) => {
              alive();
              decoded.push({ i, frames, frameCount });
            },
            signal,
            stream,
          );
          return true;
        },
        { signal },
      );
      return isDone ? decoded : null;
    } catch (error) {
      if (!began && !isCancelled(error)) return null; // no model can be loaded, and whoever tried to has said why
      const died = error instanceof ThroughlineError && error.code === 'engine-died';
      if (!died || !engines.mayRestart) throw error;
    }
  }
}

function sameSize(a: ModelInfo['video'], b: ModelInfo['video']): boolean {
  return a.width === b.width && a.height === b.height;
}

async function latentsOf(project: OpenProject, key: string): Promise<Float32Array> {
  const latents = await project.store.latents(key);
  if (!latents) throw cleanedUp();
  return latents;
}

function cleanedUp(): ThroughlineError {
  return new ThroughlineError('export-failed', 'A chunk of this film was cleaned up meanwhile.', 'Export again.');
}
