import { limits } from '../project/limits.ts';
import type { Shot, Story } from '../story.ts';
import { badStory, type ImportContext, type PictureFound } from './source.ts';

/** Stands for a picture that is not there, until it is left out. */
const nobody = '0'.repeat(64);

const notLookedFor = { why: 'its file was not looked for', hint: 'Add it to the shot.' };
const notHere = {
  why: 'it is not here, and the story does not name its file',
  hint: 'Add it to the shot, or write "file" in the story.',
};

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * The pictures of a story file. There, a picture has a `file` beside the story (or a `data:` address that holds it) where a story
 * in memory has an `asset`.
 */
export class PictureFiles {
  readonly #context: ImportContext;
  readonly #files = new Set<string>();

  constructor(context: ImportContext) {
    this.#context = context;
  }

  /** What the story names, each once. */
  get files(): readonly string[] {
    return [...this.#files];
  }

  /**
   * The story's JSON with an asset where it names a file: one that stands for nobody where there is none.
   * @throws ThroughlineError `bad-story` for a picture with both, and where pictures are required and one is not there
   */
  named(value: object): object {
    const { memory, shots } = value as Json;
    return {
      ...value,
      ...(isObject(memory) ? { memory: this.#memory(memory, 'memory') } : {}),
      ...(Array.isArray(shots)
        ? {
            shots: shots.map((shot: unknown, i) => {
              if (!isObject(shot)) return shot;
              const { memory: own, firstFrame } = shot;
              return {
                ...shot,
                ...(isObject(own) ? { memory: this.#memory(own, `shots[${i}].memory`) } : {}),
                ...(firstFrame === undefined
                  ? {}
                  : { firstFrame: this.#picture(firstFrame, `shots[${i}].firstFrame`, 'the first frame') }),
              };
            }),
          }
        : {}),
    };
  }

  /**
   * The story without the pictures that are not there; each is said in a note.
   * @throws ThroughlineError `bad-story` for more pictures than a story remembers
   */
  kept(story: Story): Story {
    const all = [story, ...story.shots].flatMap(({ memory }) => memory?.pictures ?? []);
    const count = new Set(all.map(({ asset }) => asset)).size;
    if (count > limits.pictures)
      throw badStory(
        this.#context.options,
        {},
        `the story has ${count} pictures; a story remembers up to ${limits.pictures}.`,
        'Leave some out.',
      );
    return {
      ...this.#without(story),
      shots: story.shots.map((shot) => {
        const { firstFrame, ...others } = this.#without(shot);
        return firstFrame && firstFrame.asset !== nobody ? { ...others, firstFrame } : others;
      }),
    };
  }

  #without<Part extends Pick<Shot, 'memory'>>(part: Part): Part {
    if (!part.memory?.pictures) return part;
    const { pictures, ...memory } = part.memory;
    const left = pictures.filter(({ asset }) => asset !== nobody);
    return { ...part, memory: left.length > 0 ? { ...memory, pictures: left } : memory };
  }

  #memory(memory: Json, path: string): Json {
    const { pictures } = memory;
    if (!Array.isArray(pictures)) return memory;
    return {
      ...memory,
      pictures: pictures.map((picture: unknown, i) => {
        const name = isObject(picture) && typeof picture.name === 'string' ? picture.name : '';
        return this.#picture(picture, `${path}.pictures[${i}]`, `the picture${name === '' ? '' : ` "${name}"`}`);
      }),
    };
  }

  /** @param what it is, for sentences */
  #picture(picture: unknown, path: string, what: string): unknown {
    const { options, notes } = this.#context;
    if (!isObject(picture)) return picture;
    const { file, ...others } = picture;
    let found: Exclude<PictureFound, { asset: string }>;
    if (file === undefined) {
      if (typeof others.asset !== 'string' || (options.hasPicture?.(others.asset) ?? true)) return picture;
      found = notHere;
    } else {
      if (typeof file !== 'string' || file === '')
        throw badStory(options, { path: `${path}.file` }, 'a picture’s file is its name.', 'Write it in quotes.');
      if (others.asset !== undefined)
        throw badStory(options, { path }, 'a picture has a file or an asset, not both.', 'Take one of them out.');
      this.#files.add(file);
      const answer = options.pictures?.get(file) ?? notLookedFor;
      if ('asset' in answer) return { ...others, asset: answer.asset };
      found = answer;
    }
    const called = typeof file === 'string' && !file.startsWith('data:') ? `${what} (${file})` : what;
    if (options.requirePictures && found !== notLookedFor)
      throw badStory(options, { path }, `${called} cannot be had: ${found.why}.`, found.hint);
    notes.add('left-out', { path }, `${called} is left out: ${found.why}. ${found.hint}`);
    return { ...others, asset: nobody };
  }
}
