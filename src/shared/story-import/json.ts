import { badStory, type ImportOptions } from './source.ts';

/** Deepest nesting of any format that is read, generously. */
const maxDepth = 64;
/** Values of a file; 10,000 shots of a Scope timeline have a tenth of it. Each costs memory before it is looked at. */
const maxValues = 1_000_000;

interface Fault {
  readonly offset: number;
  readonly what: string;
}

/**
 * Parses JSON; `lineOffset` is added to line numbers (0 for a whole file). Linear, also where the text is wrong.
 * @throws ThroughlineError `bad-story` with line and column, also for JSON nested too deeply or of too many values
 */
export function parseJson(text: string, options: ImportOptions, lineOffset = 0): unknown {
  const fault = scanJson(text);
  if (!fault) return JSON.parse(text);
  const before = text.slice(0, fault.offset);
  const line = before.split('\n').length + lineOffset;
  const column = fault.offset - (before.lastIndexOf('\n') + 1) + 1;
  throw badStory(
    options,
    { line, path: `column ${column}` },
    `this is not valid JSON (${fault.what}).`,
    'Look for a missing comma, quote or bracket just before that place.',
  );
}

/** What is expected next. */
type Expect = 'value' | 'first-item' | 'first-key' | 'key' | 'colon' | 'comma' | 'end';

/** The first thing that makes a text no JSON, or more of it than we take; null where it is good. One pass, no recursion. */
export function scanJson(text: string): Fault | null {
  const open: ('{' | '[')[] = [];
  let expect: Expect = 'value';
  let values = 0;
  let i = 0;
  const afterValue = (): Expect => (open.length === 0 ? 'end' : 'comma');
  for (;;) {
    while (isSpace(text.charCodeAt(i))) i += 1;
    const character = text[i];
    if (character === undefined) {
      return expect === 'end' ? null : { offset: i, what: 'Unexpected end of JSON input' };
    }
    if (expect === 'end') return { offset: i, what: 'Unexpected text after the end of the JSON' };
    if (expect === 'colon') {
      if (character !== ':') return { offset: i, what: "Expected ':' after property name" };
      expect = 'value';
      i += 1;
      continue;
    }
    if (expect === 'comma') {
      const inList = open.at(-1) === '[';
      if (character === ',') {
        expect = inList ? 'value' : 'key';
      } else if (character === (inList ? ']' : '}')) {
        open.pop();
        expect = afterValue();
      } else {
        const what = inList ? "Expected ',' or ']' after array element" : "Expected ',' or '}' after property value";
        return { offset: i, what };
      }
      i += 1;
      continue;
    }
    if (expect === 'first-key' || expect === 'key') {
      if (character === '}' && expect === 'first-key') {
        open.pop();
        expect = afterValue();
        i += 1;
        continue;
      }
      if (character !== '"') return { offset: i, what: 'Expected a property name in double quotes' };
      const end = endOfString(text, i);
      if (typeof end !== 'number') return end;
      i = end;
      expect = 'colon';
      continue;
    }
    if (character === ']' && expect === 'first-item') {
      open.pop();
      expect = afterValue();
      i += 1;
      continue;
    }
    values += 1;
    if (values > maxValues) return { offset: i, what: `more than ${maxValues} values` };
    if (character === '{' || character === '[') {
      if (open.length === maxDepth) return { offset: i, what: `nested more than ${maxDepth} deep` };
      open.push(character);
      expect = character === '{' ? 'first-key' : 'first-item';
      i += 1;
      continue;
    }
    const end = character === '"' ? endOfString(text, i) : endOfScalar(text, i);
    if (typeof end !== 'number') return end;
    i = end;
    expect = afterValue();
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Just after the string that begins at `start`. */
function endOfString(text: string, start: number): number | Fault {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return i + 1;
    if (code < 0x20) return { offset: i, what: 'Bad control character in string' };
    if (code !== 0x5c) continue;
    i += 1;
    const escaped = text[i];
    if (escaped === undefined) break;
    if (escaped === 'u') {
      if (!/^[0-9a-fA-F]{4}$/.test(text.slice(i + 1, i + 5))) return { offset: i, what: 'Bad Unicode escape' };
      i += 4;
    } else if (!'"\\/bfnrt'.includes(escaped)) {
      return { offset: i, what: 'Bad escaped character' };
    }
  }
  return { offset: text.length, what: 'Unterminated string' };
}

const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Just after the number or word at `start`. */
function endOfScalar(text: string, start: number): number | Fault {
  scalar.lastIndex = start;
  if (scalar.test(text)) return scalar.lastIndex;
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  return { offset: start, what: `Unexpected token '${character}'` };
}
