import { nearestChunkBoundary } from '../timing.ts';
import { type DraftShot, type DraftStory, finishScript } from './drafts.ts';
import type { ImportedScript } from './imported.ts';
import { linesOf, pastSpaces, ShotCount } from './lines.ts';
import { withEveryLineEnd } from './odd-characters.ts';
import { badStory, type ImportContext, titleFromName } from './source.ts';

/** A length in seconds, with a mark where the part begins with a cut: `[10s]`, `[2.5s#]`. */
const length = /\[[ \t]{0,8}(\d{1,7}(?:\.\d{1,6})?)[ \t]{0,8}s[ \t]{0,8}(#?)[ \t]{0,8}\]/gi;

/** Whether a text has lengths as Infinity-RoPE writes them; no other text that we read has. */
export function looksLikePromptLines(text: string): boolean {
  return text.search(length) >= 0;
}

/**
 * Infinity-RoPE prompts: a story a line, `action[10s] | action[10s#] ; subtitle | subtitle`. `#` is a cut at the
 * beginning of its part. Subtitles become the dialogue of their shots.
 */
export function readPromptLines(text: string, context: ImportContext): ImportedScript {
  const { options } = context;
  const name = titleFromName(options.fileName);
  const count = new ShotCount(options);
  const stories: DraftStory[] = [];
  for (const [line, content] of linesOf(withEveryLineEnd(text))) {
    if (content.trim() === '') continue;
    count.addStory({ line });
    const shots = readLine(content, line, context);
    count.add({ line }, shots.length);
    stories.push({ title: name, scenes: [{ place: { line }, shots }] });
  }
  const numbered = stories.map((story, i) => (stories.length > 1 ? { ...story, title: `${name} ${i + 1}` } : story));
  return finishScript({ format: 'prompt-lines', title: numbered[0]?.title ?? name, stories: numbered }, context);
}

const form = 'Write: action[10s] | action[10s#] ; subtitle | subtitle';

function readLine(content: string, line: number, context: ImportContext): DraftShot[] {
  const { options, notes } = context;
  const boundary = (timeSec: number) => nearestChunkBoundary(timeSec, options.fps, options.chunkFrames);
  const shots: DraftShot[] = [];
  let at = 0;
  let timeSec = 0;
  let subtitlesFrom = -1;
  for (const match of content.matchAll(length)) {
    const part = shots.length + 1;
    const prompt = content.slice(at, match.index).trim();
    if (prompt === '') {
      throw badStory(options, { line }, `part ${part} has a length and no prompt.`, form);
    }
    const lengthSec = Number(match[1]);
    if (lengthSec === 0) throw badStory(options, { line }, `part ${part} is 0 s long.`, form);
    const from = boundary(timeSec);
    timeSec += lengthSec;
    shots.push({
      place: { line },
      prompt,
      chunks: Math.max(1, boundary(timeSec) - from),
      transition: match[2] === '#' ? 'cut' : 'continue',
    });
    const next = pastSpaces(content, match.index + match[0].length);
    at = next + 1;
    if (content[next] === ';') subtitlesFrom = at;
    if (content[next] === ';' || next >= content.length) break;
    if (content[next] !== '|') {
      throw badStory(options, { line }, `after part ${part} comes neither | nor ; nor the end of the line.`, form);
    }
  }
  const rest = subtitlesFrom < 0 && at < content.length ? content.slice(at).trim() : '';
  if (shots.length === 0 || rest !== '') {
    throw badStory(options, { line }, `part ${shots.length + 1} has no length in seconds, like [10s].`, form);
  }
  if (subtitlesFrom < 0) return shots;
  const subtitles = content.slice(subtitlesFrom).split('|');
  if (subtitles.length !== shots.length) {
    const counts = `${subtitles.length} subtitles for ${shots.length} parts`;
    notes.add('changed', { line }, `${counts}; they are taken in order, and those left over are left out.`);
  }
  notes.add('kept', { line }, 'subtitles are kept as dialogue, and are not part of the prompts.');
  return shots.map((shot, i) => {
    const dialogue = subtitles[i]?.trim();
    return dialogue ? { ...shot, fields: { dialogue } } : shot;
  });
}
