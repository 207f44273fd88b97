import { ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { temporalStride } from '../../../shared/timing.ts';
import { type Chapter, openFilm } from '../../export/index.ts';
import type { Target } from '../../files/index.ts';
import type { EngineKeeper } from '../generation/engine-keeper.ts';
import type { OpenProject } from '../project/open-project.ts';
import type { FilmPlan } from './film-plan.ts';

/** Chunks decoded at one go: between two goes the queue has its turn at the engine. */
const chunksAtOnce = 8;

export interface WriteFilmOptions {
  readonly film: FilmPlan;
  /** Where it goes, as it was when the person asked for it. */
  readonly target: Target;
  readonly title: string;
  readonly height: number;
  readonly project: OpenProject;
  readonly keeper: EngineKeeper;
  readonly model: ModelInfo;
  readonly signal: AbortSignal;
  readonly onChunk: () => void;
}

/**
 * Decodes a film afresh from its latents and writes it; the file appears only when it is whole.
 * @returns where it is: elsewhere than asked for where another file appeared there meanwhile
 */
export async function writeFilm(options: WriteFilmOptions): Promise<string> {
  const { film, target, title, height, project, keeper, model, signal, onChunk } = options;
  const keys = film.shots.flatMap((shot) => shot.keys);
  if (keys.length === 0) {
    throw new ThroughlineError('bad-input', `"${film.name || title}" has nothing to export yet.`, 'Generate it first.');
  }
  const line = [...film.before, ...keys];
  const past = Math.ceil(model.decoderMemoryFrames / model.chunkFrames);
  const writer = await openFilm({
    path: target,
    source: model.video,
    fps: model.video.fps,
    targetHeight: height,
    metadata: { title, chapters: chapters(film, model) },
    signal,
  });
  try {
    for (let at = film.before.length; at < line.length; at += chunksAtOnce) {
      const from = Math.max(0, at - past);
      const to = Math.min(line.length, at + chunksAtOnce);
      const latents = await Promise.all(line.slice(from, to).map((key) => latentsOf(project, key)));
      const decoded: { frames: Uint8Array; frameCount: number }[] = [];
      await keeper.use(
        (engine, alive) =>
          engine.decode(
            latents,
            (index, frames, frameCount) => {
              alive();
              if (from + index >= at) decoded.push({ frames, frameCount });
            },
            signal,
          ),
        { signal },
      );
      for (const { frames, frameCount } of decoded) {
        throwIfCancelled(signal, 'The export');
        await writer.addFrames(frames, frameCount);
        onChunk();
      }
    }
    return (await writer.finish()).path;
  } finally {
    await writer.abort();
  }
}

async function latentsOf(project: OpenProject, key: string): Promise<Float32Array> {
  const latents = await project.store.latents(key);
  if (!latents)
    throw new ThroughlineError('export-failed', 'A chunk of this film was cleaned up meanwhile.', 'Export again.');
  return latents;
}

/** A chapter for each shot that is seen. */
function chapters({ before, shots }: FilmPlan, { chunkFrames, video }: ModelInfo): Chapter[] {
  const perChunk = chunkFrames * temporalStride;
  let frames = 0;
  return shots
    .filter(({ keys }) => keys.length > 0)
    .map(({ title, keys }) => {
      const startSec = frames / video.fps;
      const shorter = frames === 0 && before.length === 0 ? temporalStride - 1 : 0;
      frames += keys.length * perChunk - shorter;
      return { title, startSec };
    });
}
