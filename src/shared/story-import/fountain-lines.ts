import { badStory, type ImportContext } from './source.ts';

/** A line of a Fountain text once its boneyards and notes are taken out. */
export interface FountainLine {
  readonly text: string;
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
  readonly notes: readonly { readonly text: string; readonly line: number }[];
  /** Nothing was on it but boneyards and notes: it neither parts paragraphs nor belongs to one. */
  readonly onlyMarks: boolean;
}

const noNotes: FountainLine['notes'] = [];
/** Most notes and omissions of a script. */
const maxMarks = 50_000;

/** A mark that is opened and never closed. */
export interface Stray {
  readonly line: number;
  readonly what: string;
}

/**
 * Takes boneyards, `/* ... *\/`, and notes, `[[ ... ]]`, out of the text, both of which may go over several lines, and
 * gives what is left by lines. A note ends at an empty line at the latest, or it is none; two spaces keep it open.
 */
export function boneyardAndNotes(
  text: string,
  { options, notes: imports }: ImportContext,
): { lines: FountainLine[]; stray: Stray[] } {
  const lines: FountainLine[] = [];
  const stray: Stray[] = [];
  let line = 1;
  let current = { parts: [] as string[], line: 1, notes: [] as { text: string; line: number }[], marks: false };
  const finishLine = () => {
    const rest = current.parts.join('');
    lines.push({
      text: rest,
      line: current.line,
      notes: current.notes.length > 0 ? current.notes : noNotes,
      onlyMarks: current.marks && rest.trim() === '',
    });
    current = { parts: [], line, notes: [], marks: false };
  };
  // Where the next of each stands, found once each: a text of nothing but opening marks stays linear.
  const boneyardEnd = new Finder(text, '*/');
  const noteEnd = new Finder(text, ']]');
  const blank = new BlankFinder(text);
  let from = 0;
  let at = 0;
  let marks = 0;
  while (at < text.length) {
    const character = text[at];
    if (character === '\n') {
      current.parts.push(text.slice(from, at));
      line += 1;
      finishLine();
      at += 1;
      from = at;
      continue;
    }
    const mark =
      character === '/' && text[at + 1] === '*'
        ? 'boneyard'
        : character === '[' && text[at + 1] === '['
          ? 'note'
          : null;
    if (!mark) {
      at += 1;
      continue;
    }
    const end = mark === 'boneyard' ? boneyardEnd.from(at + 2) : noteEnd.from(at + 2);
    if (end < 0 || (mark === 'note' && blank.from(at) < end)) {
      if (stray.length < 20) stray.push({ line, what: mark === 'boneyard' ? 'omitted text, /*,' : 'a note, [[,' });
      at += 2;
      continue;
    }
    current.parts.push(text.slice(from, at));
    current.marks = true;
    const inside = text.slice(at + 2, end);
    if (mark === 'boneyard') imports.add('left-out', { line }, 'text between /* and */ is omitted, as it says.');
    else current.notes.push({ text: inside.replace(/\s+/g, ' ').trim(), line });
    marks += 1;
    if (marks > maxMarks) {
      const what = `up to here the script has more than ${maxMarks} notes and omissions, the most that are read.`;
      throw badStory(options, { line }, what, 'Take some out.');
    }
    line += countLineEnds(inside);
    at = end + 2;
    from = at;
  }
  current.parts.push(text.slice(from));
  finishLine();
  return { lines, stray };
}

function countLineEnds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** Where a mark stands next, for places asked in rising order. */
class Finder {
  readonly #text: string;
  readonly #mark: string;
  #found = -2;

  constructor(text: string, mark: string) {
    this.#text = text;
    this.#mark = mark;
  }

  /** -1 where there is none any more. */
  from(place: number): number {
    if (this.#found === -1) return -1;
    if (this.#found < place) this.#found = this.#text.indexOf(this.#mark, place);
    return this.#found;
  }
}

/** Where the next empty line begins (one with at most one space), for places asked in rising order. */
class BlankFinder {
  readonly #text: string;
  readonly #pattern = /\n[ \t]?\n/g;
  #found = -1;

  constructor(text: string) {
    this.#text = text;
  }

  from(place: number): number {
    if (this.#found < place) {
      this.#pattern.lastIndex = place;
      this.#found = this.#pattern.exec(this.#text)?.index ?? Number.POSITIVE_INFINITY;
    }
    return this.#found;
  }
}
