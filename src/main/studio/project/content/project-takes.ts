import { nanoid } from 'nanoid';
import { ThroughlineError } from '../../../../shared/errors.ts';
import type { ProjectDocument, Take } from '../../../../shared/project/document.ts';
import type { ProjectPlan } from '../../../../shared/project/plan.ts';
import { noted, noteMade, noteSaid, noteShown, parseTakeNotes, type SaidOfTake, type TakeNotes } from './take-notes.ts';

/** A take that is not listed yet. */
export type NewTake = Omit<Take, 'id' | 'createdAt'>;

/** The takes of an open project, with what is known of them beside. */
export class ProjectTakes {
  #takes: readonly Take[];
  #notes: TakeNotes;
  readonly #writeNotes: (text: string) => Promise<unknown>;
  readonly #onTakes: (takes: readonly Take[]) => void;

  /**
   * @param notes as {@link ProjectTakes} wrote them
   * @param writeNotes keeps them; what cannot be written is only forgotten when the project is closed
   * @param onTakes hears of every change
   */
  constructor(
    takes: readonly Take[],
    notes: string | undefined,
    writeNotes: (text: string) => Promise<unknown>,
    onTakes: (takes: readonly Take[]) => void,
  ) {
    this.#notes = parseTakeNotes(notes);
    this.#takes = noted(takes, this.#notes);
    this.#writeNotes = writeNotes;
    this.#onTakes = onTakes;
  }

  get all(): readonly Take[] {
    return this.#takes;
  }

  /** Whether a shot has more than one: only then is there a choice to be noted. */
  get haveChoices(): boolean {
    return new Set(this.#takes.map(({ shotId }) => shotId)).size < this.#takes.length;
  }

  has({ shotId, keys }: NewTake): boolean {
    return this.#takes.some((known) => known.shotId === shotId && sameKeys(known.keys, keys));
  }

  /** The take that a chunk completes. Null where others of it are missing, or it is listed already. */
  completedBy(key: string, take: NewTake, chunks: ReadonlyMap<string, unknown>): Take | null {
    const complete = take.keys.every((other) => other === key || chunks.has(other));
    return complete && !this.has(take) ? newTake(take) : null;
  }

  /** A take has been written, and is the newest of its shot. */
  add(take: Take): void {
    this.#set([...this.#takes, take], noteMade(this.#notes, take));
  }

  /** What a document shows is what its shots showed last. */
  noteShown(document: ProjectDocument, plan: ProjectPlan): void {
    const notes = noteShown(this.#notes, { document, plan, takes: this.#takes });
    if (notes !== this.#notes) this.#set(this.#takes, notes);
  }

  /** Names, stars or deletes a take. @throws ThroughlineError `bad-input` if there is none */
  say(takeId: string, change: SaidOfTake): void {
    if (!this.#takes.some(({ id }) => id === takeId))
      throw new ThroughlineError('bad-input', 'This take is no longer there.', 'Choose another one.');
    this.#set(this.#takes, noteSaid(this.#notes, takeId, change));
  }

  /** As they are stored now. */
  replace(takes: readonly Take[]): void {
    this.#set(takes, this.#notes);
  }

  #set(takes: readonly Take[], notes: TakeNotes): void {
    if (notes !== this.#notes) void this.#writeNotes(JSON.stringify(notes)).catch(() => {});
    this.#notes = notes;
    this.#takes = noted(takes, notes);
    this.#onTakes(this.#takes);
  }
}

/** With a name, and made now. */
export function newTake(take: NewTake): Take {
  return { ...take, id: nanoid(), createdAt: new Date().toISOString() };
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i]);
}
