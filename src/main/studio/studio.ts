import { join } from 'node:path';
import type { HostInfo, Settings, StudioEvent } from '../../shared/api/types.ts';
import type { Asset, AssetKind } from '../../shared/assets/asset.ts';
import type { DeviceReport } from '../../shared/devices.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { type DeviceQuery, EngineClient, type EngineOptions } from '../engine/client.ts';
import { PathDoor, removeLeftovers } from '../files/index.ts';
import { bringAssets } from './assets/bring-assets.ts';
import type { IncomingFile } from './assets/import-sound.ts';
import { addAsset, fileOnDisk } from './assets/project-assets.ts';
import { picturesHere, projectPicture } from './assets/project-pictures.ts';
import { type PicturedScript, withPictures } from './assets/script-pictures.ts';
import { EventHub } from './event-hub.ts';
import { Exports } from './export/exports.ts';
import { FarmBucketKeys } from './farm/bucket-keys.ts';
import { FarmDesk } from './farm/farm-desk.ts';
import { FarmPassword } from './farm/farm-password.ts';
import { FarmSettings, noFarm } from './farm/farm-settings.ts';
import type { Secrets } from './farm/kept-secret.ts';
import { EngineKeeper } from './generation/engine-keeper.ts';
import type { StudioEngine } from './generation/engine-run.ts';
import { workHere } from './generation/workplace.ts';
import { ModelShelf, type ModelShelfOptions } from './models/model-shelf.ts';
import { knownStoryModel } from './models/story-model.ts';
import { type MediaFile, mediaAt } from './project/content/media.ts';
import type { OpenProject } from './project/open-project.ts';
import { Projects, type Workspace } from './project/projects.ts';
import { RecentProjects } from './project/recent-projects.ts';
import type { ScriptText } from './project/scripts/import-script.ts';
import { SettingsStore } from './settings/settings-store.ts';
import { shownError } from './shown-error.ts';
import { deleteCache } from './storage.ts';
import { Vocabulary } from './words/vocabulary.ts';

export type FilePurpose =
  | 'open-project'
  | 'save-project'
  | 'open-script'
  | 'save-export'
  | 'model-folder'
  | 'model-files'
  | 'farm-folder';

/** What differs between the desktop and the browser. */
export interface StudioHost {
  readonly info: HostInfo;
  /** Native dialogs; null where there are none and the window asks itself. */
  readonly chooseFile: ((purpose: FilePurpose, suggestion?: string) => Promise<string | null>) | null;
  /** Shows a finished film in its folder; null where it is downloaded instead. */
  readonly reveal: ((file: string) => void) | null;
  /** The system's keychain; null or left off where there is none that can be trusted. */
  readonly secrets?: Secrets | null;
}

export interface StudioOptions {
  readonly host: StudioHost;
  readonly configFolder: string;
  /** May be deleted at any time. */
  readonly cacheFolder: string;
  /** Where projects and films go that nobody chose a place for. */
  readonly projectsFolder: string;
  readonly filmsFolder: string;
  /** Where imported models are. */
  readonly modelsFolder: string;
  /** The built-in model. */
  readonly modelFolder: string;
  readonly sampleProjectFolder: string;
  readonly sampleStory: string;
  /** Where every path goes through that comes over the API; without one any regular file will do. */
  readonly paths?: PathDoor;
  /** How processes are started that fetch and import models and decode pictures; forked from this one by default. */
  readonly spawnTask?: ModelShelfOptions['spawn'];
  readonly startEngine?: (options: EngineOptions) => Promise<StudioEngine>;
  /** What is known of the machine's devices, or is measured `again`. */
  readonly devices?: (query: DeviceQuery, how: 'known' | 'again') => Promise<DeviceReport>;
  /** A farm's server that says nothing for so long is gone, in milliseconds. */
  readonly farmPatienceMs?: number;
}

/** How long closing waits for what is running before the engine is killed, in milliseconds. */
const closingTimeMs = 8000;

/** Settings that an engine is started with. */
const engineSettings = ['modelFolder', 'device', 'precision', 'threads', 'kvStorage', 'cacheBudgetBytes'] as const;

/**
 * The services behind the API, whoever shows them: it knows of no window, no HTTP and no Electron. One project is open
 * at a time. Owner: the host; call {@link dispose}.
 */
