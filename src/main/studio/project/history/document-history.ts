import { ThroughlineError } from '../../../../shared/errors.ts';
import { applyCommand } from '../../../../shared/project/apply-command.ts';
import type { Command } from '../../../../shared/project/commands.ts';
import { describeCommands } from '../../../../shared/project/describe-commands.ts';
import type { ProjectDocument } from '../../../../shared/project/document.ts';
import { readDocument } from '../../../../shared/project/document-versions.ts';
import { requireTrims } from '../../../../shared/project/require-trims.ts';
import type { DocumentChange, ProjectContents, StoredRevision } from '../../../persistence/index.ts';
import { applyDelta, type DocumentDelta, deltaBetween, readDelta, writeDelta } from './document-delta.ts';

/** Steps that can be undone. */
const mostRevisions = 1000;
/** States of the document that are remembered, so that what was meant for one of them can be understood. */
const mostRemembered = 200;

interface Revision extends Omit<StoredRevision, 'delta'> {
  readonly delta: DocumentDelta;
}

/** What a person is told about a project that was not quite as it should be. */
export interface HistoryNotice {
  readonly message: string;
  readonly hint: string;
}

/** A document with its undo steps, in memory; {@link takeChange} says what has to be written. */
export class DocumentHistory {
  /** Why nothing can be changed: a newer Throughline made the document. Null: it can. */
  readonly readOnly: ThroughlineError | null;
  /** What was left out or mended, for the person to know. */
  readonly notices: readonly HistoryNotice[];
  #document: ProjectDocument;
  /** Rises with every change. */
  #number: number;
  /** The last revision the document is the result of; 0: none. */
  #at: number;
  readonly #revisions: Revision[];
  /** The gesture that goes on; a restart or an undo ends it. */
  /** The revision of the last thing that a person did, where something was noted since. */
  #lastAsked: number | null = null;
  #gesture: string | null = null;
  #unsaved: { dropAfter: number | null; put: Map<number, Revision> } | null = null;
  /** The newest states by number; they share what did not change between them. */
  readonly #remembered = new Map<number, ProjectDocument>();

  /**
   * @param steps `forget the steps`: those in the file belong to another document, and go with the next change
   * @throws ThroughlineError `database` if the stored document is not one
   */
  constructor(
    { data, number, at, revisions }: Pick<ProjectContents, 'data' | 'number' | 'at' | 'revisions'>,
    steps: 'keep the steps' | 'forget the steps' = 'keep the steps',
  ) {
    const { value, newer, mended } = readDocument(data);
    this.#document = value;
    this.#number = number;
    this.#at = at;
    this.readOnly = newer;
    // Steps of a newer Throughline may say things that this one would lose on the way back.
    const read = newer ? nothingToUndo : readSteps(revisions, at);
    this.#revisions = [...read.steps];
    const dropAfter = steps === 'forget the steps' ? 0 : read.dropAfter;
    if (dropAfter !== null) this.#unsaved = { dropAfter, put: new Map() };
    this.notices = [
      ...mended.map((message) => ({ message, hint: 'The rest of the storyboard is as it was saved.' })),
      ...(read.lost > 0 ? [lostSteps(read.lost)] : []),
    ];
    this.#remember();
  }

  get document(): ProjectDocument {
    return this.#document;
  }

  get number(): number {
    return this.#number;
  }

  /** The document as it was at a revision not long ago; null where that is forgotten, or never was. */
  documentAt(number: number): ProjectDocument | null {
    return this.#remembered.get(number) ?? null;
  }

  /** What undo would take back, in words. */
  get undoLabel(): string | null {
    return this.#revisions.find(({ id }) => id === this.#at)?.label ?? null;
  }

  get redoLabel(): string | null {
    return this.#next()?.label ?? null;
  }

