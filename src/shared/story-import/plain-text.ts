import { limits } from '../project/limits.ts';

import { type DraftShot, type DraftStory, finishScript } from './drafts.ts';
import type { ImportedScript } from './imported.ts';
import { linesOf, pastSpaces, ShotCount } from './lines.ts';
import { withEveryLineEnd } from './odd-characters.ts';
import { badStory, type ImportContext, type ImportOptions, titleFromName } from './source.ts';

type Directive = Partial<Pick<DraftShot, 'transition' | 'chunks' | 'seed'>>;

const known =
  'Known are [cut], [continue], [automatic], [4 chunks] and [seed 7], several with commas between: [cut, 4 chunks].';

/**
 * Plain text: a shot a paragraph, paragraphs parted by empty lines; the lines of one are joined by spaces. A line
 * that starts with `# ` gives a title and begins a story. Directives in square brackets stand at the start or the end
 * of a paragraph:
 *
 *     # The cat's day
 *
 *     A cat waves in a meadow.
 *
 *     [cut] A robot walks through a city. [6 chunks, seed 7]
 */
export function readPlainText(text: string, context: ImportContext): ImportedScript {
  const { options } = context;
  const fallback = titleFromName(options.fileName);
  const drafts: { title: string; shots: DraftShot[] }[] = [];
  const count = new ShotCount(options);
  let paragraph: string[] = [];
  let firstLine = 0;
  const close = () => {
    if (paragraph.length === 0) return;
    if (drafts.length === 0) drafts.push({ title: fallback, shots: [] });
    count.add({ line: firstLine });
    drafts.at(-1)?.shots.push(readParagraph(paragraph.join(' '), firstLine, options));
    paragraph = [];
  };
  for (const [number, line] of linesOf(withEveryLineEnd(text))) {
    const trimmed = line.trim();
    if (line.startsWith('# ')) {
      close();
      drafts.push({ title: trimmed.slice(2).trim(), shots: [] });
      count.addStory({ line: number });
    } else if (trimmed === '') {
      close();
    } else {
      if (paragraph.length === 0) firstLine = number;
      paragraph.push(trimmed);
    }
  }
  close();
  const stories = drafts.map(({ title, shots }): DraftStory => ({ title, scenes: [{ shots }] }));
  return finishScript({ format: 'plain-text', title: drafts[0]?.title ?? fallback, stories }, context);
}

/** Takes the directives off both ends. Walks over the paragraph once: brackets may be many. */
function readParagraph(paragraph: string, line: number, options: ImportOptions): DraftShot {
  const said: Directive = {};
  const take = (from: number, to: number) => {
    for (const item of paragraph.slice(from, to).split(',')) {
      Object.assign(said, readDirective(item.trim(), line, options));
    }
  };
  let start = 0;
  let end = paragraph.length;
  while (paragraph[start] === '[') {
    const close = paragraph.indexOf(']', start);
    if (close < 0 || close >= end) break;
    take(start + 1, close);
    start = pastSpaces(paragraph, close + 1);
  }
  while (end > start && paragraph[end - 1] === ']') {
    const previous = Math.max(start, paragraph.lastIndexOf(']', end - 2) + 1);
    const open = paragraph.indexOf('[', previous);
    if (open < 0 || open >= end) break;
    take(open + 1, end - 1);
    end = beforeSpaces(paragraph, open, start);
  }
  const prompt = paragraph.slice(start, end);
  if (prompt === '') {
    throw badStory(options, { line }, 'this paragraph has directives but no prompt.', 'Say what is to be seen.');
  }
  return { place: { line }, prompt, ...said, chunks: said.chunks ?? options.chunksPerPrompt };
}

function beforeSpaces(text: string, from: number, least: number): number {
  let at = from;
  while (at > least && text[at - 1]?.trim() === '') at -= 1;
  return at;
}

function readDirective(item: string, line: number, options: ImportOptions): Directive {
  const word = item.toLowerCase();
  if (word === 'cut' || word === 'continue' || word === 'automatic') return { transition: word };
  const chunks = /^(\d+) chunks?$/.exec(word);
  if (chunks) {
    const count = Number(chunks[1]);
    if (count >= 1 && count <= limits.shotChunks) return { chunks: count };
    throw badStory(options, { line }, `[${short(item)}]: a shot is 1 to ${limits.shotChunks} chunks long.`, known);
  }
  const seed = /^seed (\d+)$/.exec(word);
  if (seed) {
    if (Number(seed[1]) < 2 ** 32) return { seed: Number(seed[1]) };
    throw badStory(options, { line }, `[${short(item)}]: a seed is a whole number from 0 to 4294967295.`, known);
  }
  throw badStory(
    options,
    { line },
    `[${short(item)}] is not a directive.`,
    `${known} Text of the prompt itself goes without brackets.`,
  );
}

/** What a message quotes of a file: enough to find it. */
function short(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
