import { nanoid } from 'nanoid';
import type { Changed, ChunkSummary, ProjectId, ProjectState } from '../../../shared/api/types.ts';
import type { Asset } from '../../../shared/assets/asset.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { FrameSize } from '../../../shared/frame-size.ts';
import type { PolicyName } from '../../../shared/memory-settings.ts';
import type { Command } from '../../../shared/project/commands.ts';
import type { ProjectDocument, Take } from '../../../shared/project/document.ts';
import { modelOfStory } from '../../../shared/project/model-of-story.ts';
import type { ProjectPlan } from '../../../shared/project/plan.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { StoryModel } from '../../../shared/story-model.ts';
import type { FreedAssets, ProjectStore, StoredJob } from '../../persistence/index.ts';
import { KeptAssets } from '../assets/kept-assets.ts';
import type { EventHub } from '../event-hub.ts';
import { shownError } from '../shown-error.ts';
import { KnownModels } from './content/known-models.ts';
import { PlansOfProject } from './content/plans-of-project.ts';
import { ProjectChunks } from './content/project-chunks.ts';
import { ProjectTakes } from './content/project-takes.ts';
import { ShownNotes } from './content/shown-notes.ts';
import type { SaidOfTake } from './content/take-notes.ts';
import type { DocumentHistory } from './history/document-history.ts';
import { DocumentSaver } from './history/document-saver.ts';
import { NamedVersions } from './history/named-versions.ts';
import { refuseStale, staleError } from './history/stale-commands.ts';
import { type OpenedFile, openFile } from './open-file.ts';
import { ProjectPlace } from './project-place.ts';

/** Names in the project's table of facts. */
const facts = { models: 'models', queuePaused: 'queue-paused', takeNotes: 'take-notes' } as const;

/** A project that is open: its document and lists in memory, its file behind it. Every change is written at once. */
export class OpenProject {
  /** Names it for as long as it is open. */
  readonly id: ProjectId = nanoid();
  /** Files that belong to it. */
  readonly kept: KeptAssets;
  /** What was made of it. */
  readonly made: ProjectChunks;
  readonly versions = new NamedVersions(() => this.store);
  /** Jobs as they were left, and whether they were left by a crash or a pause. */
  readonly leftJobs: { readonly jobs: readonly StoredJob[]; readonly paused: boolean };
  readonly #hub: EventHub;
  readonly #history: DocumentHistory;
  readonly #takes: ProjectTakes;
  readonly #shown: ShownNotes;
  #lastGesture: string | null = null;
  readonly #models: KnownModels;
  /** The model that the engine has, or had last. */
  #loaded: ModelInfo | null = null;
  readonly #saver: DocumentSaver;
  readonly #place: ProjectPlace;
  readonly #plans = new PlansOfProject(() => this.document);
  #frameSize: FrameSize | null;
  #onFrameSize: (() => void) | null = null;

