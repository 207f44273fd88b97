import { createHash } from 'node:crypto';
import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';
import { nanoid } from 'nanoid';
import type { Changed, ChunkSummary, ProjectId, ProjectState, SaveState } from '../../../shared/api/types.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { Command } from '../../../shared/project/commands.ts';
import type { ProjectDocument, Take } from '../../../shared/project/document.ts';
import { type ProjectPlan, ProjectPlanner } from '../../../shared/project/plan.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { ChunkMedia, ProjectStore, StoredJob } from '../../persistence/index.ts';
import type { EventHub } from '../event-hub.ts';
import { shownError } from '../shown-error.ts';
import { type DocumentHistory, parseDocument } from './document-history.ts';
import { type OpenedFile, openFile } from './open-file.ts';
import { refuseStale, staleError } from './stale-commands.ts';
import { noted, noteMade, noteShown, parseTakeNotes, type TakeNotes } from './take-notes.ts';

/** A save that takes longer than this is announced before it is done, in milliseconds. */
const quietSaveMs = 40;
/** After a save failed (a full disk, say) it is tried again this often, in milliseconds. */
const saveAgainMs = 4000;
/** So long at a time, in milliseconds, a plan may keep everyone else waiting. */
const planSliceMs = 8;

/** Chunks that are checked at one go, so that nobody waits long for the file, and the pause after them in milliseconds. */
const checkedAtOnce = 8;
const checkPauseMs = 5;

/** What is on the screen after a change is noted once nothing has changed for so long, in milliseconds. */
const noteAfterMs = 400;

/** Names in the project's table of facts. */
const facts = { model: 'model', queuePaused: 'queue-paused', takeNotes: 'take-notes' } as const;

/** A plan, and what it is of. */
interface Planned {
  readonly document: ProjectDocument;
  readonly model: ModelInfo;
  readonly plan: ProjectPlan;
}

type ChunkArtifact = Parameters<ProjectStore['putChunk']>[0];
type NewTake = Omit<Take, 'id' | 'createdAt'>;

/** A project that is open: its document and lists in memory, its file behind it. Every change is written at once. */
export class OpenProject {
  /** Names it for as long as it is open. */
  readonly id: ProjectId = nanoid();
  readonly file: string;
  readonly store: ProjectStore;
  readonly chunks: ReadonlyMap<string, ChunkSummary>;
  /** Names this project's cache of memory states. */
  readonly cacheName: string;
  /** Jobs as they were left, and whether they were left by a crash or a pause. */
  readonly leftJobs: { readonly jobs: readonly StoredJob[]; readonly paused: boolean };
  readonly #chunks: Map<string, ChunkSummary>;
  readonly #hub: EventHub;
  readonly #history: DocumentHistory;
  #takes: readonly Take[];
  #takeNotes: TakeNotes;
  #noting: NodeJS.Timeout | null = null;
  #lastGesture: string | null = null;
  #model: ModelInfo | null;
  #closing = false;
  #save: SaveState = { state: 'saved' };
  #saving: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  readonly #planner = new ProjectPlanner();
  #planned: Planned | null = null;

  private constructor(file: string, hub: EventHub, { store, contents, history, id }: OpenedFile) {
    this.file = file;
    this.store = store;
    this.#hub = hub;
    this.#history = history;
    this.#chunks = new Map(contents.chunks.map((chunk) => [chunk.key, chunk]));
    this.chunks = this.#chunks;
    this.#takeNotes = parseTakeNotes(contents.facts[facts.takeNotes]);
    this.#takes = noted(contents.takes, this.#takeNotes);
    this.#model = parseModel(contents.facts[facts.model]);
    // Of the project, wherever its file lies: a chunk's key names all that its memory state depends on.
    this.cacheName = createHash('sha256').update(id).digest('hex').slice(0, 24);
    this.leftJobs = { jobs: contents.jobs, paused: contents.crashed || contents.facts[facts.queuePaused] === 'yes' };
  }

