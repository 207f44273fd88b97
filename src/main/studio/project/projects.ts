import { closeSync, copyFileSync, existsSync, openSync, readSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ProjectId, ProjectState, StudioEvent } from '../../../shared/api/types.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { emptyDocument } from '../../../shared/project/apply-command.ts';
import type { ProjectDocument } from '../../../shared/project/document.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { StoryModel } from '../../../shared/story-model.ts';
import { fileNameOf, makeFolder, type PathDoor, unusedName } from '../../files/index.ts';
import { openFileLike } from '../../persistence/index.ts';
import type { PictureSpawn } from '../../pictures/index.ts';
import { keepFound, type PicturedScript, withPictures } from '../assets/script-pictures.ts';
import type { EventHub } from '../event-hub.ts';
import type { EngineKeeper } from '../generation/engine-keeper.ts';
import { Queue } from '../generation/queue.ts';
import type { Workplaces } from '../generation/workplace.ts';
import { OpenProject } from './open-project.ts';
import type { RecentProjects } from './recent-projects.ts';
import { readySample } from './sample-project.ts';
import { importScript } from './scripts/import-script.ts';
import { readScriptFile } from './scripts/script-file.ts';

export const projectEnding = '.throughline';
const sqliteHeader = 'SQLite format 3\0';

/** A project and the work on it. */
export interface Workspace {
  readonly project: OpenProject;
  readonly queue: Queue;
}

export interface ProjectsOptions {
  readonly keeper: EngineKeeper;
  /** Where chunks are made. */
  readonly workplaces: Workplaces;
  readonly hub: EventHub;
  readonly recent: RecentProjects;
  /** Where projects go that nobody chose a place for. */
  readonly projectsFolder: string;
  /** Holds a project file, ready to play, and says which model made it; may be missing. */
  readonly sampleProjectFolder: string;
  readonly sampleStory: string;
  /** How a story names a model. */
  readonly namedModel: (model: ModelInfo) => Promise<StoryModel>;
  /** Where every path goes through that comes from outside. */
  readonly paths: PathDoor;
  /** How the process is started that decodes pictures; forked from this one by default. */
  readonly spawnPicture?: PictureSpawn | undefined;
  /** Whether a person was asked before this file is replaced. */
  readonly mayReplace: (file: string) => boolean;
}

