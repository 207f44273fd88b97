import type { ImportedScript } from './imported.ts';
import { type Screenplay, type ScreenplayElement, screenplayScript } from './screenplay.ts';
import { badStory, type ImportContext } from './source.ts';
import { attributeOf, childrenNamed, parseXml, textIn, type XmlElement } from './xml.ts';

/**
 * A Final Draft screenplay (`.fdx`, Final Draft 8 and later). Read are paragraphs of every type that Final Draft has,
 * scene numbers, synopses, dual dialogue, script notes and the title page. Styles, revisions, colours and layout are
 * not: they say how pages look.
 */
export function readFinalDraft(text: string, context: ImportContext): ImportedScript {
  return screenplayScript(parseFinalDraft(text, context), 'final-draft', context);
}

/** The elements of a Final Draft file in order. */
export function parseFinalDraft(text: string, context: ImportContext): Screenplay {
  const { options, notes } = context;
  const root = parseXml(text, options);
  if (root.name !== 'FinalDraft') {
    throw badStory(
      options,
      {},
      `this is XML, but no Final Draft screenplay: it begins with <${root.name.slice(0, 40)}>.`,
      'Save it from Final Draft as .fdx, or as Fountain from another program.',
    );
  }
  const kind = attributeOf(root, 'DocumentType');
  if (kind !== '' && kind !== 'Script') {
    notes.add('changed', {}, `this is a document of the kind ${kind.slice(0, 40)}; it is read as a script.`);
  }
  const content = childrenNamed(root, 'Content')[0];
  if (!content) throw badStory(options, {}, 'this Final Draft file has no content.', 'Save it again from Final Draft.');
  const reader = new ContentReader(context, rangedNotes(root));
  for (const paragraph of childrenNamed(content, 'Paragraph')) reader.read(paragraph);
  return { titlePage: titlePageOf(root), elements: reader.finish() };
}

/** The title page has no fields, only lines: the first is the title. */
function titlePageOf(root: XmlElement): Screenplay['titlePage'] {
  const content = childrenNamed(root, 'TitlePage').flatMap((page) => childrenNamed(page, 'Content'));
  const lines = content
    .flatMap((part) => childrenNamed(part, 'Paragraph'))
    .map((paragraph) => plainText(paragraph))
    .filter((line) => line !== '');
  return lines.map((value, i) => ({ key: i === 0 ? 'Title' : 'Line of the title page', value }));
}

/** A note of the newer files: it names the characters of the content that it belongs to. */
interface RangedNote {
  readonly from: number;
  readonly text: string;
}

function rangedNotes(root: XmlElement): RangedNote[] {
  return childrenNamed(root, 'ScriptNotes')
    .flatMap((notes) => childrenNamed(notes, 'ScriptNote'))
    .map((note) => ({ from: Number.parseInt(attributeOf(note, 'Range'), 10), text: noteText(note) }))
    .filter(({ text }) => text !== '')
    .sort(
      (a, b) =>
        (Number.isNaN(a.from) ? Number.POSITIVE_INFINITY : a.from) -
        (Number.isNaN(b.from) ? Number.POSITIVE_INFINITY : b.from),
    );
}

class ContentReader {
  readonly #context: ImportContext;
  readonly #elements: ScreenplayElement[] = [];
  readonly #notes: RangedNote[];
  #nextNote = 0;
  /** Characters of the content before the paragraph that is read, a line end a paragraph. */
  #offset = 0;
  /** A speech being read: a character, then parentheticals and dialogue. */
  #speech: { name: string; parts: string[]; dual: boolean; line: number } | null = null;

  constructor(context: ImportContext, notes: RangedNote[]) {
    this.#context = context;
    this.#notes = notes;
  }

