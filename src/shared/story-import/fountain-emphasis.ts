/** An emphasis mark that may close or open: a run of one character. */
interface Run {
  readonly at: number;
  readonly length: number;
  /** How many of its characters have found their counterpart. */
  matched: number;
}

/** What a backslash takes the meaning of. */
const escapable = '\\*_@#!~`+=.><[]/^';

/**
 * A line without its emphasis marks (`*italic*`, `**bold**`, `***both***`, `_underlined_`) and escapes. A mark counts
 * where it stands at a word's edge and has its counterpart on the line; `5 * 4` and `snake_case` stay. Linear.
 */
export function withoutEmphasis(line: string): string {
  if (!/[*_\\]/.test(line)) return line;
  // In the order of the line: runs of marks, and backslashes as runs of one that are always taken off.
  const runs: Run[] = [];
  const open: Record<'*' | '_', Run[]> = { '*': [], _: [] };
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '\\' && escapable.includes(line[at + 1] ?? ' ')) {
      runs.push({ at, length: 1, matched: 1 });
      at += 1;
      continue;
    }
    if (character !== '*' && character !== '_') continue;
    let end = at;
    while (line[end] === character) end += 1;
    const run: Run = { at, length: end - at, matched: 0 };
    runs.push(run);
    const before = line[at - 1] ?? ' ';
    const after = line[end] ?? ' ';
    if (closes(character, before, after)) match(run, open[character]);
    if (run.matched < run.length && opens(character, before, after)) open[character].push(run);
    at = end - 1;
  }
  const parts: string[] = [];
  let from = 0;
  for (const { at, matched } of runs) {
    if (matched === 0) continue;
    parts.push(line.slice(from, at));
    from = at + matched;
  }
  parts.push(line.slice(from));
  return parts.join('');
}

function match(closing: Run, open: Run[]): void {
  for (let top = open.at(-1); top && closing.matched < closing.length; top = open.at(-1)) {
    const count = Math.min(closing.length - closing.matched, top.length - top.matched);
    closing.matched += count;
    top.matched += count;
    if (top.matched === top.length) open.pop();
  }
}

const isSpace = (character: string) => character.trim() === '';
const isWord = (character: string) => /[\p{L}\p{N}]/u.test(character);

function opens(mark: '*' | '_', before: string, after: string): boolean {
  return !isSpace(after) && (mark === '*' || !isWord(before));
}

function closes(mark: '*' | '_', before: string, after: string): boolean {
  return !isSpace(before) && (mark === '*' || !isWord(after));
}
