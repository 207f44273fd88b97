import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { pictureLimits } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';
import type { Story } from '../../shared/story.ts';
import { pixelFramesOfChunk } from '../../shared/timing.ts';
import { framePixels, pictureTooLarge, type Size } from '../pictures/index.ts';

export interface FootageFlags {
  readonly footage?: string;
  readonly given?: number;
}

const mostFrames = 20_000;

export function footageOptions(): Option[] {
  return [
    new Option(
      '--footage <folder>',
      'PNG frames at the model’s rate, in the order of their names: the first shots show them, and what follows is compared with the rest',
    ),
    new Option('--given <n>', 'so many shots show the footage instead of being generated (default: 1)').argParser(
      (text) => {
        if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
        throw new InvalidArgumentError('It takes a number of shots.');
      },
    ),
  ];
}

/** A clip: what its first chunks show is given, and the rest is what a film that goes on from there is held against. */
export class Footage {
  /** What the given chunks show, an asset each. */
  readonly assets: readonly string[];
  /** Frames of the clip after those that are given. */
  readonly truthFrames: number;
  readonly #files: readonly string[];
  readonly #chunkFrames: number;
  readonly #decoded = new Map<string, Uint8Array>();

  private constructor(files: readonly string[], assets: readonly string[], chunkFrames: number) {
    this.#files = files;
    this.assets = assets;
    this.#chunkFrames = chunkFrames;
    this.truthFrames = files.length - spanOf(assets.length, chunkFrames).first;
  }

  /**
   * @param chunkFrames latent frames a chunk
   * @throws ThroughlineError `bad-input` for a folder that cannot be read, has too few frames, or a story with fewer shots
   */
  static async open(
    folder: string,
    { shots }: Pick<Story, 'shots'>,
    given: number,
    chunkFrames: number,
  ): Promise<Footage> {
    if (given > shots.length)
      throw bad(`--given ${given} shots, and the story has ${shots.length}.`, 'Give fewer, or write a longer story.');
    const names = await readdir(folder).catch((cause) => {
      throw bad(`--footage: ${folder} is no folder that can be read.`, 'Give a folder of PNG frames.', cause);
    });
    const files = names
      .filter((name) => name.toLowerCase().endsWith('.png'))
      .sort(new Intl.Collator('en', { numeric: true }).compare)
      .map((name) => join(folder, name));
    if (files.length > mostFrames)
      throw bad(`${folder} has ${files.length} frames; footage has up to ${mostFrames}.`, 'Take a part of it.');
    const chunks = shots.slice(0, given).reduce((sum, shot) => sum + shot.chunks, 0);
    const needed = spanOf(chunks, chunkFrames).first;
    if (files.length < needed)
      throw bad(
        `${folder} has ${files.length} PNG frames, and the ${chunks} chunks that show it need ${needed}.`,
        'Give more frames, or fewer shots with --given.',
      );
    const assets: string[] = [];
    for (let chunk = 0; chunk < chunks; chunk++) {
      const { first, count } = spanOf(chunk, chunkFrames);
      const hash = createHash('sha256').update('throughline-footage/1');
      for (const file of files.slice(first, first + count))
        hash.update(
          createHash('sha256')
            .update(await bytesOf(file))
            .digest(),
        );
      assets.push(hash.digest('hex'));
    }
    return new Footage(files, assets, chunkFrames);
  }

  /** For the engine: the frames of a given chunk, one below the other; null for an asset that is none of them. */
  async pictureOf(asset: string, width: number, height: number): Promise<Uint8Array | null> {
    const chunk = this.assets.indexOf(asset);
    if (chunk < 0) return null;
    const { count } = spanOf(chunk, this.#chunkFrames);
    return this.framesOf(chunk, { width, height: height / count });
  }

  /** What the clip shows in a chunk's place: [frames, height, width, 3], fewer where it ends; null where it is over. */
  async framesOf(chunk: number, size: Size): Promise<Uint8Array | null> {
    const name = `${chunk} ${size.width}x${size.height}`;
    const known = this.#decoded.get(name);
    if (known) return known;
    const { first, count } = spanOf(chunk, this.#chunkFrames);
    const files = this.#files.slice(first, first + count);
    if (files.length === 0) return null;
    const pixels = await framePixels(await Promise.all(files.map(bytesOf)), size);
    this.#decoded.set(name, pixels);
    return pixels;
  }
}

/** Which frames of a film a chunk shows. */
function spanOf(chunk: number, chunkFrames: number): { readonly first: number; readonly count: number } {
  let first = 0;
  for (let before = 0; before < chunk; before++) first += pixelFramesOfChunk(before, chunkFrames);
  return { first, count: pixelFramesOfChunk(chunk, chunkFrames) };
}

async function bytesOf(file: string): Promise<Uint8Array> {
  const status = await stat(file);
  if (!status.isFile()) throw bad(`${file} is no file.`, 'Take it out of the folder.');
  if (status.size > pictureLimits.sizeBytes) throw pictureTooLarge(file);
  return readFile(file);
}

function bad(message: string, hint: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError('bad-input', message, hint, { cause });
}