/** The one project that is open, and how another comes to be. */
export class Projects {
  readonly #options: ProjectsOptions;
  #life: { readonly current: Workspace | null } = { current: null };
  /** Projects that were left, until their files are closed. */
  readonly #left = new Set<OpenProject>();
  /** Titles of projects that were open before. */
  readonly #closed = new Map<ProjectId, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ProjectsOptions) {
    this.#options = options;
  }

  get current(): Workspace | null {
    return this.#life.current;
  }

  /** @throws ThroughlineError `bad-input` while no project is open */
  get open(): Workspace {
    if (!this.#life.current)
      throw new ThroughlineError('bad-input', 'No project is open.', 'Open one, or begin a new one.');
    return this.#life.current;
  }

  /**
   * The open project, for a call that was made for it.
   * @throws ThroughlineError `other-project` if another one is open by now, or none
   */
  named(id: ProjectId): Workspace {
    if (this.#life.current?.project.id === id) return this.#life.current;
    const title = this.#closed.get(id);
    throw new ThroughlineError(
      'other-project',
      title === undefined
        ? 'This was meant for a project that is not open any more.'
        : `This was meant for "${title}", which is not open any more.`,
      'It was not done. Open that project again to do it there.',
    );
  }

  /**
   * Begins a new project.
   * @param discard names the open project if its changes may be lost where they cannot be saved; else that is refused
   * @throws ThroughlineError `unsaved`; the open project stays open then
   */
  create(file: string | undefined, title = 'Untitled', discard?: ProjectId): Promise<ProjectState> {
    return this.#inTurn(async () => {
      const place =
        file === undefined ? this.#newPlace(title) : await this.#options.paths.admit(withEnding(file), 'write');
      return this.#switchTo(place, emptyDocument(title), discard);
    });
  }

  /** Opens a project file; of a script it makes a new project. @param discard as {@link create} has it */
  openFile(file: string, discard?: ProjectId): Promise<ProjectState> {
    return this.#inTurn(async () => {
      const path = await this.#options.paths.admit(file, 'read');
      if (this.#isOpen(path)) return this.open.project.state;
      if (this.#lingeringAt(path) || isDatabase(path)) return this.#switchTo(path, null, discard);
      if (path.endsWith(projectEnding)) {
        throw new ThroughlineError(
          'database',
          `${path} is damaged, or not a Throughline project.`,
          'Restore the file from a backup. It was not touched.',
        );
      }
      const { document, warnings, found } = await this.#fromScript(path);
      await this.#switchTo(this.#newPlace(document.title), document, discard);
      await keepFound(this.open.project, found);
      const { state } = this.open.project;
      for (const warning of warnings) this.#options.hub.notice('warning', warning);
      return state;
    });
  }

  openSample(discard?: ProjectId): Promise<ProjectState> {
    return this.#inTurn(async () => {
      const { sampleProjectFolder, sampleStory, projectsFolder } = this.#options;
      const ready = await readySample(sampleProjectFolder, this.#options.keeper.modelFolder);
      if (ready === null) {
        const { document } = await this.#fromScript(sampleStory);
        return this.#openOrMake(
          join(projectsFolder, `${fileNameOf(document.title)}${projectEnding}`),
          document,
          discard,
        );
      }
      const file = join(projectsFolder, basename(ready));
      if (!existsSync(file)) {
        makeFolder(projectsFolder);
        copyFileSync(ready, file);
      }
      return this.#openOrMake(file, null, discard);
    });
  }

  /**
   * The open project goes on in another file, a copy of the one it was in. It stays the same project: what is changed
   * meanwhile is in the copy, and an export that reads it goes on.
   */
  saveAs(saved: OpenProject, file: string): Promise<ProjectState> {
    return this.#inTurn(async () => {
      const { project, queue } = this.named(saved.id);
      const path = await this.#options.paths.admit(withEnding(file), 'write');
      if (path === project.file) return project.state;
      const { mayReplace } = this.#options;
      if (existsSync(path) && !mayReplace(path) && !mayReplace(withEnding(file))) {
        throw new ThroughlineError('bad-input', `There is already a file ${path}.`, 'Choose another name.');
      }
      if (openFileLike(path) !== null) {
        throw new ThroughlineError('bad-input', `${path} is still open here.`, 'Choose another name.');
      }
      const { hub, keeper, recent } = this.#options;
      // The copy begins at a chunk's end; the work goes on in it.
      await queue.interrupt(async () => {
        await project.moveTo(path);
        await keeper.attach(project);
      });
      recent.remember(path, project.document.title);
      hub.publish({ type: 'project', project: project.state });
      return project.state;
    });
  }

  /**
   * Closes the open project, if it is still this one; without one whichever is open. Idempotent.
   * @throws ThroughlineError `unsaved` where its changes cannot be saved and may not be lost; it stays open then
   */
  close(closed?: OpenProject, discard?: ProjectId | 'whichever'): Promise<void> {
    return this.#inTurn(async () => {
      if (closed && this.#life.current?.project !== closed) return;
      if (!this.#life.current) return;
      await this.#become(null, discard);
      await this.#options.keeper.attach(null);
    });
  }

  /** Waits until the files of projects that were left are closed, apart from those that somebody holds. */
  async filesClosed(): Promise<void> {
    await this.#inTurn(() => this.#forgetClosed());
  }

  async #forgetClosed(): Promise<void> {
    for (const project of this.#left) {
      await project.closed();
      if (!project.isLingering) this.#left.delete(project);
    }
  }

  /**
   * The one way from a project to the next, or to none. Work on it stands still at a chunk's end, everything of it is
   * written, and in the very moment in which nothing is left the next one takes its place: what was accepted is saved,
   * and what comes later is refused by its name.
   */
  async #become(next: Workspace | null, discard?: ProjectId | 'whichever'): Promise<void> {
    const { current } = this.#life;
    if (current) {
      const { project, queue } = current;
      const mayLose = discard === 'whichever' || discard === project.id;
      await queue.interrupt(async () => {
        await this.#noteLook(project);
        while (!project.isSaved || !queue.isSaved) {
          await queue.saved();
          try {
            await project.flush();
          } catch (error) {
            if (mayLose) break;
            throw error;
          }
        }
        // Nothing is awaited from here on.
        queue.end();
        project.leave();
        this.#life = { current: next };
      });
      this.#closed.set(project.id, project.document.title);
      this.#left.add(project);
      await this.#forgetClosed();
    }
    this.#life = { current: next };
    this.#options.hub.replaceProject(...this.picture());
  }

  /** Keeps the name and the first picture of a project for the list of recent ones. */
  async #noteLook(project: OpenProject): Promise<void> {
    const { file, document, model, chunks, store } = project;
    let picture: string | null = null;
    try {
      const first = document.shots.find(({ parent }) => parent === null);
      const key = first && model ? project.plan(model).chunksOf(first.id)[0]?.key : undefined;
      const shown = [key, ...chunks.keys()].find((candidate) => candidate != null && chunks.has(candidate));
      const bytes = shown == null ? null : await store.media(shown, 'thumb.webp');
      if (bytes) picture = `data:image/webp;base64,${Buffer.from(bytes).toString('base64')}`;
    } catch {} // it is only a picture in a list
    this.#options.recent.update(file, document.title, picture, project.modelDigest);
  }

  async #switchTo(file: string, document: ProjectDocument | null, discard?: ProjectId): Promise<ProjectState> {
    const { hub, keeper, recent, namedModel } = this.#options;
    const before = this.#life.current?.project;
    // Before anything is made that would be left behind.
    if (before && discard !== before.id) await before.flush();
    // The new one first: if it cannot be opened, the old one stays.
    const left = this.#lingeringAt(file);
    const project = left ? await OpenProject.reopen(left, hub) : await OpenProject.open(file, hub, document);
    const queue = new Queue(project, keeper, hub, this.#options.workplaces, namedModel);
    try {
      await project.adoptModel(namedModel);
      await this.#become({ project, queue }, discard);
    } catch (error) {
      project.leave();
      await project.closed();
      if (document) for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true }); // made just now
      throw error;
    }
    recent.remember(file, project.document.title);
    await keeper.attach(project);
    project.watchFrameSize(() => void this.#fit(project).catch(() => {})); // the engine's state says it
    void this.beReady(project);
    void project.made.check();
    await queue.start();
    return project.state;
  }

  /** A project that was left, but whose file an export still reads. */
  #lingeringAt(path: string): OpenProject | undefined {
    const file = openFileLike(path) ?? path;
    return [...this.#left].find((project) => project.isLingering && project.file === file);
  }

  /** What a window is shown of the open project. */
  picture(): StudioEvent[] {
    if (!this.#life.current) return [{ type: 'project', project: null }, ...emptyLists];
    const { project, queue } = this.#life.current;
    return [
      { type: 'project', project: project.state },
      { type: 'chunks', added: [...project.chunks.values()], removed: [] },
      { type: 'takes', takes: project.takes },
      { type: 'assets', assets: project.assets },
      { type: 'queue', queue: queue.state },
    ];
  }

  /** Loads the model meanwhile: what is fresh and what is stale can be told only with it. Never throws. */
  async beReady(project: OpenProject): Promise<void> {
    try {
      const model = await this.#options.keeper.ready();
      if (this.#life.current?.project === project) await project.setModel(model);
    } catch {} // the engine's state says it; a model that cannot be noted is noted the next time
  }

  /** The engine has the story's frame size from now on: what is being made stops within a step, and goes on with it. */
  async #fit(project: OpenProject): Promise<void> {
    const { current } = this.#life;
    if (current?.project !== project) return;
    await current.queue.interrupt(() => this.#options.keeper.fit(project.document.frameSize));
    current.queue.forgetTimes();
    await this.beReady(project);
  }

  async #openOrMake(
    file: string,
    document: ProjectDocument | null,
    discard: ProjectId | undefined,
  ): Promise<ProjectState> {
    const path = realpath(file);
    if (this.#isOpen(path)) return this.open.project.state;
    return this.#switchTo(path, existsSync(path) ? null : document, discard);
  }

  /** Whether it is the open project, whatever it is called: a second descriptor on it would drop its lock. */
  #isOpen(path: string): boolean {
    const file = this.#life.current?.project.file;
    return file !== undefined && (file === path || openFileLike(path) === file);
  }

  /** Where a project goes that nobody chose a place for. */
  #newPlace(title: string): string {
    const { projectsFolder } = this.#options;
    makeFolder(projectsFolder);
    return realpath(unusedName(join(projectsFolder, fileNameOf(title)), projectEnding, existsSync));
  }

  /** Its pictures and footage are not in the project yet that the document becomes. */
  async #fromScript(
    file: string,
  ): Promise<{ document: ProjectDocument; warnings: readonly string[] } & Pick<PicturedScript, 'found'>> {
    const { keeper, paths, spawnPicture } = this.#options;
    const { script, found } = await withPictures(readScriptFile(file), {
      ...{ file, paths, spawn: spawnPicture, project: null },
    });
    const { title, stories, warnings, ...said } = importScript(script, keeper.info);
    return { document: { ...emptyDocument(title), ...said, shots: stories.flat() }, warnings, found };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

const emptyLists: StudioEvent[] = [
  { type: 'chunks', added: [], removed: [] },
  { type: 'takes', takes: [] },
  { type: 'assets', assets: [] },
  { type: 'queue', queue: { paused: false, jobs: [] } },
];

function withEnding(file: string): string {
  return file.endsWith(projectEnding) ? file : `${file}${projectEnding}`;
}

/** One name for one file, links resolved, whether or not it is there yet. */
function realpath(file: string): string {
  const path = resolve(file);
  try {
    return realpathSync(path);
  } catch {
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}

/** Never asked of the file that is open: closing a second descriptor would drop its lock. */
function isDatabase(file: string): boolean {
  const bytes = Buffer.alloc(sqliteHeader.length);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return bytes.toString('latin1') === sqliteHeader;
}
