import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { nanoid } from 'nanoid';
import type { ExportState, ExportTarget } from '../../../shared/api/types.ts';
import type { FilmRange } from '../../../shared/edit/film-frames.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { type AnyFormat, formatNamed } from '../../export/index.ts';
import { fileNameOf, lookAtTarget, makeFolder, type Target, unusedName } from '../../files/index.ts';
import type { EventHub } from '../event-hub.ts';
import type { EngineKeeper } from '../generation/engine-keeper.ts';
import { knownStoryModel } from '../models/story-model.ts';
import type { OpenProject } from '../project/open-project.ts';
import { isCancelled, shownError } from '../shown-error.ts';
import { type EditOfFilm, editOfFilm } from './edit-of-film.ts';
import { rangeNotes, requireShown } from './film-part.ts';
import { type FilmPlan, planFilms } from './film-plan.ts';
import { soundOfFilm } from './film-sound.ts';
import { writeExport } from './write-export.ts';

/** What is to be written, and how. */
export interface ExportWish {
  /** As {@link formatNamed} knows it. */
  readonly format: string;
  /** Frames a second; null: the model's own. */
  readonly fps: number | null;
  /** What of a cut is written, in frames at the model's rate; null: all of it. */
  readonly range: FilmRange | null;
  /** The format's own options. */
  readonly options: unknown;
}

interface Export {
  state: ExportState;
  readonly controller: AbortController;
  done: Promise<void>;
}

/** Exports being written, one after another, and those written since the program began. */
export class Exports {
  readonly #keeper: EngineKeeper;
  readonly #hub: EventHub;
  readonly #exports = new Map<string, Export>();
  #last: Promise<void> = Promise.resolve();

  constructor(keeper: EngineKeeper, hub: EventHub) {
    this.#keeper = keeper;
    this.#hub = hub;
  }