  /**
   * @param newDocument makes a new project; the file must not be there yet
   * @param isCopy it was copied a moment ago from one that was open: a project of its own, and no crash
   */
  static async open(
    file: string,
    hub: EventHub,
    newDocument: ProjectDocument | null = null,
    isCopy = false,
  ): Promise<OpenProject> {
    return new OpenProject(file, hub, await openFile(file, hub, newDocument, isCopy));
  }

  get document(): ProjectDocument {
    return this.#history.document;
  }

  get takes(): readonly Take[] {
    return this.#takes;
  }

  /** The model that this project was last open with. */
  get model(): ModelInfo | null {
    return this.#model;
  }

  get state(): ProjectState {
    return {
      id: this.id,
      file: this.file,
      document: this.#history.document,
      revision: this.#history.number,
      undo: this.#history.undoLabel,
      redo: this.#history.redoLabel,
      save: this.#save,
      model: this.#model,
    };
  }

  /**
   * One undo step, or part of the gesture's.
   * @param revision of the document that the commands were made on
   * @throws ThroughlineError `bad-input`; `stale` where they would take away what was not there then
   */
  apply(commands: readonly Command[], gesture: string | null, revision = this.#history.number): Changed {
    if (revision !== this.#history.number) refuseStale(commands, this.#history.documentAt(revision), this.document);
    if (gesture === null || gesture !== this.#lastGesture) this.#noteShown();
    this.#lastGesture = gesture;
    this.#history.apply(commands, gesture);
    return this.#changed();
  }

  /** @throws ThroughlineError `stale` unless `revision` is the newest: it would take back what was not seen */
  undo(revision: number): Changed {
    this.requireNewest(revision);
    this.#noteShown();
    return this.#history.undo() ? this.#changed() : { revision };
  }

  /** @throws ThroughlineError `stale` unless `revision` is the newest */
  redo(revision: number): Changed {
    this.requireNewest(revision);
    this.#noteShown();
    return this.#history.redo() ? this.#changed() : { revision };
  }

  /** @throws ThroughlineError `stale` unless `revision` is the newest */
  requireNewest(revision: number): void {
    if (revision !== this.#history.number) throw staleError();
  }

  /** The document of a named version. @throws ThroughlineError `bad-input` if there is none */
  async versionDocument(id: number): Promise<ProjectDocument> {
    const data = await this.store.versionDocument(id);
    if (data === null) throw noVersion();
    return parseDocument(data);
  }

  /** @throws ThroughlineError `bad-input` if there is no such version */
  async renameVersion(id: number, name: string): Promise<void> {
    if (!(await this.store.renameVersion(id, name))) throw noVersion();
  }

  /** @throws ThroughlineError `bad-input` if there is no such version */
  async deleteVersion(id: number): Promise<void> {
    if (!(await this.store.deleteVersion(id))) throw noVersion();
  }

  /** Goes back to a named version, as one undo step. @throws ThroughlineError `bad-input`, `stale` */
  async restoreVersion(id: number, revision: number): Promise<Changed> {
    const version = (await this.store.versions()).find((candidate) => candidate.id === id);
    const data = await this.store.versionDocument(id);
    if (!version || data === null) throw noVersion();
    this.requireNewest(revision);
    this.#noteShown();
    this.#history.change(parseDocument(data), `go back to "${version.name}"`);
    return this.#changed();
  }

  /** Names the document as it was at a revision; the newest where that is forgotten. */
  async nameVersion(name: string, revision: number): Promise<void> {
    await this.store.addVersion(name, JSON.stringify(this.#history.documentAt(revision) ?? this.document));
  }

  /** Keys and recipes of every chunk, as `model` would make them. At once where {@link prepare} was waited for. */
  plan(model: ModelInfo): ProjectPlan {
    const { document } = this;
    if (this.#planned && this.#isPlanned(model)) return this.#planned.plan;
    const plan = this.#planner.plan(document, model);
    this.#planned = { document, model, plan };
    return plan;
  }

  /** Does the work of {@link plan} bit by bit: after an edit near the start of a long story it takes a while. */
  async prepare(model: ModelInfo): Promise<void> {
    // Whoever goes on editing must not keep others waiting: after some tries `plan` does it in one go.
    for (let tries = 0; tries < 3 && !this.#isPlanned(model); tries++) {
      const { document } = this;
      const steps = this.#planner.steps(document, model);
      let from = performance.now();
      let step = steps.next();
      while (!step.done && this.document === document) {
        if (performance.now() - from > planSliceMs) {
          await breathe();
          from = performance.now();
        }
        step = steps.next();
      }
      if (step.done && this.document === document) this.#planned = { document, model, plan: step.value };
    }
  }

  #isPlanned(model: ModelInfo): boolean {
    return this.#planned?.document === this.document && this.#planned.model === model;
  }

  /** The keys are those of this model from now on. */
  async setModel(model: ModelInfo): Promise<void> {
    if (JSON.stringify(model) === JSON.stringify(this.#model)) return;
    this.#noteShown();
    this.#model = model;
    this.#hub.publish({ type: 'project', project: this.state });
    await this.store.setFact(facts.model, JSON.stringify(model));
  }

  async setQueuePaused(paused: boolean): Promise<void> {
    await this.store.setFact(facts.queuePaused, paused ? 'yes' : 'no');
  }

  /**
   * Commits a chunk with its pictures, and the take that it completes; only then anyone hears of it.
   * @param whole what the shot shows once all of it is there, which is when the take is listed
   */
  async putChunk(
    artifact: ChunkArtifact,
    frameCount: number,
    media: readonly ChunkMedia[],
    whole: NewTake,
  ): Promise<void> {
    const createdAt = new Date().toISOString();
    const complete = whole.keys.every((key) => key === artifact.key || this.#chunks.has(key));
    const newTake = complete && !this.#isListed(whole) ? { ...whole, id: nanoid(), createdAt } : null;
    const { replaced, dependants } = await this.store.putChunk(artifact, frameCount, media, newTake);
    if (replaced) this.#hub.notice('warning', ...replacedWords(dependants.length));
    const chunk: ChunkSummary = { key: artifact.key, frameCount, device: artifact.device, createdAt };
    this.#chunks.set(chunk.key, chunk);
    this.#hub.publish({ type: 'chunks', added: [chunk], removed: [] });
    if (newTake) this.#setTakes([...this.#takes, newTake], noteMade(this.#takeNotes, newTake));
  }

  /** Lists takes whose chunks are all there, but were not made as theirs: of a shot that was cut short, say. */
  async listTakes(takes: readonly NewTake[]): Promise<void> {
    for (const take of takes) {
      if (this.#isListed(take)) continue;
      const listed = { ...take, id: nanoid(), createdAt: new Date().toISOString() };
      await this.store.putTake(listed);
      this.#setTakes([...this.#takes, listed], noteMade(this.#takeNotes, listed));
    }
  }

  #isListed({ shotId, keys }: NewTake): boolean {
    return this.#takes.some((known) => known.shotId === shotId && sameKeys(known.keys, keys));
  }

  /** What the document shows now is what it showed last, once it changes. */
  #noteShown(): void {
    if (!this.#model || !severalOfOneShot(this.#takes)) return;
    const { document } = this;
    const notes = noteShown(this.#takeNotes, { document, plan: this.plan(this.#model), takes: this.#takes });
    if (notes !== this.#takeNotes) this.#setTakes(this.#takes, notes);
  }

  #setTakes(takes: readonly Take[], notes: TakeNotes): void {
    // What cannot be written is only forgotten when the project is closed.
    if (notes !== this.#takeNotes) void this.store.setFact(facts.takeNotes, JSON.stringify(notes)).catch(() => {});
    this.#takeNotes = notes;
    this.#takes = noted(takes, notes);
    this.#hub.publish({ type: 'takes', takes: this.#takes });
  }

  /**
   * Looks through what is stored, a little at a time. What was altered on the disk counts as missing from then on, and
   * is made again when it is asked for. Ends when the project is closed.
   */
  async check(): Promise<void> {
    let found = 0;
    try {
      for (let after: number | null = 0; after !== null && !this.#closing; ) {
        const answer: { damaged: string[]; next: number | null } = await this.store.findDamaged(after, checkedAtOnce);
        const removed = answer.damaged.filter((key) => this.#chunks.delete(key));
        if (removed.length > 0) this.#hub.publish({ type: 'chunks', added: [], removed });
        found += removed.length;
        after = answer.next;
        await wait(checkPauseMs, undefined, { ref: false });
      }
    } catch {
      return; // closed meanwhile, or out of reach: whoever reads next hears of it
    }
    if (found === 0) return;
    const what = found === 1 ? 'One chunk of this project was' : `${found} chunks of this project were`;
    this.#hub.notice(
      'warning',
      `${what} damaged on the disk and must be made again.`,
      'It is shown as missing: generate the shot to make it again.',
    );
  }

  /** Deletes the chunks that are not in `keep`, with the takes they belong to. */
  async deleteUnused(keep: ReadonlySet<string>): Promise<{ chunks: number; bytes: number }> {
    const freed = await this.store.deleteUnused([...keep], false);
    const removed = [...this.#chunks.keys()].filter((key) => !keep.has(key));
    for (const key of removed) this.#chunks.delete(key);
    this.#takes = noted(await this.store.takes(), this.#takeNotes);
    this.#hub.publish({ type: 'takes', takes: this.#takes }, { type: 'chunks', added: [], removed });
    return freed;
  }

  /** Waits until everything is written. */
  async saved(): Promise<void> {
    while (this.#saving) await this.#saving;
  }

  /** Writes what is left and closes the file. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#noting) clearTimeout(this.#noting);
    if (this.#retry) clearTimeout(this.#retry);
    await this.saved();
    this.#startSaving();
    await this.saved();
    if (this.#retry) clearTimeout(this.#retry);
    await this.store.close();
  }

  #changed(): Changed {
    this.#startSaving();
    if (this.#noting) clearTimeout(this.#noting);
    // Before the next change as well: then windows need not wait to hear of it.
    this.#noting = setTimeout(() => this.#noteShown(), noteAfterMs).unref();
    return { revision: this.#history.number };
  }

  #startSaving(): void {
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = null;
    });
  }

  async #saveAll(): Promise<void> {
    // One event a change where the disk is quick; windows show changes of their own before we do.
    const announce = setTimeout(() => this.#setSave({ state: 'saving' }), quietSaveMs);
    try {
      for (let change = this.#history.takeChange(); change; change = this.#history.takeChange()) {
        try {
          await this.store.saveDocument(change);
        } catch (error) {
          this.#history.giveBack(change);
          throw error;
        }
      }
      clearTimeout(announce);
      this.#setSave({ state: 'saved' });
    } catch (error) {
      clearTimeout(announce);
      this.#setSave({ state: 'failed', error: shownError(error) });
      if (this.#retry) clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#startSaving(), saveAgainMs).unref();
    }
  }

  #setSave(save: SaveState): void {
    this.#save = save;
    this.#hub.publish({ type: 'project', project: this.state });
  }
}

function replacedWords(dependants: number): [message: string, hint: string] {
  const after = dependants === 1 ? 'One chunk was' : `${dependants} chunks were`;
  return dependants === 0
    ? ['A damaged chunk was made again; it looks other than before.', 'Nothing was made after it.']
    : [
        `A damaged chunk was made again and looks other than before. ${after} made after the earlier one.`,
        'They are kept as they are. Where the picture jumps, make a new take of their shots.',
      ];
}

function severalOfOneShot(takes: readonly Take[]): boolean {
  return new Set(takes.map(({ shotId }) => shotId)).size < takes.length;
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i]);
}

/** Written by ourselves; what an older version wrote is forgotten rather than trusted. */
function parseModel(text: string | undefined): ModelInfo | null {
  if (text === undefined) return null;
  try {
    const model = JSON.parse(text) as ModelInfo;
    return typeof model.digest === 'string' && typeof model.memory?.policy === 'string' ? model : null;
  } catch {
    return null;
  }
}

function noVersion(): ThroughlineError {
  return new ThroughlineError('bad-input', 'There is no such version.', 'Choose another.');
}