  finish(): ScreenplayElement[] {
    this.#closeSpeech();
    const line = this.#elements.at(-1)?.line ?? 1;
    for (const { text } of this.#notes.slice(this.#nextNote)) this.#elements.push({ kind: 'note', text, line });
    return this.#elements;
  }

  read(paragraph: XmlElement, dual = false): void {
    const { notes } = this.#context;
    const { line } = paragraph;
    const type = attributeOf(paragraph, 'Type');
    const text = plainText(paragraph);
    if (childrenNamed(paragraph, 'OmittedScene').length > 0) {
      notes.add('left-out', { line }, 'omitted scenes are left out.');
    }
    for (const both of childrenNamed(paragraph, 'DualDialogue')) this.#readDual(both);
    this.#readParagraph(type, text, paragraph, dual);
    for (const note of childrenNamed(paragraph, 'ScriptNote')) {
      this.#closeSpeech();
      const said = noteText(note);
      if (said !== '') this.#elements.push({ kind: 'note', text: said, line });
    }
    this.#offset += textIn(paragraph, 'Text').length + 1;
    while ((this.#notes[this.#nextNote]?.from ?? Number.POSITIVE_INFINITY) < this.#offset) {
      this.#closeSpeech();
      this.#elements.push({ kind: 'note', text: this.#notes[this.#nextNote]?.text ?? '', line });
      this.#nextNote += 1;
    }
  }

  #readDual(both: XmlElement): void {
    let characters = 0;
    for (const paragraph of childrenNamed(both, 'Paragraph')) {
      if (attributeOf(paragraph, 'Type') === 'Character') characters += 1;
      this.read(paragraph, characters > 1);
    }
    this.#closeSpeech();
  }

  #readParagraph(type: string, text: string, paragraph: XmlElement, dual: boolean): void {
    const { notes } = this.#context;
    const { line } = paragraph;
    const add = (element: ScreenplayElement) => {
      this.#closeSpeech();
      this.#elements.push(element);
    };
    switch (type) {
      case 'Scene Heading':
        if (text === '') return;
        add({
          kind: 'scene-heading',
          text,
          number: attributeOf(paragraph, 'Number').trim().slice(0, 30) || null,
          line,
        });
        for (const synopsis of synopsesOf(paragraph)) add({ kind: 'synopsis', text: synopsis, line });
        return;
      case 'Character':
        this.#closeSpeech();
        if (text !== '') this.#speech = { name: text, parts: [], dual, line };
        return;
      case 'Parenthetical':
      case 'Dialogue':
      case 'Singing':
      case 'Lyrics': {
        if (text === '') return;
        const sung = type === 'Singing' || type === 'Lyrics';
        if (this.#speech) this.#speech.parts.push(sung ? `♪ ${text}` : text);
        else if (sung) add({ kind: 'lyrics', text, line });
        else {
          notes.add(
            'changed',
            { line },
            'dialogue stands here without a character; it is kept as spoken by nobody named.',
          );
          add({ kind: 'speech', name: 'SOMEBODY', text, dual: false, line });
        }
        return;
      }
      case 'Transition':
        if (text !== '') add({ kind: 'transition', text, line });
        return;
      case 'Shot':
        if (text !== '') add({ kind: 'camera', text, line });
        return;
      case 'Action':
        if (text !== '') add({ kind: 'action', text, line });
        else this.#closeSpeech();
        return;
      case 'General':
      case '':
        if (text === '') return;
        notes.add('changed', { line }, 'a paragraph of the type General is read as action.');
        add({ kind: 'action', text, line });
        return;
      case 'New Act':
      case 'Outline 1':
        if (text !== '') add({ kind: 'section', depth: 1, text, line });
        return;
      case 'Outline 2':
      case 'Outline 3':
      case 'Outline 4':
        if (text !== '') add({ kind: 'section', depth: Number(type.slice(-1)), text, line });
        return;
      case 'Outline Body':
        if (text !== '') add({ kind: 'synopsis', text, line });
        return;
      case 'End of Act':
        return;
      case 'Cast List':
        if (text === '') return;
        notes.add('kept', { line }, 'a cast list is kept among the notes of a shot.');
        add({ kind: 'note', text: `Cast: ${text}`, line });
        return;
      default:
        if (text === '') return;
        notes.add('left-out', { line }, `paragraphs of the type ${type.slice(0, 40)} are not known, and are left out.`);
    }
  }

  #closeSpeech(): void {
    const speech = this.#speech;
    this.#speech = null;
    if (!speech) return;
    const { name, parts, dual, line } = speech;
    this.#elements.push({ kind: 'speech', name, text: parts.join(' '), dual, line });
  }
}

/** A paragraph's text runs joined, spaces between words single. */
function plainText(paragraph: XmlElement): string {
  return textIn(paragraph, 'Text').replace(/\s+/g, ' ').trim();
}

function noteText(note: XmlElement): string {
  const paragraphs = childrenNamed(note, 'Paragraph').map(plainText);
  return [plainText(note), ...paragraphs].filter(Boolean).join(' ');
}

/** What a scene's card says: its title and its summary. */
function synopsesOf(heading: XmlElement): string[] {
  return childrenNamed(heading, 'SceneProperties').flatMap((properties) => {
    const title = attributeOf(properties, 'Title').trim();
    const summary = childrenNamed(properties, 'Summary').map((part) =>
      childrenNamed(part, 'Paragraph').map(plainText).filter(Boolean).join(' '),
    );
    return [title, ...summary].filter(Boolean);
  });
}