  private constructor(place: ProjectPlace, hub: EventHub, { contents, history }: OpenedFile) {
    this.#place = place;
    this.#hub = hub;
    this.#history = history;
    this.#frameSize = history.document.frameSize;
    this.#saver = new DocumentSaver(
      history,
      (change) => this.store.saveDocument(change),
      () => this.#hub.publish({ type: 'project', project: this.state }),
    );
    this.kept = new KeptAssets(contents.assets, place, hub);
    this.#takes = new ProjectTakes(
      contents.takes,
      contents.facts[facts.takeNotes],
      (text) => place.write((store) => store.setFact(facts.takeNotes, text)),
      (takes) => this.#hub.publish({ type: 'takes', takes }),
    );
    this.made = new ProjectChunks(contents.chunks, this.#takes, place, hub);
    this.#shown = new ShownNotes(this, this.#takes, this.#plans, place);
    this.#models = KnownModels.read(contents.facts);
    this.leftJobs = { jobs: contents.jobs, paused: contents.crashed || contents.facts[facts.queuePaused] === 'yes' };
  }

  /**
   * @param newDocument makes a new project; the file must not be there yet
   * @throws ThroughlineError as {@link openFile}
   */
  static async open(file: string, hub: EventHub, newDocument: ProjectDocument | null = null): Promise<OpenProject> {
    const opened = await openFile(file, hub, newDocument, 'opened');
    return new OpenProject(new ProjectPlace(file, opened), hub, opened);
  }

  /** Opens a project that was left while somebody still reads its file: the same file, anew. */
  static async reopen(left: OpenProject, hub: EventHub): Promise<OpenProject> {
    const { file, store } = left;
    const shared = left.#place.share();
    try {
      const opened = await openFile(file, hub, null, store);
      return new OpenProject(new ProjectPlace(file, opened, shared), hub, opened);
    } catch (error) {
      await shared.done();
      throw error;
    }
  }

  get file(): string {
    return this.#place.file;
  }

  /** The file's content; another one after {@link moveTo}, so ask for it every time. */
  get store(): ProjectStore {
    return this.#place.store;
  }

  /** Names this project's cache of memory states. */
  get cacheName(): string {
    return this.#place.cacheName;
  }

  /** Whether it was left, but is still read. */
  get isLingering(): boolean {
    return this.#place.isLingering;
  }

  get document(): ProjectDocument {
    return this.#history.document;
  }

  /** By key. */
  get chunks(): ReadonlyMap<string, ChunkSummary> {
    return this.made.all;
  }

  get takes(): readonly Take[] {
    return this.#takes.all;
  }

  /** Files that belong to the project, in the order they came. */
  get assets(): readonly Asset[] {
    return this.kept.all;
  }

  /** Deletes assets that nothing of the project names any more. */
  async deleteUnusedAssets(): Promise<FreedAssets> {
    await this.#saver.flush();
    return this.kept.deleteUnused();
  }

  /** What is known of the model that its keys are computed with: the one it names, else the one loaded now or last. */
  get model(): ModelInfo | null {
    const { model: named } = this.document;
    return modelOfStory(this.document, this.#loaded, named ? this.#models.withDigest(named.digest) : this.#models.last);
  }

  /** Of the model it is made with; null while that is not known. */
  get modelDigest(): string | null {
    return this.document.model?.digest ?? this.model?.digest ?? null;
  }

  /** What is known of a model that this project was open with; null where nothing is. */
  modelWithDigest(digest: string): ModelInfo | null {
    return this.#loaded?.digest === digest ? this.#loaded : this.#models.withDigest(digest);
  }

  get state(): ProjectState {
    return {
      id: this.id,
      file: this.file,
      document: this.#history.document,
      revision: this.#history.number,
      undo: this.#history.undoLabel,
      redo: this.#history.redoLabel,
      save: this.#saver.state,
      readOnly: this.#history.readOnly && shownError(this.#history.readOnly),
      model: this.model,
      modelNames: this.#models.names,
    };
  }

  /**
   * One undo step, or part of the gesture's.
   * @param revision of the document that the commands were made on
   * @throws ThroughlineError `bad-input`; `stale` where they would take away what was not there then
   */
  apply(commands: readonly Command[], gesture: string | null, revision = this.#history.number): Changed {
    this.#place.require(this.document.title);
    this.kept.require(commands);
    if (revision !== this.#history.number) refuseStale(commands, this.#history.documentAt(revision), this.document);
    if (gesture === null || gesture !== this.#lastGesture) this.#shown.note();
    this.#lastGesture = gesture;
    this.#history.apply(commands, gesture, this.model?.chunkFrames ?? null);
    return this.#changed();
  }

  /** @throws ThroughlineError `stale` unless `revision` is the newest: it would take back what was not seen */
  undo(revision: number): Changed {
    this.requireNewest(revision);
    this.#shown.note();
    return this.#history.undo() ? this.#changed() : { revision };
  }

  /** @throws ThroughlineError `stale` unless `revision` is the newest */
  redo(revision: number): Changed {
    this.requireNewest(revision);
    this.#shown.note();
    return this.#history.redo() ? this.#changed() : { revision };
  }

  /** @throws ThroughlineError `stale` unless `revision` is the newest */
  requireNewest(revision: number): void {
    this.#place.require(this.document.title);
    if (!this.#history.isNewest(revision)) throw staleError();
  }

  /** @throws ThroughlineError `database` where a newer Throughline wrote the document: what it says in full is not known */
  requireWritable(): void {
    if (this.#history.readOnly) throw this.#history.readOnly;
  }

  /** Goes back to a named version, as one undo step. @throws ThroughlineError `bad-input`, `stale` */
  async restoreVersion(id: number, revision: number): Promise<Changed> {
    const name = await this.versions.nameOf(id);
    const document = await this.versions.documentOf(id);
    this.requireNewest(revision);
    this.#shown.note();
    // A version from before the story named its model says nothing against it.
    this.#history.change({ ...document, model: document.model ?? this.document.model }, `go back to "${name}"`);
    return this.#changed();
  }

  /** Names the document as it was at a revision; the newest where that is forgotten. */
  async nameVersion(name: string, revision: number): Promise<void> {
    const data = JSON.stringify(this.#history.documentAt(revision) ?? this.document);
    await this.#place.write((store) => store.addVersion(name, data));
  }

  /**
   * Keys and recipes of every chunk, as `model` would make them. At once where {@link prepare} was waited for.
   * @param policy as if every shot remembered in this way
   */
  plan(model: ModelInfo, policy?: PolicyName): ProjectPlan {
    return this.#plans.plan(model, policy);
  }

  /** Does the work of {@link plan} bit by bit: after an edit near the start of a long story it takes a while. */
  prepare(model: ModelInfo, policy?: PolicyName): Promise<void> {
    return this.#plans.prepare(model, policy);
  }

  /** This model is loaded from now on. The keys are those of it, unless the story names another one. */
  async setModel(model: ModelInfo): Promise<void> {
    if (JSON.stringify(model) === JSON.stringify(this.#loaded)) return;
    this.#shown.note();
    this.#loaded = model;
    const known = this.#noteModel();
    this.#hub.publish({ type: 'project', project: this.state });
    await known;
  }

  /** The story is made with this model, as its first chunk shows. No undo step: nobody asked for it. */
  nameModel(model: StoryModel): void {
    if (this.document.model !== null || this.#history.readOnly || !this.#place.mayChange) return;
    this.#history.note({ ...this.document, model });
    this.#changed();
    this.#hub.publish({ type: 'project', project: this.state });
  }

  /**
   * What was made before stories named their model: the one it was last open with, where that made any of it.
   * @param named says how a story names a model
   */
  async adoptModel(named: (model: ModelInfo) => Promise<StoryModel>): Promise<void> {
    const { last } = this.#models;
    if (this.document.model !== null || !last) return;
    if (![...this.chunks.values()].some(({ madeWith }) => madeWith?.digest === last.digest)) return;
    this.#history.adopt({ ...this.document, model: await named(last) });
  }

  /** Keeps what is known of the loaded model where it is this story's: keys can then be told without it. */
  async #noteModel(): Promise<void> {
    const { model } = this;
    if (!model || model !== this.#loaded || !this.#models.note(model)) return;
    await this.#place.write((store) => store.setFact(facts.models, this.#models.text));
  }

  async setQueuePaused(paused: boolean): Promise<void> {
    await this.#place.write((store) => store.setFact(facts.queuePaused, paused ? 'yes' : 'no'));
  }

  /** Replaces the queue, in order. */
  async saveJobs(jobs: readonly StoredJob[]): Promise<void> {
    await this.#place.write((store) => store.saveJobs(jobs));
  }

  /** Names, stars or deletes a take. @throws ThroughlineError `bad-input` if there is none */
  sayOfTake(takeId: string, change: SaidOfTake): void {
    this.requireWritable();
    this.#takes.say(takeId, change);
  }

  /** Told whenever the story has another frame size, whoever changed it: an edit, undo, another version. */
  watchFrameSize(listener: () => void): void {
    this.#onFrameSize = listener;
  }

  /** Waits until everything is written, as far as it can be. */
  saved(): Promise<void> {
    return this.#saver.settled();
  }

  /** Whether nothing is left to be written, at this very moment. */
  get isSaved(): boolean {
    return this.#saver.isDone;
  }

  /** Writes what is left, also what is changed meanwhile. @throws ThroughlineError `unsaved` where that cannot be done */
  async flush(): Promise<void> {
    const failed = await this.#saver.flush();
    if (!failed) return;
    throw new ThroughlineError(
      'unsaved',
      `The last changes of "${this.document.title}" are not saved: ${failed.error.message}`,
      'They are kept as long as it stays open. Make room and try again, or save a copy in another place.',
    );
  }

  /**
   * Goes on in another file: a copy of all of it, with a name of its own. What is changed meanwhile is in the copy; the
   * file it leaves stays as it is then. Whoever reads chunks goes on in the copy. Nothing may be generated meanwhile.
   * @throws ThroughlineError if the copy cannot be made; then it goes on where it was
   */
  async moveTo(file: string): Promise<void> {
    this.#place.require(this.document.title);
    await this.#place.moveTo(
      file,
      () => openFile(file, this.#hub, null, 'copy'),
      // Nothing is written between the last look at what there is and the first write there.
      (there, arrive) =>
        this.#saver.suspended(async () => {
          const all = this.#history.takeAll();
          try {
            await there.saveDocument(all);
          } catch (error) {
            this.#history.giveBack(all);
            throw error;
          }
          arrive();
        }),
    );
  }

  /**
   * Keeps the file open for whoever reads it, whatever becomes of the project.
   * @returns lets go of it; idempotent
   */
  hold(): () => void {
    return this.#place.hold();
  }

  /** It is changed no more. Its file is closed once nobody holds it; {@link closed} says when. */
  leave(): void {
    this.#shown.stop();
    this.#saver.stop();
    this.#place.leave();
  }

  /** Settles once the file is closed, or is only held by others. */
  closed(): Promise<void> {
    return this.#place.closed();
  }

  /** Writes what is left, as far as that can be done, and closes the file. Idempotent. */
  async close(): Promise<void> {
    await this.#saver.flush();
    this.leave();
    await this.closed();
  }

  #changed(): Changed {
    this.#saver.changed();
    const { frameSize } = this.document;
    if (frameSize?.width !== this.#frameSize?.width || frameSize?.height !== this.#frameSize?.height) {
      this.#frameSize = frameSize;
      this.#onFrameSize?.();
    }
    // What cannot be written is noted again when that model is loaded the next time.
    void this.#noteModel().catch(() => {});
    this.#shown.noteSoon();
    return { revision: this.#history.number };
  }
}
