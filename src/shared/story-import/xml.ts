import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { badStory, type ImportOptions } from './source.ts';

/** An element as we read it; text of its own is under the name `#text`. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
  /** Line of the file that it begins on, counted from 1. */
  readonly line: number;
}

/** Tags of a file; a screenplay of 3,000 paragraphs has a tenth. Each costs memory before it is looked at. */
const maxTags = 300_000;
const maxAttributes = 600_000;
const maxDepth = 50;

/**
 * Parses an XML document. Entities of its own (a document type) are refused, since no screenplay has them and they can
 * grow without end; the five of XML and characters by number are read.
 * @throws ThroughlineError `bad-story` with the line where that is known
 */
export function parseXml(text: string, options: ImportOptions): XmlElement {
  const hint = 'Save it again from the program that it was written with.';
  if (/<!DOCTYPE/i.test(text)) {
    throw badStory(options, {}, 'this XML has a document type, which no screenplay has.', hint);
  }
  if (countOf(text, '<') > maxTags * 2 || countOf(text, '=') > maxAttributes) {
    throw badStory(options, {}, `this XML has more than ${maxTags} elements, the most that are read.`, 'Split it.');
  }
  const validity = XMLValidator.validate(text, { allowBooleanAttributes: true });
  if (validity !== true) {
    const { line, msg } = validity.err;
    throw badStory(options, { line }, `this is not valid XML (${msg.replace(/\.$/, '').slice(0, 120)}).`, hint);
  }
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    processEntities: false,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    captureMetaData: true,
    maxNestedTags: maxDepth,
  });
  let parsed: unknown;
  try {
    parsed = parser.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.slice(0, 120).replace(/\.$/, '') : 'unknown';
    throw badStory(options, {}, `this XML cannot be read (${why}).`, hint);
  }
  const lines = new LineCounter(text);
  const root = elementsOf(parsed, lines).find((node) => typeof node !== 'string' && !node.name.startsWith('?'));
  if (!root || typeof root === 'string') throw badStory(options, {}, 'this XML has no content.', hint);
  return root;
}

export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child): child is XmlElement => typeof child !== 'string' && child.name === name);
}

export function attributeOf(element: XmlElement, name: string): string {
  return Object.hasOwn(element.attributes, name) ? (element.attributes[name] ?? '') : '';
}

/** The text of an element's children of that name, joined as it stands. */
export function textIn(element: XmlElement, name: string): string {
  return childrenNamed(element, name)
    .flatMap(({ children }) => children.filter((child) => typeof child === 'string'))
    .join('');
}

const metadata = XMLParser.getMetaDataSymbol() as unknown as symbol;

/** What the parser gives with `preserveOrder`: lists of `{ name: children, ':@': attributes }`. */
function elementsOf(list: unknown, lines: LineCounter): (XmlElement | string)[] {
  if (!Array.isArray(list)) return [];
  return list.map((node: Record<string | symbol, unknown>) => {
    const name = Object.keys(node).find((key) => key !== ':@') ?? '';
    if (name === '#text') return withoutEntities(String(node[name]));
    const attributes: Record<string, string> = Object.create(null);
    for (const [key, value] of Object.entries((node[':@'] ?? {}) as Record<string, unknown>)) {
      attributes[key] = withoutEntities(String(value));
    }
    const place = (node[metadata] as { startIndex?: number } | undefined)?.startIndex ?? 0;
    const line = lines.at(place);
    return { name, attributes, children: elementsOf(node[name], lines), line };
  });
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function withoutEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[name.toLowerCase()] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function countOf(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count += 1;
  return count;
}

/** Line numbers of places asked in rising order, which elements in their order are. */
class LineCounter {
  readonly #text: string;
  #line = 1;
  #place = 0;

  constructor(text: string) {
    this.#text = text;
  }

  at(place: number): number {
    for (let next = this.#text.indexOf('\n', this.#place); next >= 0 && next < place; ) {
      this.#line += 1;
      this.#place = next + 1;
      next = this.#text.indexOf('\n', this.#place);
    }
    return this.#line;
  }
}