export class Studio {
  readonly host: StudioHost;
  readonly hub: EventHub;
  readonly keeper: EngineKeeper;
  readonly projects: Projects;
  readonly exports: Exports;
  readonly recent: RecentProjects;
  readonly models: ModelShelf;
  readonly farm: FarmDesk;
  readonly farmSettings: FarmSettings;
  readonly filmsFolder: string;
  readonly #paths: PathDoor;
  readonly #devices: NonNullable<StudioOptions['devices']>;
  readonly #settings: SettingsStore;
  readonly spawnTask: StudioOptions['spawnTask'];
  readonly #chosenFiles = new Set<string>();
  #vocabulary: { readonly folder: string; readonly words: Vocabulary } | null = null;

  constructor(options: StudioOptions) {
    this.host = options.host;
    this.spawnTask = options.spawnTask;
    this.filmsFolder = options.filmsFolder;
    this.#paths = options.paths ?? new PathDoor();
    this.#settings = new SettingsStore(options.configFolder);
    this.recent = new RecentProjects(options.configFolder);
    this.hub = new EventHub(() => this.#picture());
    this.keeper = new EngineKeeper({
      settings: () => this.#settings.current,
      defaultModelFolder: options.modelFolder,
      cacheFolder: options.cacheFolder,
      devicesFile: join(options.configFolder, 'devices.json'),
      startEngine: options.startEngine ?? ((engine) => EngineClient.start(engine)),
      latentsOf: async (key) => (await this.projects.current?.project.store.latents(key)) ?? null,
      pictureOf: async (asset, width, height) => {
        const project = this.projects.current?.project;
        return project ? projectPicture(project, asset, { width, height }, options.spawnTask) : null;
      },
      onState: (engine) => this.hub.publish({ type: 'engine', engine }),
      onNotice: (text) => this.hub.notice('info', text),
    });
    const farmAccess = {
      settings: () => this.#settings.current,
      password: new FarmPassword(options.host.secrets ?? null),
      bucketKeys: new FarmBucketKeys(options.host.secrets ?? null),
    };
    this.farm = new FarmDesk({
      ...farmAccess,
      hub: this.hub,
      picturesOf: (project, model) => picturesHere(project, model, options.spawnTask),
      model: () => this.keeper.info ?? this.projects.current?.project.model ?? null,
      patienceMs: options.farmPatienceMs,
    });
    this.farmSettings = new FarmSettings({
      ...farmAccess,
      paths: this.#paths,
      desk: this.farm,
      onOtherAccess: () => this.#moveWork(),
    });
    this.projects = new Projects({
      workplaces: {
        open: async (model, project, signal) =>
          this.farm.place ? this.farm.open(model, project, signal) : workHere(this.keeper, model),
      },
      keeper: this.keeper,
      hub: this.hub,
      recent: this.recent,
      projectsFolder: options.projectsFolder,
      sampleProjectFolder: options.sampleProjectFolder,
      sampleStory: options.sampleStory,
      namedModel: (model) => this.models.named(model),
      paths: this.#paths,
      spawnPicture: options.spawnTask,
      mayReplace: (file) => this.mayReplace(file),
    });
    this.exports = new Exports(this.keeper, this.hub);
    this.#devices = options.devices ?? ((query, how) => EngineClient.devices(query, how));
    this.models = new ModelShelf({
      modelsFolder: options.modelsFolder,
      builtInFolder: options.modelFolder,
      graphsFolder: join(options.cacheFolder, 'graphs'),
      spawn: options.spawnTask,
      onReady: async (folder, name) => {
        await this.updateSettings({ modelFolder: folder });
        this.hub.notice('info', `${name} is ready, and in use.`);
      },
      onJobs: (jobs) => this.hub.publish({ type: 'model-jobs', jobs }),
      recent: () => this.recent.list(),
      openProject: () => {
        const project = this.projects.current?.project;
        return project ? { title: project.document.title, digest: project.modelDigest } : null;
      },
      folderInUse: () => this.keeper.modelFolder,
    });
    // What a killed process left half-written.
    for (const folder of [options.configFolder, options.projectsFolder, options.filmsFolder])
      void removeLeftovers(folder);
    this.farm.follow();
  }

  get settings(): Settings {
    return this.#settings.current;
  }

  /** @throws ThroughlineError `bad-input` while no project is open */
  get workspace(): Workspace {
    return this.projects.open;
  }

  /** The model that keys are computed with; see {@link knownStoryModel}. */
  async model(): Promise<ModelInfo> {
    const project = this.projects.current?.project;
    return project ? knownStoryModel(project, this.keeper) : (this.keeper.info ?? (await this.keeper.ready()));
  }

  /** What a window is to begin with: the file that was asked for; on the very first run the sample. Never throws. */
  async begin(file?: string): Promise<void> {
    try {
      if (file !== undefined) await this.projects.openFile(file);
      else if (this.recent.list().length === 0) await this.projects.openSample();
    } catch (error) {
      const { message, hint } = shownError(error);
      this.hub.notice('error', message, hint);
    }
  }

  /** Everything as it is, then every change. */
  events(signal?: AbortSignal): AsyncGenerator<StudioEvent, void, void> {
    return this.hub.subscribe(signal);
  }

  async updateSettings(patch: Parameters<SettingsStore['update']>[0]): Promise<Settings> {
    const before = this.#settings.current;
    if (patch.modelFolder && patch.modelFolder !== before.modelFolder) {
      patch = { ...patch, modelFolder: await this.#paths.admit(patch.modelFolder, 'model') };
    }
    if (patch.farm) {
      patch = { ...patch, farm: await this.farmSettings.accept(patch.farm) };
    }
    if (
      (patch.renderOn ?? before.renderOn) === 'farm' &&
      (patch.farm ?? (patch.farm === null ? null : before.farm)) === null
    )
      throw noFarm();
    const settings = this.#settings.update(patch);
    this.hub.publish({ type: 'settings', settings });
    if (settings.renderOn !== before.renderOn || (settings.renderOn === 'farm' && !sameFarm(settings, before)))
      await this.#moveWork();
    if (engineSettings.some((name) => settings[name] !== before[name])) await this.#restartEngine(async () => {});
    return settings;
  }

  /** This machine makes chunks from now on, also what failed because the farm was gone. */
  async goOnHere({ queue }: Workspace): Promise<void> {
    await this.updateSettings({ renderOn: 'here' });
    for (const { id, state, error } of queue.state.jobs)
      if (state === 'failed' && error?.code === 'farm') await queue.retry(id);
  }

  /** The devices of this machine with the present model. */
  devices(): Promise<DeviceReport> {
    return this.#devices(this.keeper.deviceQuery, 'known');
  }

  /** Measures them anew, with the model to itself: what is being made stops within a step and goes on afterwards. */
  async measureDevices(): Promise<DeviceReport> {
    let report: DeviceReport | null = null;
    await this.#restartEngine(async () => {
      report = await this.#devices(this.keeper.deviceQuery, 'again');
    });
    return report ?? this.devices();
  }

