import { ThroughlineError } from '../../../shared/errors.ts';
import { applyCommand, describeCommand } from '../../../shared/project/apply-command.ts';
import type { Command } from '../../../shared/project/commands.ts';
import { type ProjectDocument, projectDocumentSchema } from '../../../shared/project/document.ts';
import type { DocumentChange, ProjectContents, StoredRevision } from '../../persistence/index.ts';
import { applyDelta, type DocumentDelta, deltaBetween, documentDeltaSchema } from './document-delta.ts';

/** Steps that can be undone. */
const mostRevisions = 1000;

interface Revision extends Omit<StoredRevision, 'delta'> {
  readonly delta: DocumentDelta;
}

/** A document with its undo steps, in memory; {@link takeChange} says what has to be written. */
export class DocumentHistory {
  #document: ProjectDocument;
  /** Rises with every change. */
  #number: number;
  /** The last revision the document is the result of; 0: none. */
  #at: number;
  readonly #revisions: Revision[];
  /** The gesture that goes on; a restart or an undo ends it. */
  #gesture: string | null = null;
  #unsaved: { dropAfter: number | null; put: Map<number, Revision> } | null = null;

  /** @throws ThroughlineError `database` if the stored document is not one */
  constructor({ data, number, at, revisions }: Pick<ProjectContents, 'data' | 'number' | 'at' | 'revisions'>) {
    this.#document = parseDocument(data);
    this.#number = number;
    this.#at = at;
    this.#revisions = revisions.map((revision) => ({
      ...revision,
      delta: documentDeltaSchema.parse(JSON.parse(revision.delta)),
    }));
  }

  get document(): ProjectDocument {
    return this.#document;
  }

  get number(): number {
    return this.#number;
  }

  /** What undo would take back, in words. */
  get undoLabel(): string | null {
    return this.#revisions.find(({ id }) => id === this.#at)?.label ?? null;
  }

  get redoLabel(): string | null {
    return this.#next()?.label ?? null;
  }

  /** One undo step, or part of the gesture's. @throws ThroughlineError `bad-input`; the document is then as it was */
  apply(commands: readonly Command[], gesture: string | null): void {
    const [first] = commands;
    const label = first ? describeCommand(this.#document, first) : '';
    const after = commands.reduce(applyCommand, this.#document);
    this.change(after, commands.length > 1 && label ? `${label} and more` : label, gesture);
  }

  /** Makes `after` the document, as one undo step. */
  change(after: ProjectDocument, label: string, gesture: string | null = null): void {
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

  /** Returns whether there was anything to undo. */
  undo(): boolean {
    const revision = this.#revisions.find(({ id }) => id === this.#at);
    if (!revision) return false;
    this.#document = applyDelta(this.#document, revision.delta, 'backwards');
    this.#at = revision.id - 1;
    this.#gesture = null;
    this.#changed();
    return true;
  }

  redo(): boolean {
    const revision = this.#next();
    if (!revision) return false;
    this.#document = applyDelta(this.#document, revision.delta, 'forwards');
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
      put: [...unsaved.put.values()].map((revision) => ({ ...revision, delta: JSON.stringify(revision.delta) })),
      keepFrom: this.#revisions[0]?.id ?? 0,
    };
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

  #next(): Revision | undefined {
    return this.#revisions.find(({ id }) => id === this.#at + 1);
  }

  #pending() {
    this.#unsaved ??= { dropAfter: null, put: new Map() };
    return this.#unsaved;
  }

  #changed(): void {
    this.#number++;
    this.#pending();
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

/** @throws ThroughlineError `database` if it is not a document */
export function parseDocument(data: string): ProjectDocument {
  try {
    return projectDocumentSchema.parse(JSON.parse(data));
  } catch (cause) {
    throw new ThroughlineError(
      'database',
      'The storyboard in this file cannot be read.',
      'Restore the file from a backup.',
      { cause },
    );
  }
}