  /**
   * One undo step, or part of the gesture's.
   * @param chunkFrames latent frames of a chunk, where a model has said so: trims are held against it
   * @throws ThroughlineError `bad-input`, or `database` where it is read only; the document is then as it was
   */
  apply(commands: readonly Command[], gesture: string | null, chunkFrames: number | null = null): void {
    this.#requireWritable();
    const label = describeCommands(this.#document, commands);
    const after = commands.reduce(applyCommand, this.#document);
    if (chunkFrames !== null) requireTrims(this.#document, after, chunkFrames);
    this.change(after, label, gesture);
  }

  /** Makes `after` the document, as one undo step. */
  change(after: ProjectDocument, label: string, gesture: string | null = null): void {
    this.#requireWritable();
    const last = this.#revisions.at(-1);
    const goesOn = gesture !== null && gesture === this.#gesture && last?.id === this.#at && last.gesture === gesture;
    const before = goesOn ? applyDelta(this.#document, last.delta, 'backwards') : this.#document;
    const delta = deltaBetween(before, after);
    this.#gesture = gesture;
    if (goesOn) {
      this.#truncate(last.id - 1);
      this.#at = this.#revisions.at(-1)?.id ?? 0;
    } else if (delta) {
      this.#truncate(this.#at);
    }
    this.#document = after;
    if (delta) {
      const revision: Revision = { id: this.#at + 1, label: goesOn ? last.label : label, gesture, delta };
      this.#revisions.push(revision);
      if (this.#revisions.length > mostRevisions) this.#revisions.shift();
      this.#at = revision.id;
      this.#pending().put.set(revision.id, revision);
    }
    if (delta || goesOn) this.#changed();
  }

  /**
   * Makes `after` the document without an undo step: something became true that nobody asked for. Undo and redo lead past it.
   */
  note(after: ProjectDocument): void {
    this.#requireWritable();
    const lastAsked = this.#lastAsked ?? this.#number;
    this.#document = after;
    this.#changed();
    this.#lastAsked = lastAsked;
  }

  /** Whether nothing that a person did came after this revision; what was only noted takes nothing from anybody. */
  isNewest(number: number): boolean {
    return number >= (this.#lastAsked ?? this.#number) && number <= this.#number;
  }

  /** As {@link note}, but written only with the next change: what can be told again at every opening. */
  adopt(after: ProjectDocument): void {
    if (this.readOnly) return;
    this.#document = after;
    this.#remember();
  }

  /** Returns whether there was anything to undo. @throws ThroughlineError `database` if the step does not fit */
  undo(): boolean {
    const revision = this.#revisions.find(({ id }) => id === this.#at);
    if (!revision) return false;
    this.#document = walk(this.#document, revision, 'backwards');
    this.#at = revision.id - 1;
    this.#gesture = null;
    this.#changed();
    return true;
  }

  redo(): boolean {
    const revision = this.#next();
    if (!revision) return false;
    this.#document = walk(this.#document, revision, 'forwards');
    this.#at = revision.id;
    this.#gesture = null;
    this.#changed();
    return true;
  }

  /** What has changed since it was last asked; null if nothing has. */
  takeChange(): DocumentChange | null {
    const unsaved = this.#unsaved;
    if (!unsaved) return null;
    this.#unsaved = null;
    return {
      data: JSON.stringify(this.#document),
      number: this.#number,
      at: this.#at,
      dropAfter: unsaved.dropAfter,
      put: [...unsaved.put.values()].map((revision) => ({ ...revision, delta: writeDelta(revision.delta) })),
      keepFrom: this.#revisions[0]?.id ?? 0,
    };
  }

  /** Whether something has changed since it was last asked. */
  get hasChange(): boolean {
    return this.#unsaved !== null;
  }

  /** Everything, for a file that holds another state of the same document. {@link giveBack} it if that fails. */
  takeAll(): DocumentChange {
    const unsaved = this.#pending();
    unsaved.dropAfter = 0;
    for (const revision of this.#revisions) unsaved.put.set(revision.id, revision);
    return this.takeChange() as DocumentChange;
  }

  /** The change could not be written: it counts as not taken. */
  giveBack({ dropAfter, put }: DocumentChange): void {
    const later = this.#pending();
    for (const { id } of put) {
      const revision = this.#revisions.find((known) => known.id === id);
      if (revision) later.put.set(id, revision);
    }
    if (dropAfter !== null) later.dropAfter = Math.min(dropAfter, later.dropAfter ?? dropAfter);
  }

  #requireWritable(): void {
    if (this.readOnly) throw this.readOnly;
  }

  #next(): Revision | undefined {
    return this.#revisions.find(({ id }) => id === this.#at + 1);
  }

  #pending() {
    this.#unsaved ??= { dropAfter: null, put: new Map() };
    return this.#unsaved;
  }

  #changed(): void {
    this.#number++;
    this.#lastAsked = null;
    this.#pending();
    this.#remember();
  }

  #remember(): void {
    this.#remembered.set(this.#number, this.#document);
    this.#remembered.delete(this.#number - mostRemembered);
  }

  /** Forgets revisions after `id`. */
  #truncate(id: number): void {
    const kept = this.#revisions.filter((revision) => revision.id <= id);
    if (kept.length === this.#revisions.length) return;
    this.#revisions.splice(0, this.#revisions.length, ...kept);
    const unsaved = this.#pending();
    unsaved.dropAfter = Math.min(id, unsaved.dropAfter ?? id);
    for (const waiting of unsaved.put.keys()) if (waiting > id) unsaved.put.delete(waiting);
  }
}

const nothingToUndo = { steps: [], lost: 0, dropAfter: null } as const;

/**
 * The steps that can be walked from where the document is: a damaged one ends the way there, and is left out with what
 * lies beyond it. `dropAfter`: steps after this one must go from the file, since new ones will take their numbers.
 */
function readSteps(
  stored: readonly StoredRevision[],
  at: number,
): { readonly steps: readonly Revision[]; readonly lost: number; readonly dropAfter: number | null } {
  const broken: number[] = [];
  const read = stored.flatMap((revision): Revision[] => {
    try {
      return [{ ...revision, delta: readDelta(revision.delta) }];
    } catch {
      broken.push(revision.id);
      return [];
    }
  });
  const last = Math.max(Number.NEGATIVE_INFINITY, ...broken.filter((id) => id <= at));
  const next = Math.min(Number.POSITIVE_INFINITY, ...broken.filter((id) => id > at));
  const steps = read.filter(({ id }) => id > last && id < next);
  return { steps, lost: stored.length - steps.length, dropAfter: Number.isFinite(next) ? next - 1 : null };
}

function lostSteps(count: number): HistoryNotice {
  return {
    message:
      count === 1
        ? 'One undo step of this project was damaged and is left out.'
        : `${count} undo steps of this project were damaged and are left out.`,
    hint: 'The storyboard itself is as it was saved.',
  };
}

function walk(document: ProjectDocument, { label, delta }: Revision, way: 'forwards' | 'backwards'): ProjectDocument {
  try {
    return applyDelta(document, delta, way);
  } catch (cause) {
    throw new ThroughlineError(
      'database',
      `"${label}" cannot be ${way === 'forwards' ? 'done again' : 'taken back'}: the step does not fit the storyboard.`,
      'The storyboard is as it was. Named versions can still be restored.',
      { cause },
    );
  }
}

/** A stored document in its newest form. @throws ThroughlineError `database` if it is not one, or of a newer Throughline */
export function parseDocument(data: string): ProjectDocument {
  const { value, newer } = readDocument(data);
  if (newer) throw newer;
  return value;
}
