import type { Place } from './notes.ts';
import { badStory, type ImportOptions } from './source.ts';

/** The lines of a text with their numbers from 1, one at a time: a file of twenty million line ends costs no list. */
export function* linesOf(text: string): Generator<[number: number, line: string]> {
  let from = 0;
  for (let number = 1; ; number++) {
    const end = text.indexOf('\n', from);
    yield [number, end < 0 ? text.slice(from) : text.slice(from, end)];
    if (end < 0) return;
    from = end + 1;
  }
}

/** The first place from `from` on that holds no white space; the text's length where there is none. */
export function pastSpaces(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at]?.trim() === '') at += 1;
  return at;
}

/** Most shots of a file, in all its stories. */
const maxFileShots = 100_000;
/** Most stories of a file. */
const maxFileStories = 10_000;

/** Stops a file that holds too much while it is read, not once all of it lies in memory. */
export class ShotCount {
  readonly #options: ImportOptions;
  #shots = 0;
  #stories = 0;

  constructor(options: ImportOptions) {
    this.#options = options;
  }

  /** @throws ThroughlineError `bad-story` */
  add(place: Place, shots = 1): void {
    this.#shots += shots;
    if (this.#shots > maxFileShots)
      throw badStory(
        this.#options,
        place,
        `up to here the file has more than ${maxFileShots} shots, which is the most that is read.`,
        'Split it into several files.',
      );
  }

  /** @throws ThroughlineError `bad-story` */
  addStory(place: Place): void {
    this.#stories += 1;
    if (this.#stories > maxFileStories)
      throw badStory(
        this.#options,
        place,
        `up to here the file has more than ${maxFileStories} stories, which is the most that is read.`,
        'Split it into several files.',
      );
  }
}
