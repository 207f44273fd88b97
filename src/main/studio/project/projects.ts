import { closeSync, copyFileSync, existsSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ProjectId, ProjectState, StudioEvent } from '../../../shared/api/types.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import { emptyDocument } from '../../../shared/project/apply-command.ts';
import type { ProjectDocument } from '../../../shared/project/document.ts';
import { fileNameOf, makeFolder, type PathDoor, unusedName } from '../../files/index.ts';
import { openFileLike } from '../../persistence/index.ts';
import type { EventHub } from '../event-hub.ts';
import type { EngineKeeper } from '../generation/engine-keeper.ts';
import { Queue } from '../generation/queue.ts';
import { importScript } from './import-script.ts';
import { OpenProject } from './open-project.ts';
import type { RecentProjects } from './recent-projects.ts';
import { readySample } from './sample-project.ts';
import { readScriptFile } from './script-file.ts';

export const projectEnding = '.throughline';
const sqliteHeader = 'SQLite format 3\0';

/** A project and the work on it. */
export interface Workspace {
  readonly project: OpenProject;
  readonly queue: Queue;
}

export interface ProjectsOptions {
  readonly keeper: EngineKeeper;
  readonly hub: EventHub;
  readonly recent: RecentProjects;
  /** Where projects go that nobody chose a place for. */
  readonly projectsFolder: string;
  /** Holds a project file, ready to play, and says which model made it; may be missing. */
  readonly sampleProjectFolder: string;
  readonly sampleStory: string;
  /** Where every path goes through that comes from outside. */
  readonly paths: PathDoor;
  /** Whether a person was asked before this file is replaced. */
  readonly mayReplace: (file: string) => boolean;
}

