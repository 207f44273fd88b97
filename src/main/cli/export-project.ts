import { basename, dirname, join } from 'node:path';
import type { ExportTarget } from '../../shared/api/types.ts';
import type { FilmRange } from '../../shared/edit/film-frames.ts';
import { rangeOf } from '../../shared/edit/film-point.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import type { ShotId } from '../../shared/project/document.ts';
import { cutsOf, pathTo } from '../../shared/project/tree.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { AnyFormat, Written } from '../export/index.ts';
import { fileNameOf, lookAtTarget } from '../files/index.ts';
import { EventHub } from '../studio/event-hub.ts';
import { editOfFilm, spansOfFilm } from '../studio/export/edit-of-film.ts';
import type { EngineUser } from '../studio/export/film-frames.ts';
import { rangeNotes, requireShown } from '../studio/export/film-part.ts';
import { exportWarnings, type FilmPlan, planFilms } from '../studio/export/film-plan.ts';
import { soundOfFilm } from '../studio/export/film-sound.ts';
import { writeExport } from '../studio/export/write-export.ts';
import { OpenProject } from '../studio/project/open-project.ts';
import { type ExportCommand, type ExportFlags, fpsOf } from './export-options.ts';
import { makeOnFarm } from './farm-project.ts';
import type { OwnedEngine } from './services.ts';

/** Writes the cut of a project that was asked for, from what is stored; what is missing is made on a farm, or not at all. */
export async function exportProject(command: ExportCommand, format: AnyFormat, options: unknown): Promise<Written[]> {
  const { path, flags, services, progress, signal } = command;
  const project = await OpenProject.open(path, new EventHub(() => []));
  const opened: OwnedEngine[] = [];
  try {
    // Loaded when it is first asked for: a film of another model is read from its pictures.
    const engines: EngineUser = {
      use: async (work) => {
        if (opened.length === 0) {
          progress.stage('loading the model');
          const engine = await services.startEngine({
            modelFolder: flags.model,
            ...(project.document.frameSize ? { wantedFrameSize: project.document.frameSize } : {}),
            device: flags.device,
            precision: flags.precision,
            ...(flags.threads ? { threads: flags.threads } : {}),
            kvStorage: flags.kv,
            cacheFile: join(flags.cache, 'kv.sqlite'),
            latentsOf: () => null,
            onNotice: () => {},
            signal,
          });
          opened.push(engine);
        }
        return work(opened[0] as OwnedEngine, () => {});
      },
    };
    const target = targetOf(project, flags);
    if (flags.farm !== undefined) await makeOnFarm(command, project, engines, shotsOf(project, target));
    const model = project.model;
    if (!model) {
      throw new ThroughlineError(
        'bad-input',
        'Nothing was generated in this project yet, so it is not known which model it is for.',
        'Open it in the editor and generate a shot first.',
      );
    }
    const films = planFilms(project, model, target).filter(
      ({ shots }) => format.needs === 'plan' || shots.some(({ keys }) => keys.length > 0),
    );
    if (films.length === 0) {
      throw new ThroughlineError('bad-input', 'There is nothing to export yet.', 'Generate at least one chunk first.');
    }
    const written: Written[] = [];
    for (const film of films) {
      progress.stage(`writing ${film.name || project.document.title}`);
      const title = films.length > 1 ? `${project.document.title} - ${film.name}` : project.document.title;
      const place = await lookAtTarget(pathOf(flags.out, film, films.length, format.ending), true);
      const fps = fpsOf(flags, format);
      const range = rangeOfFilm(film, model, flags, fps);
      if (range) requireShown(film, model, range, format.needs);
      const made = await writeExport({
        ...{ format, options, project, model, signal },
        target: place,
        ...editOfFilm(film, title, model, fps, range),
        sound: soundOfFilm(film, project, model, range),
        engines,
        onChunk: () => {},
      });
      written.push({
        ...made,
        notes: [...(range ? rangeNotes(film, model, range) : warningsOf(project, model, target)), ...made.notes],
      });
    }
    return written;
  } finally {
    progress.clear();
    await opened[0]?.dispose();
    await project.close();
  }
}

function shotsOf({ document }: OpenProject, target: ExportTarget): ShotId[] {
  const shots = target.kind === 'cut' ? pathTo(document, target.leaf) : document.shots;
  return shots.map(({ id }) => id);
}

/** The part of a cut that `--from` and `--to` name; null: all of it. */
function rangeOfFilm(
  film: FilmPlan,
  model: ModelInfo,
  { from, to }: ExportFlags,
  fps: number | null,
): FilmRange | null {
  const modelFps = model.video.fps;
  return rangeOf(from ?? null, to ?? null, {
    spans: spansOfFilm(film, model),
    numbers: film.shots.map(({ shot }, i) => shot.fields?.number || String(i + 1)),
    ...{ modelFps, fps: fps ?? modelFps },
  });
}

function targetOf(project: OpenProject, { cut: name, everyCut: every, from, to }: ExportFlags): ExportTarget {
  const cuts = cutsOf(project.document);
  if (every && (from !== undefined || to !== undefined)) {
    throw new ThroughlineError(
      'bad-input',
      'Each cut has its own frames, so --from and --to cannot be meant for every cut.',
      'Name one with --cut.',
    );
  }
  if (every) return { kind: 'every-cut' };
  const cut = name === undefined ? cuts[0] : cuts.find((candidate) => candidate.name === name);
  if (cut) return { kind: 'cut', leaf: cut.leaf };
  throw new ThroughlineError(
    'bad-input',
    name === undefined ? 'This project has no shots.' : `There is no cut named "${name}" in this project.`,
    cuts.length > 0 ? `Its cuts are: ${cuts.map((candidate) => candidate.name).join(', ')}.` : 'Add one first.',
  );
}

function warningsOf(project: OpenProject, model: ModelInfo, target: ExportTarget): string[] {
  const { missing, stale, held } = exportWarnings(project, model, target);
  const shots = (ids: readonly ShotId[]): string => (ids.length === 1 ? 'One shot is' : `${ids.length} shots are`);
  return [
    ...(missing.length > 0 ? [`${shots(missing)} not made, and left out.`] : []),
    ...(stale.length > 0 ? [`${shots(stale)} stale: an older result is used.`] : []),
    ...(held.length > 0 ? [`${shots(held)} pinned to older results.`] : []),
  ];
}

function pathOf(out: string, film: FilmPlan, films: number, ending: string): string {
  if (films === 1) return out;
  const stem = basename(out, ending);
  return join(dirname(out), `${fileNameOf(`${stem} - ${film.name}`)}${ending}`);
}
