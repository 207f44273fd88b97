import type { ImportNote, ImportNoteKind } from './imported.ts';

/** Where something stands: a line of the file, or a path in its JSON, or both; empty for the file as a whole. */
export interface Place {
  readonly line?: number;
  readonly path?: string;
}

/** Places named of one note; what stands in more is counted. */
const mostPlaces = 5;
/** Different notes of one file; more is a file that we do not understand, and nobody reads them. */
const mostNotes = 200;

interface Entry {
  readonly kind: ImportNoteKind;
  readonly text: string;
  readonly places: Place[];
  count: number;
}

/** Collects notes while a file is read. The same sentence about many places becomes one note. */
export class NoteList {
  readonly #entries = new Map<string, Entry>();
  #dropped = 0;

  add(kind: ImportNoteKind, place: Place, text: string): void {
    const key = `${kind} ${text}`;
    const entry = this.#entries.get(key);
    if (entry) {
      entry.count += 1;
      if (entry.places.length < mostPlaces) entry.places.push(place);
    } else if (this.#entries.size < mostNotes) {
      this.#entries.set(key, { kind, text, places: [place], count: 1 });
    } else {
      this.#dropped += 1;
    }
  }

  /** In the order in which each was first added. */
  finish(): ImportNote[] {
    const notes: ImportNote[] = [...this.#entries.values()].map(({ kind, text, places, count }) => ({
      kind,
      line: places[0]?.line ?? null,
      where: placesInWords(places, count),
      text,
    }));
    if (this.#dropped > 0)
      notes.push({ kind: 'changed', line: null, where: '', text: `there are ${this.#dropped} more notes like these.` });
    return notes;
  }
}

/** `line 3`, `line 3, prompts[1]`. */
export function placeInWords({ line, path }: Place): string {
  return [line === undefined ? '' : `line ${line}`, path ?? ''].filter(Boolean).join(', ');
}

function placesInWords(places: readonly Place[], count: number): string {
  if (count === 1) return placeInWords(places[0] ?? {});
  const onlyLines = places.every(({ line, path }) => line !== undefined && path === undefined);
  const names = places.map((place) => (onlyLines ? String(place.line) : placeInWords(place))).filter(Boolean);
  if (names.length === 0) return '';
  const more = count - places.length;
  const list =
    more > 0 ? `${names.join(', ')} and ${more} more` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return onlyLines ? `lines ${list}` : list;
}
