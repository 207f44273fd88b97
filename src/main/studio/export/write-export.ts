import type { EditPlan } from '../../../shared/edit/edit-plan.ts';
import { throwIfCancelled } from '../../../shared/errors.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { ShotFrames } from '../../../shared/trim.ts';
import type { AnyFormat, FilmFrame, FilmSound, Written } from '../../export/index.ts';
import { type Target, writeFileAtomically } from '../../files/index.ts';
import type { OpenProject } from '../project/open-project.ts';
import { type EngineUser, forEachChunk } from './film-frames.ts';
import type { FilmPlan } from './film-plan.ts';
import { soundFilesNote, soundMediaOf, withSounds } from './film-sound.ts';
import { filesOf, withPictureData } from './plan-pictures.ts';

export interface WriteExportOptions {
  readonly format: AnyFormat;
  /** The format's own options, as they came; the format parses them. */
  readonly options: unknown;
  /** Where it goes, as it was when the person asked for it. */
  readonly target: Target;
  readonly film: FilmPlan;
  readonly plan: EditPlan;
  /** Frames of each of the plan's shots, at the model's rate. */
  readonly frames: readonly ShotFrames[];
  /** What is heard, as {@link soundOfFilm} has it. */
  readonly sound: FilmSound;
  readonly project: OpenProject;
  readonly engines: EngineUser;
  readonly model: ModelInfo;
  readonly signal: AbortSignal;
  readonly onChunk: () => void;
}

/**
 * Writes one film in one format. What is written appears whole, or not at all. A format that needs the plan alone touches
 * neither model nor pictures.
 */
export async function writeExport(options: WriteExportOptions): Promise<Written> {
  const { format, target, signal, film, project, engines, model, frames, sound } = options;
  const heard = withSounds(options.plan, sound.sounds, soundMediaOf(project));
  const plan = format.hasPictures ? await withPictureData(heard, filesOf(project)) : heard;
  const job = { target, plan, options: options.options, signal };
  if (format.needs === 'plan') {
    return {
      path: await writeFileAtomically(target, format.write(job)),
      notes: [...format.notes(plan), ...(format.hasSounds ? soundFilesNote(plan) : [])],
    };
  }
  const { width, height } = model.video;
  const sink = await format.open({ ...job, source: model.video, frames, sound });
  const frameBytes = width * height * 3;
  /** Frames seen of each shot. */
  const seen = new Map<number, number>();
  try {
    await forEachChunk({
      ...{ film, project, engines, model, signal },
      onChunk: async (shot, rgb, frameCount) => {
        for (let i = 0; i < frameCount; i++) {
          throwIfCancelled(signal, 'The export');
          const index = seen.get(shot) ?? 0;
          seen.set(shot, index + 1);
          const part = partOf(frames[shot] as ShotFrames, index);
          await sink.add({ rgb: rgb.subarray(i * frameBytes, (i + 1) * frameBytes), shot, part });
        }
        options.onChunk();
      },
    });
    return await sink.finish();
  } finally {
    await sink.abort();
  }
}

/** Which part of its shot a frame belongs to. */
function partOf({ head, shown }: ShotFrames, index: number): FilmFrame['part'] {
  if (index < head) return 'head';
  return index < head + shown ? 'shown' : 'tail';
}
