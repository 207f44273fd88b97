import type { Story } from '../story.ts';
import { type FootageFile, footageFileSchema } from './footage-file.ts';
import { badStory, type ImportContext, parseWith } from './source.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The footage of a story file, and the story's JSON without it; null where there is none.
 * @throws ThroughlineError `bad-story` for what makes no sense, and for footage of another shot than the first
 */
export function footageFileOf(
  value: object,
  { options }: ImportContext,
): { readonly footage: FootageFile | null; readonly others: object } {
  const { shots } = value as Json;
  if (!Array.isArray(shots)) return { footage: null, others: value };
  let footage: FootageFile | null = null;
  const others = shots.map((shot: unknown, i) => {
    if (shot === null || typeof shot !== 'object' || !('footage' in shot)) return shot;
    const { footage: said, ...rest } = shot as Json;
    const path = `shots[${i}].footage`;
    if (i > 0)
      throw badStory(options, { path }, 'only the first shot of a story begins with footage.', 'Move it there.');
    footage = parseWith(footageFileSchema, said, options, { path });
    return rest;
  });
  return { footage, others: { ...value, shots: others } };
}

/** The story with its footage, as a project names it; without it, and with a note, where nobody looked for its files. */
export function withFootage(story: Story, file: FootageFile | null, { options, notes }: ImportContext): Story {
  const [first, ...others] = story.shots;
  if (!file || !first) return story;
  const { strips: _, ...footage } = file;
  if (options.footage)
    return { ...story, shots: [{ ...first, footage: { ...footage, asset: options.footage.asset } }, ...others] };
  const why = `the footage "${file.name}" is left out: its files were not looked for. Choose it again.`;
  notes.add('left-out', { path: 'shots[0].footage' }, why);
  return story;
}