  /** Deletes the memory states of an open project; they are rebuilt when they are needed. */
  async clearCache({ project }: Workspace): Promise<void> {
    const file = this.keeper.cacheFile;
    if (this.projects.current?.project !== project) return;
    if (file !== null) await this.#restartEngine(async () => deleteCache(file));
  }

  get vocabulary(): Vocabulary {
    const folder = this.keeper.modelFolder;
    if (this.#vocabulary?.folder !== folder) this.#vocabulary = { folder, words: Vocabulary.open(folder) };
    return this.#vocabulary.words;
  }

  /** A picture of the contract's; null if there is none. */
  media(path: string): Promise<MediaFile | null> {
    return mediaAt(this.projects.current?.project ?? null, path);
  }

  /** Takes a file into an open project, as a window sends it. @throws ThroughlineError that says what is wrong with it */
  receiveFile(name: string, kind: AssetKind, file: IncomingFile): Promise<Asset> {
    const { project } = this.projects.named(name);
    const model = (): Promise<ModelInfo> => knownStoryModel(project, this.keeper);
    return addAsset(project, kind, file, { spawn: this.spawnTask, model });
  }

  /** Takes in a sound file of this machine. */
  async addSoundFile({ project }: Workspace, file: string): Promise<Asset> {
    return addAsset(project, 'sound', fileOnDisk(await this.#paths.admit(file, 'read')));
  }

  /** Makes assets of projects that were opened lately part of this one. @returns those that none of them has */
  bringAssets({ project }: Workspace, digests: readonly string[]): Promise<string[]> {
    return bringAssets(project, digests, this.#recentFiles());
  }

  async *#recentFiles(): AsyncGenerator<string> {
    for (const { file } of this.recent.list()) {
      const admitted = await this.#paths.admit(file, 'read').catch(() => null);
      if (admitted !== null) yield admitted;
    }
  }

  /** A script with the pictures that it names. @param file where it lies, if that is known */
  async pictured(script: ScriptText, file: string | undefined, project: OpenProject | null): Promise<PicturedScript> {
    const admitted = file === undefined ? null : await this.#paths.admit(file, 'read');
    return withPictures(script, { file: admitted, paths: this.#paths, spawn: this.spawnTask, project });
  }

  /** A finished export to be downloaded; null if there is none. */
  download(exportId: string, index: number): { readonly place: string; readonly isFolder: boolean } | null {
    const known = this.exports.states.some(({ id }) => id === exportId);
    return (known ? this.exports.downloads(exportId)[index] : undefined) ?? null;
  }

  /** The place of a film, where a person named one. @throws ThroughlineError where it may not be */
  async filmPlace(file: string | null): Promise<string | null> {
    return file === null ? null : this.#paths.admit(file, 'write');
  }

  /**
   * Places of a model's parts, as a person named them. A file that a look at a place of theirs has found may be used too: a
   * cache of downloads is made of links, and those may lead elsewhere.
   * @throws ThroughlineError where one may not be read
   */
  modelPlaces(paths: readonly string[]): Promise<string[]> {
    return Promise.all(paths.map((path) => (this.models.hasFound(path) ? path : this.#paths.admit(path, 'parts'))));
  }

  /** Whether a person was asked before this file is replaced. */
  mayReplace(file: string | null): boolean {
    return file !== null && this.#chosenFiles.has(file);
  }

  async chooseFile(purpose: FilePurpose, suggestion?: string): Promise<{ readonly file: string } | null> {
    const file = (await this.host.chooseFile?.(purpose, suggestion)) ?? null;
    // A native dialog has asked whether an existing file is to be replaced.
    if (file !== null && (purpose === 'save-project' || purpose === 'save-export')) this.#chosenFiles.add(file);
    return file === null ? null : { file };
  }

  /**
   * Stops what is running within a step, writes what is left, ends the engine. Idempotent.
   * @param discard whether changes that cannot be saved may be lost
   * @throws ThroughlineError `unsaved` where they may not: then nothing has ended, and it can be tried again
   */
  async dispose({ discard = false }: { readonly discard?: boolean } = {}): Promise<void> {
    // First what may be refused.
    await this.projects.close(undefined, discard ? 'whichever' : undefined);
    // A step that does not end must not keep the program open.
    const patience = setTimeout(() => void this.keeper.kill(), closingTimeMs);
    await this.exports.close();
    await this.models.close();
    await this.projects.filesClosed();
    await this.keeper.close();
    this.farm.close();
    clearTimeout(patience);
    this.hub.close();
  }

  async #restartEngine(meanwhile: () => Promise<void>): Promise<void> {
    const restart = (): Promise<void> => this.keeper.whileOff(meanwhile);
    const workspace = this.projects.current;
    if (!workspace) return restart();
    await workspace.queue.interrupt(restart);
    void this.projects.beReady(workspace.project);
  }

  /** Chunks are made elsewhere from now on: what is under way ends, and is asked for there. */
  async #moveWork(): Promise<void> {
    const follow = async (): Promise<void> => this.farm.follow();
    const { current } = this.projects;
    await (current ? current.queue.interrupt(follow) : follow());
  }

  #picture(): StudioEvent[] {
    return [
      { type: 'settings', settings: this.settings },
      { type: 'engine', engine: this.keeper.state },
      { type: 'model-jobs', jobs: this.models.jobs },
      ...this.projects.picture(),
      ...this.exports.states.map((state): StudioEvent => ({ type: 'export', export: state })),
      { type: 'farm', farm: this.farm.state },
    ];
  }
}

function sameFarm(a: Settings, b: Settings): boolean {
  return JSON.stringify(a.farm) === JSON.stringify(b.farm);
}
