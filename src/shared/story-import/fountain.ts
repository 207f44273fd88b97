import { withoutEmphasis } from './fountain-emphasis.ts';
import { boneyardAndNotes, type FountainLine } from './fountain-lines.ts';
import type { ImportedScript } from './imported.ts';
import { withEveryLineEnd } from './odd-characters.ts';
import { type Screenplay, type ScreenplayElement, screenplayScript } from './screenplay.ts';
import type { ImportContext } from './source.ts';

/**
 * A Fountain screenplay (fountain.io/syntax, version 1.1). A parser of our own: docs/decisions/0040.
 * Linear: every line is looked at a fixed number of times.
 */
export function readFountain(text: string, context: ImportContext): ImportedScript {
  return screenplayScript(parseFountain(text, context), 'fountain', context);
}

/** The elements of a Fountain text in order, marks and emphasis taken off. */
export function parseFountain(text: string, context: ImportContext): Screenplay {
  const { lines, stray } = boneyardAndNotes(withEveryLineEnd(text), context);
  for (const { line, what } of stray) {
    context.notes.add('changed', { line }, `${what} is opened and never closed; it is read as it stands.`);
  }
  const { titlePage, next } = readTitlePage(lines);
  return { titlePage, elements: readElements(lines, next, context) };
}

const isBlank = (line: FountainLine | undefined) => line === undefined || (line.text.trim() === '' && !line.onlyMarks);
/** Ends a dialogue: two spaces on a line alone keep it open. */
const endsDialogue = (line: FountainLine | undefined) => isBlank(line) && !/^ {2,}$/.test(line?.text ?? '');

/** `Key: value`, or `Key:` with indented lines below, until the first empty line. Only at the very beginning. */
function readTitlePage(lines: readonly FountainLine[]): Pick<Screenplay, 'titlePage'> & { next: number } {
  const titlePage: { key: string; values: string[] }[] = [];
  let next = 0;
  for (; next < lines.length && !isBlank(lines[next]); next++) {
    const text = lines[next]?.text ?? '';
    const indented = /^( {3}|\t)/.test(text);
    const pair = indented ? null : keyAndValue(text);
    if (pair) {
      const below = lines[next + 1]?.text ?? '';
      // `FADE IN:` and `CUT TO:` at the beginning are no title page: nothing stands beside or below them.
      if (pair.value === '' && !/^( {3,}|\t\s*)\S/.test(below)) break;
      if (/\bTO$/.test(pair.key)) break;
      titlePage.push({ key: pair.key, values: pair.value === '' ? [] : [pair.value] });
    } else if (indented && titlePage.length > 0) {
      titlePage.at(-1)?.values.push(text.trim());
    } else {
      break;
    }
  }
  if (!isBlank(lines[next])) return { titlePage: [], next: 0 };
  const read = titlePage.map(({ key, values }) => ({ key, value: values.map(withoutEmphasis).join(' ') }));
  return { titlePage: read, next: titlePage.length === 0 ? 0 : next };
}

const longestKey = 40;

function keyAndValue(text: string): { key: string; value: string } | null {
  const colon = text.indexOf(':');
  if (colon < 1 || colon > longestKey) return null;
  const key = text.slice(0, colon);
  return /^[\p{L}][\p{L}\p{N} _-]*$/u.test(key) ? { key: key.trim(), value: text.slice(colon + 1).trim() } : null;
}

const sceneBeginning = /^(INT\.?\/EXT|EXT\.?\/INT|INT|EXT|EST|I\.?\/E|E\.?\/I)[. ]/i;
const pageBreak = /^={3,}$/;

function readElements(lines: readonly FountainLine[], from: number, context: ImportContext): ScreenplayElement[] {
  const elements: ScreenplayElement[] = [];
  const noteOf = (line: FountainLine | undefined) => {
    for (const note of line?.notes ?? [])
      elements.push({ kind: 'note', text: withoutEmphasis(note.text), line: note.line });
  };
  let at = from;
  let afterBlank = true;
  while (at < lines.length) {
    const current = lines[at];
    if (!current) break;
    if (isBlank(current) || current.onlyMarks) {
      noteOf(current);
      if (!current.onlyMarks) afterBlank = true;
      at += 1;
      continue;
    }
    const text = current.text.trim();
    const beforeBlank = isBlank(lines[at + 1]);
    const element = lineElement(text, current.line, { afterBlank, beforeBlank }, context);
    if (element) {
      elements.push(element);
      noteOf(current);
      at += 1;
      afterBlank = element.kind === 'section' || element.kind === 'synopsis' || element.kind === 'page-break';
      continue;
    }
    const character = afterBlank && !endsDialogue(lines[at + 1]) ? readCharacter(text) : null;
    if (character) {
      at = readDialogue(lines, at, character, elements, noteOf);
    } else {
      at = readAction(lines, at, elements, noteOf);
    }
    afterBlank = false;
  }
  return elements;
}

interface Surroundings {
  readonly afterBlank: boolean;
  readonly beforeBlank: boolean;
}

