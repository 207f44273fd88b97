import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { pictureLimits } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import type { Picture } from '../../shared/pictures.ts';
import { limits } from '../../shared/project/limits.ts';
import { withPicture } from '../../shared/project/pictures.ts';
import { picturesForgotten } from '../../shared/recipes.ts';
import type { ModelInfo } from '../../shared/render.ts';
import type { Story } from '../../shared/story.ts';
import { pictureTooLarge, pixelsOf, readPicture } from '../pictures/index.ts';
import { StoryClip } from './story-clip.ts';
import type { StoryFile } from './story-file.ts';

/** A picture as a person gives it: its file, its name, and what is on it. */
export interface PictureArgument {
  readonly name: string;
  readonly says: string;
  readonly file: string;
}

export interface PictureFlags {
  readonly picture?: readonly PictureArgument[];
  readonly firstFrame?: string;
}

export function pictureOptions(): Option[] {
  return [
    new Option(
      '--picture <name: what is on it=file>',
      'put a picture into memory, as in "Mia: a red fox with glasses=mia.png"; may be given again',
    ).argParser((text: string, before: readonly PictureArgument[] = []) => [...before, parsePicture(text)]),
    new Option('--first-frame <file>', 'the picture that the film begins with'),
  ];
}

/** `Mia: a red fox=mia.png`, `Mia=mia.png`, or a file alone, which is then called by its name. */
export function parsePicture(text: string): PictureArgument {
  const at = text.indexOf('=');
  const file = text.slice(at + 1);
  if (file === '')
    throw new InvalidArgumentError('It takes a name, what is on it, and a file: "Mia: a red fox=mia.png".');
  const [name = '', ...rest] = at < 0 ? [basename(file, extname(file))] : text.slice(0, at).split(':');
  const [called, says] = [name.trim(), rest.join(':').trim()];
  if (called === '' || called.length > limits.pinName)
    throw new InvalidArgumentError(`A picture has a name of up to ${limits.pinName} characters.`);
  if (says.length > limits.prompt)
    throw new InvalidArgumentError(`What is on a picture may have up to ${limits.prompt} characters.`);
  return { name: called, says, file };
}

/** Why nothing will be seen of a story's pictures, in a sentence; null where all is well or there are none. */
export function pictureObjection(
  { memory, shots }: Story,
  info: ModelInfo,
  policy: ModelInfo['memory']['policy'] | undefined,
): string | null {
  if (shots[0]?.firstFrame && !info.encoder)
    return 'This model has no encoder: the film does not begin with the picture.';
  if (![memory, ...shots.map((shot) => shot.memory)].some((part) => part?.pictures?.length)) return null;
  const why = picturesForgotten(info, { ...info.memory, policy: policy ?? memory?.policy ?? info.memory.policy });
  return why && `The pictures are not remembered. ${why}`;
}

function requireFew(count: number): void {
  if (count <= limits.pictures) return;
  throw new ThroughlineError(
    'bad-input',
    `A story may remember up to ${limits.pictures} pictures; these are ${count}.`,
    'Leave some out.',
  );
}

/** The pictures and footage of a story that is rendered once. */
export class StoryPictures {
  readonly #files = new Map<string, Uint8Array>();
  readonly #pictures: Picture[] = [];
  #firstFrame: string | null = null;
  #clip: StoryClip | null = null;

  /**
   * @param ofStory those that the story names itself, and its footage
   * @throws ThroughlineError `bad-input` that says what is wrong with a file
   */
  static async open(
    { picture = [], firstFrame }: PictureFlags,
    { pictures = new Map(), footage }: Pick<StoryFile, 'pictures' | 'footage'> = {},
  ): Promise<StoryPictures> {
    const made = new StoryPictures();
    requireFew(picture.length);
    if (footage) made.#clip = new StoryClip(footage, footage.facts.chunks.length);
    for (const found of pictures.values()) if ('asset' in found) made.#files.set(found.asset, found.png);
    for (const { name, says, file } of picture)
      made.#pictures.push({ asset: await made.#read(file), name, ...(says === '' ? {} : { says }) });
    if (firstFrame !== undefined) made.#firstFrame = await made.#read(firstFrame);
    return made;
  }

  /** For the engine: see `EngineOptions.pictureOf`. */
  readonly pictureOf = async (asset: string, width: number, height: number): Promise<Uint8Array | null> => {
    const png = this.#files.get(asset);
    if (png) return pixelsOf(png, { width, height });
    return (await this.#clip?.pictureOf(asset, width, height)) ?? null;
  };

  /** The story with the pictures in it. @throws ThroughlineError `bad-input` where it then has too many */
  of(story: Story): Story {
    const { memory = {} } = story;
    const named = [memory, ...story.shots.map((shot) => shot.memory)].flatMap((part) => part?.pictures ?? []);
    requireFew(new Set([...named, ...this.#pictures].map(({ asset }) => asset)).size);
    const [first, ...others] = story.shots;
    return {
      ...story,
      ...(this.#pictures.length > 0 ? { memory: this.#pictures.reduce(withPicture, memory) } : {}),
      ...(this.#firstFrame && first
        ? { shots: [{ ...first, firstFrame: { asset: this.#firstFrame, leads: true } }, ...others] }
        : {}),
    };
  }

  async #read(file: string): Promise<string> {
    const status = await stat(file).catch(() => null);
    if (!status?.isFile())
      throw new ThroughlineError(
        'bad-input',
        `There is no picture ${file}.`,
        'Check the name after --picture or --first-frame.',
      );
    if (status.size > pictureLimits.sizeBytes) throw pictureTooLarge(basename(file));
    const { png } = await readPicture(await readFile(file), basename(file));
    const asset = createHash('sha256').update(png).digest('hex');
    this.#files.set(asset, png);
    return asset;
  }
}