/** The one project that is open, and how another comes to be. */
export class Projects {
  readonly #options: ProjectsOptions;
  #current: Workspace | null = null;
  /** Titles of projects that were open before. */
  readonly #closed = new Map<ProjectId, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ProjectsOptions) {
    this.#options = options;
  }

  get current(): Workspace | null {
    return this.#current;
  }

  /** @throws ThroughlineError `bad-input` while no project is open */
  get open(): Workspace {
    if (!this.#current) throw new ThroughlineError('bad-input', 'No project is open.', 'Open one, or begin a new one.');
    return this.#current;
  }

  /**
   * The open project, for a call that was made for it.
   * @throws ThroughlineError `other-project` if another one is open by now, or none
   */
  named(id: ProjectId): Workspace {
    if (this.#current?.project.id === id) return this.#current;
    const title = this.#closed.get(id);
    throw new ThroughlineError(
      'other-project',
      title === undefined
        ? 'This was meant for a project that is not open any more.'
        : `This was meant for "${title}", which is not open any more.`,
      'It was not done. Open that project again to do it there.',
    );
  }

  create(file: string | undefined, title = 'Untitled'): Promise<ProjectState> {
    return this.#inTurn(async () => {
      const place =
        file === undefined ? this.#newPlace(title) : await this.#options.paths.admit(withEnding(file), 'write');
      return this.#switchTo(place, emptyDocument(title));
    });
  }

  /** Opens a project file; of a script it makes a new project. */
  openFile(file: string): Promise<ProjectState> {
    return this.#inTurn(async () => {
      const path = await this.#options.paths.admit(file, 'read');
      if (this.#isOpen(path)) return this.open.project.state;
      if (isDatabase(path)) return this.#switchTo(path, null);
      if (path.endsWith(projectEnding)) {
        throw new ThroughlineError(
          'database',
          `${path} is damaged, or not a Throughline project.`,
          'Restore the file from a backup. It was not touched.',
        );
      }
      const { document, warnings } = this.#fromScript(path);
      const state = await this.#switchTo(this.#newPlace(document.title), document);
      for (const warning of warnings) this.#options.hub.notice('warning', warning);
      return state;
    });
  }

  openSample(): Promise<ProjectState> {
    return this.#inTurn(async () => {
      const { sampleProjectFolder, sampleStory, projectsFolder } = this.#options;
      const ready = await readySample(sampleProjectFolder, this.#options.keeper.modelFolder);
      if (ready === null) {
        const { document } = this.#fromScript(sampleStory);
        return this.#openOrMake(join(projectsFolder, `${fileNameOf(document.title)}${projectEnding}`), document);
      }
      const file = join(projectsFolder, basename(ready));
      if (!existsSync(file)) {
        makeFolder(projectsFolder);
        copyFileSync(ready, file);
      }
      return this.#openOrMake(file, null);
    });
  }

  saveAs(saved: OpenProject, file: string): Promise<ProjectState> {
    return this.#inTurn(async () => {
      const { project, queue } = this.named(saved.id);
      const path = await this.#options.paths.admit(withEnding(file), 'write');
      if (path === project.file) return project.state;
      const { mayReplace } = this.#options;
      if (existsSync(path) && !mayReplace(path) && !mayReplace(withEnding(file))) {
        throw new ThroughlineError('bad-input', `There is already a file ${path}.`, 'Choose another name.');
      }
      await project.saved();
      // The copy begins at a chunk's end; the work goes on in it.
      await queue.interrupt(() => project.store.copyTo(path));
      const state = await this.#switchTo(path, null, 'copy');
      return state;
    });
  }

  /** Closes the open project, if it is still this one; without one whichever is open. Idempotent. */
  close(closed?: OpenProject): Promise<void> {
    return this.#inTurn(async () => {
      if (closed && this.#current?.project !== closed) return;
      await this.#leave();
      await this.#options.keeper.attach(null);
      this.#options.hub.replaceProject({ type: 'project', project: null }, ...emptyLists);
    });
  }

  async #leave(): Promise<void> {
    const before = this.#current;
    this.#current = null;
    if (before) this.#closed.set(before.project.id, before.project.document.title);
    await before?.queue.close();
    if (before) await this.#noteLook(before.project);
    await before?.project.close();
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
    this.#options.recent.update(file, document.title, picture);
  }

  async #switchTo(
    file: string,
    document: ProjectDocument | null,
    how: 'opened' | 'copy' = 'opened',
  ): Promise<ProjectState> {
    const { hub, keeper, recent } = this.#options;
    // The new one first: if it cannot be opened, the old one stays.
    const project = await OpenProject.open(file, hub, document, how === 'copy');
    await this.#leave();
    const queue = new Queue(project, keeper, hub);
    this.#current = { project, queue };
    recent.remember(file, project.document.title);
    hub.replaceProject(...this.picture());
    await keeper.attach(project);
    void this.beReady(project);
    void project.check();
    await queue.start();
    return project.state;
  }

  /** What a window is shown of the open project. */
  picture(): StudioEvent[] {
    if (!this.#current) return [{ type: 'project', project: null }, ...emptyLists];
    const { project, queue } = this.#current;
    return [
      { type: 'project', project: project.state },
      { type: 'chunks', added: [...project.chunks.values()], removed: [] },
      { type: 'takes', takes: project.takes },
      { type: 'queue', queue: queue.state },
    ];
  }

  /** Loads the model meanwhile: what is fresh and what is stale can be told only with it. Never throws. */
  async beReady(project: OpenProject): Promise<void> {
    try {
      const model = await this.#options.keeper.ready();
      if (this.#current?.project === project) await project.setModel(model);
    } catch {} // the engine's state says it; a model that cannot be noted is noted the next time
  }

  async #openOrMake(file: string, document: ProjectDocument | null): Promise<ProjectState> {
    const path = realpath(file);
    if (this.#isOpen(path)) return this.open.project.state;
    return this.#switchTo(path, existsSync(path) ? null : document);
  }

  /** Whether it is the open project, whatever it is called: a second descriptor on it would drop its lock. */
  #isOpen(path: string): boolean {
    const file = this.#current?.project.file;
    return file !== undefined && (file === path || openFileLike(path) === file);
  }

  /** Where a project goes that nobody chose a place for. */
  #newPlace(title: string): string {
    const { projectsFolder } = this.#options;
    makeFolder(projectsFolder);
    return realpath(unusedName(join(projectsFolder, fileNameOf(title)), projectEnding, existsSync));
  }

  #fromScript(file: string): { document: ProjectDocument; warnings: readonly string[] } {
    const { title, stories, warnings } = importScript(readScriptFile(file), this.#options.keeper.info);
    return { document: { ...emptyDocument(title), shots: stories.flat() }, warnings };
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
