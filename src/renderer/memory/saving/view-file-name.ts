import type { LineChunk } from '../line/line.ts';

/** Letters of the story's title. */
const titleLength = 60;

/** How files saved from a chunk's memory begin: `There and back, shot 3, chunk 2, memory`. */
export function viewFileName(story: string, { shotIndex, indexInShot }: LineChunk): string {
  // What file systems refuse, and what would hide the file.
  const title = story
    .replace(/[\\/:*?"<>|\p{C}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[\s.]+/, '')
    .slice(0, titleLength)
    .trim();
  return [title || 'Story', `shot ${shotIndex + 1}`, `chunk ${indexInShot + 1}`, 'memory'].join(', ');
}