  get states(): ExportState[] {
    return [...this.#exports.values()].map(({ state }) => state);
  }

  /**
   * @param where the file, and whether the person was asked before one that is there is replaced; `file` null: a new
   *   file in `folder`
   * @throws ThroughlineError if there is nothing to export, or no model to decode it with
   */
  async start(
    project: OpenProject,
    target: ExportTarget,
    where: { readonly file: string | null; readonly mayReplace: boolean; readonly folder: string },
    wish: ExportWish,
  ): Promise<ExportState> {
    // It goes on whatever project is open meanwhile.
    const release = project.hold();
    try {
      return await this.#begin(project, target, where, wish, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  async #begin(
    project: OpenProject,
    target: ExportTarget,
    where: { readonly file: string | null; readonly mayReplace: boolean; readonly folder: string },
    wish: ExportWish,
    release: () => void,
  ): Promise<ExportState> {
    const format = formatNamed(wish.format);
    format.check(wish.options);
    const model = await this.#modelOf(project);
    await project.prepare(model);
    const films = planFilms(project, model, target).filter(
      ({ shots }) => format.needs === 'plan' || shots.some(({ keys }) => keys.length > 0),
    );
    if (films.length === 0) {
      throw new ThroughlineError('bad-input', 'There is nothing to export yet.', 'Generate at least one chunk first.');
    }
    if (wish.range) for (const film of films) requireShown(film, model, wish.range, format.needs);
    const { title } = project.document;
    const suggested = target.kind === 'shot' && films[0] ? `${title} - ${films[0].name}` : title;
    const files = namesOf(films, suggested, format.ending, where);
    const ours = new Set(this.states.flatMap((state) => state.files));
    for (const file of files) prepareFolder(dirname(file));
    // As they are now: what appears while the film is made is not what the person agreed to replace.
    const targets = await Promise.all(files.map((file) => lookAtTarget(file, where.mayReplace || ours.has(file))));
    const id = nanoid();
    const controller = new AbortController();
    const state: ExportState = {
      id,
      state: 'running',
      fraction: 0,
      secondsLeft: null,
      files,
      folders: [],
      notes: [],
      error: null,
    };
    const entry: Export = { state, controller, done: Promise.resolve() };
    this.#exports.set(id, entry);
    this.#hub.publish({ type: 'export', export: state });
    entry.done = this.#last.then(() => this.#run(entry, project, films, targets, format, wish).finally(release));
    this.#last = entry.done;
    return state;
  }

  cancel(id: string): void {
    this.#find(id).controller.abort();
  }

  /** Files of an export that is done. */
  files(id: string): readonly string[] {
    const { state } = this.#find(id);
    return state.state === 'done' ? state.files : [];
  }

  /** What is downloaded of an export that is done: its files, or its folders. */
  downloads(id: string): readonly { readonly place: string; readonly isFolder: boolean }[] {
    const { state } = this.#find(id);
    if (state.state !== 'done') return [];
    const isFolder = state.folders.length > 0;
    return (isFolder ? state.folders : state.files).map((place) => ({ place, isFolder }));
  }

  /** Cancels what is running and waits for it. */
  async close(): Promise<void> {
    for (const { controller } of this.#exports.values()) controller.abort();
    await this.#last;
  }

  /** Where the project knows its model, nothing is loaded to say what the film is: its pictures may be stored. */
  #modelOf(project: OpenProject): Promise<ModelInfo> {
    return knownStoryModel(project, this.#keeper);
  }

  async #run(
    entry: Export,
    project: OpenProject,
    films: readonly FilmPlan[],
    targets: readonly Target[],
    format: AnyFormat,
    { fps, range, options }: ExportWish,
  ): Promise<void> {
    const { controller } = entry;
    const startedAt = performance.now();
    let done = 0;
    try {
      const model = await this.#modelOf(project);
      const files: string[] = [];
      const folders: string[] = [];
      const notes: string[] = [];
      const edits = films.map((film): EditOfFilm => {
        const { title } = project.document;
        const isOneOfSeveral = films.length > 1 || film.before.length > 0;
        return editOfFilm(film, isOneOfSeveral ? `${title} - ${film.name}` : title, model, fps, range);
      });
      const chunks = edits.reduce((sum, { film }) => sum + chunksOf(film), 0);
      for (const [i, edit] of edits.entries()) {
        if (range) notes.push(...rangeNotes(films[i] as FilmPlan, model, range));
        const target = targets[i] as Target;
        const { path: place, notes: said } = await writeExport({
          ...{ format, options, target, project, engines: this.#keeper, model, signal: controller.signal },
          ...edit,
          sound: soundOfFilm(films[i] as FilmPlan, project, model, range),
          onChunk: () => {
            done++;
            const secondsLeft = ((performance.now() - startedAt) / 1000 / done) * (chunks - done);
            this.#set(entry, { fraction: done / chunks, secondsLeft });
          },
        });
        if (place !== target.path) this.#moved(entry, i, place);
        notes.push(...said.filter((note) => !notes.includes(note)));
        if (format.ending === '') folders.push(place);
        files.push(...(format.ending === '' ? await filesIn(place) : [place]));
      }
      this.#set(entry, { state: 'done', fraction: 1, secondsLeft: 0, files, folders, notes });
    } catch (error) {
      if (isCancelled(error)) this.#set(entry, { state: 'cancelled', secondsLeft: null });
      else this.#set(entry, { state: 'failed', secondsLeft: null, error: shownError(error) });
    }
  }

  /** Another file appeared in a film's place while it was made. */
  #moved(entry: Export, index: number, place: string): void {
    const asked = basename(entry.state.files[index] as string);
    this.#set(entry, { files: entry.state.files.with(index, place) });
    this.#hub.notice(
      'info',
      `A file named ${asked} appeared there meanwhile, so the film is ${basename(place)}.`,
      'Nothing was replaced.',
    );
  }

  #set(entry: Export, change: Partial<ExportState>): void {
    entry.state = { ...entry.state, ...change };
    this.#hub.publish({ type: 'export', export: entry.state });
  }

  #find(id: string): Export {
    const entry = this.#exports.get(id);
    if (!entry) throw new ThroughlineError('bad-input', 'There is no such export.', 'Export again.');
    return entry;
  }
}

function chunksOf({ shots }: FilmPlan): number {
  return shots.reduce((sum, { keys }) => sum + keys.length, 0);
}

/** Whoever writes there says what is wrong with it. */
function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch {}
}

async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}

/** One film takes the name that was chosen; of several, each adds its own. */
function namesOf(
  films: readonly FilmPlan[],
  title: string,
  ending: string,
  { file, folder }: { readonly file: string | null; readonly folder: string },
): string[] {
  const taken = new Set<string>();
  const isTaken = (path: string): boolean => taken.has(path) || (file === null && existsSync(path));
  return films.map((film) => {
    const chosen = file === null ? join(folder, fileNameOf(title)) : join(dirname(file), parse(file).name);
    const named = films.length === 1 ? chosen : join(dirname(chosen), fileNameOf(`${basename(chosen)} - ${film.name}`));
    const path = unusedName(named, ending, isTaken);
    taken.add(path);
    return path;
  });
}