/** What is said by one line alone; null for what may be a character's name or action. */
function lineElement(
  text: string,
  line: number,
  { afterBlank, beforeBlank }: Surroundings,
  context: ImportContext,
): ScreenplayElement | null {
  if (pageBreak.test(text)) return { kind: 'page-break', line };
  if (text.startsWith('=')) return { kind: 'synopsis', text: withoutEmphasis(text.slice(1).trim()), line };
  if (text.startsWith('#')) {
    const title = text.replace(/^#+/, '');
    return { kind: 'section', depth: text.length - title.length, text: withoutEmphasis(title.trim()), line };
  }
  if (text.startsWith('>') && text.endsWith('<') && text.length > 1) {
    return { kind: 'centred', text: withoutEmphasis(text.slice(1, -1).trim()), line };
  }
  if (text.startsWith('>')) return { kind: 'transition', text: withoutEmphasis(text.slice(1).trim()), line };
  if (text.startsWith('~')) return { kind: 'lyrics', text: withoutEmphasis(text.slice(1).trim()), line };
  if (!afterBlank) return null;
  // Forced: one point and a letter or digit; three points are how action begins.
  if (/^\.[\p{L}\p{N}]/u.test(text)) return headingElement(text.slice(1), line);
  const plain = withoutEmphasis(text);
  if (sceneBeginning.test(plain)) {
    if (beforeBlank) return headingElement(text, line);
    if (plain === plain.toUpperCase()) {
      context.notes.add('changed', { line }, 'no empty line follows this scene heading; it is taken as one.');
      return headingElement(text, line);
    }
    return null;
  }
  if (beforeBlank && isTransition(plain)) return { kind: 'transition', text: plain, line };
  return null;
}

/** `CUT TO:` by the specification; the fades are what everybody writes without the mark that forces them. */
function isTransition(text: string): boolean {
  if (text !== text.toUpperCase()) return false;
  return /\bTO:$/.test(text) || /^(FADE IN:?|FADE OUT[.:]?|FADE TO BLACK[.:]?|CUT TO BLACK[.:]?)$/.test(text);
}

function headingElement(marked: string, line: number): ScreenplayElement {
  const trimmed = marked.trim();
  const open = trimmed.endsWith('#') ? trimmed.lastIndexOf('#', trimmed.length - 2) : -1;
  const number = open < 0 ? '' : trimmed.slice(open + 1, -1).trim();
  const numbered = number !== '' && number.length <= 30 && /^[\p{L}\p{N}.\- ]+$/u.test(number);
  const text = withoutEmphasis(numbered ? trimmed.slice(0, open).trim() : trimmed);
  return { kind: 'scene-heading', text, number: numbered ? number : null, line };
}

interface Character {
  readonly name: string;
  readonly dual: boolean;
}

/** A line in capitals, or one that `@` forces; extensions in brackets may be in any case; `^` is for dual dialogue. */
function readCharacter(text: string): Character | null {
  const forced = text.startsWith('@');
  const dual = text.endsWith('^');
  const name = withoutEmphasis(text.slice(forced ? 1 : 0, dual ? -1 : undefined).trim());
  if (name === '' || name.length > 200) return null;
  if (forced) return { name, dual };
  if (text.startsWith('!')) return null;
  const bracket = name.indexOf('(');
  const spoken = bracket < 0 ? name : name.slice(0, bracket);
  return /\p{Lu}/u.test(spoken) && !/\p{Ll}/u.test(spoken) ? { name, dual } : null;
}

type NoteOf = (line: FountainLine | undefined) => void;

/** From a character's name to the empty line after the speech. Returns the line that follows. */
function readDialogue(
  lines: readonly FountainLine[],
  start: number,
  { name, dual }: Character,
  elements: ScreenplayElement[],
  noteOf: NoteOf,
): number {
  const speech: string[] = [];
  let at = start + 1;
  for (; at < lines.length && !endsDialogue(lines[at]); at++) {
    const text = lines[at]?.text.trim() ?? '';
    if (text === '') continue;
    speech.push(withoutEmphasis(text.startsWith('~') ? `♪ ${text.slice(1).trim()}` : text));
  }
  elements.push({ kind: 'speech', name, dual, text: speech.join(' '), line: lines[start]?.line ?? 0 });
  for (let i = start; i < at; i++) noteOf(lines[i]);
  return at;
}

/** A paragraph of action. Returns the line that follows. */
function readAction(
  lines: readonly FountainLine[],
  start: number,
  elements: ScreenplayElement[],
  noteOf: NoteOf,
): number {
  const paragraph: string[] = [];
  let at = start;
  for (; at < lines.length && !isBlank(lines[at]); at++) {
    const text = lines[at]?.text.trim() ?? '';
    if (at > start && /^([#=~]|>)/.test(text)) break;
    if (text !== '') paragraph.push(withoutEmphasis(text.startsWith('!') ? text.slice(1).trim() : text));
  }
  elements.push({ kind: 'action', text: paragraph.join(' ').trim(), line: lines[start]?.line ?? 0 });
  for (let i = start; i < at; i++) noteOf(lines[i]);
  return at;
}
