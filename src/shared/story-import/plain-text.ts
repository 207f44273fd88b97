import type { Shot, Story } from '../story.ts';
import { badStory, type ImportedStories, type ImportOptions, titleFromName, toStory } from './source.ts';

type Directive = Partial<Pick<Shot, 'transition' | 'chunks' | 'seed'>>;

interface Draft {
  title: string;
  readonly shots: (Directive & { prompt: string; chunks: number })[];
}

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
export function readPlainText(text: string, options: ImportOptions): ImportedStories {
  const drafts: Draft[] = [];
  let paragraph: string[] = [];
  let firstLine = 0;
  const close = () => {
    if (paragraph.length === 0) return;
    if (drafts.length === 0) drafts.push({ title: titleFromName(options.fileName), shots: [] });
    drafts.at(-1)?.shots.push(readParagraph(paragraph.join(' '), firstLine, options));
    paragraph = [];
  };
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim();
    if (line.startsWith('# ')) {
      close();
      drafts.push({ title: trimmed.slice(2).trim(), shots: [] });
    } else if (trimmed === '') {
      close();
    } else {
      if (paragraph.length === 0) firstLine = index + 1;
      paragraph.push(trimmed);
    }
  }
  close();
  return { stories: drafts.map((draft) => finish(draft, options)), warnings: [] };
}

function finish(draft: Draft, options: ImportOptions): Story {
  if (draft.shots.length === 0) {
    throw badStory(options, '', `the story "${draft.title}" has no shots.`, 'Write a paragraph for each shot.');
  }
  return toStory(draft, options);
}

function readParagraph(paragraph: string, line: number, options: ImportOptions): Draft['shots'][number] {
  const shot: Draft['shots'][number] = { prompt: '', chunks: options.chunksPerPrompt };
  let prompt = paragraph;
  for (;;) {
    const bracket = /^\[([^\]]*)\]\s*/.exec(prompt) ?? /\s*\[([^\]]*)\]$/.exec(prompt);
    if (!bracket) break;
    Object.assign(shot, ...(bracket[1] ?? '').split(',').map((item) => readDirective(item.trim(), line, options)));
    prompt = bracket.index === 0 ? prompt.slice(bracket[0].length) : prompt.slice(0, bracket.index);
  }
  if (prompt === '') {
    throw badStory(options, `line ${line}`, 'this paragraph has directives but no prompt.', 'Say what is to be seen.');
  }
  return { ...shot, prompt };
}

function readDirective(item: string, line: number, options: ImportOptions): Directive {
  const word = item.toLowerCase();
  if (word === 'cut' || word === 'continue' || word === 'automatic') return { transition: word };
  const chunks = /^(\d+) chunks?$/.exec(word);
  if (chunks) {
    const count = Number(chunks[1]);
    if (count >= 1 && count <= 1000) return { chunks: count };
    throw badStory(options, `line ${line}`, `[${item}]: a shot is 1 to 1000 chunks long.`, known);
  }
  const seed = /^seed (\d+)$/.exec(word);
  if (seed) {
    if (Number(seed[1]) < 2 ** 32) return { seed: Number(seed[1]) };
    throw badStory(options, `line ${line}`, `[${item}]: a seed is a whole number from 0 to 4294967295.`, known);
  }
  throw badStory(
    options,
    `line ${line}`,
    `[${item}] is not a directive.`,
    `${known} Text of the prompt itself goes without brackets.`,
  );
}
