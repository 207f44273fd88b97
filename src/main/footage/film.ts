import { open } from 'node:fs/promises';
import { CancelledError, ThroughlineError } from '../../shared/errors.ts';
import type { ModelInfo } from '../../shared/render.ts';
import { i420ToRgb } from '../export/colour.ts';
import { type DecodedFrame, decodeFilm } from '../export/film-reader.ts'; // not the door: a process begins with this
import { coverRgb, type Size } from '../pictures/index.ts';

export interface FilmOptions {
  /** How a sentence calls it. */
  readonly name: string;
  /** Of the model: frames are taken at its rate and size. */
  readonly video: ModelInfo['video'];
  /** No film looks at more of them. */
  readonly mostFrames: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a model sees of an MP4, frame by frame: at each of its own moments, counted from the film's first frame, what is to be seen
 * then, turned upright and cut to its shape, [video.height, video.width, 3].
 * @throws ThroughlineError `bad-input` where it cannot be read; CancelledError
 */
export async function* filmFrames(
  path: string,
  { name, video, mostFrames, signal }: FilmOptions,
): AsyncGenerator<Uint8Array> {
  const refused = (why: string, cause?: unknown): ThroughlineError =>
    new ThroughlineError('bad-input', `${name} ${why}.`, 'Save it as MP4 with H.264 in 8 bits, or as PNG frames.', {
      cause,
    });
  const what = await containerOf(path);
  if (what !== null) throw refused(`is ${what}, and no MP4`);
  let taken = 0;
  let seen: DecodedFrame | null = null;
  let rgb = new Uint8Array();
  try {
    for await (const frame of atRate(decodeFilm(path, signal), video.fps)) {
      if (frame !== seen) rgb = Uint8Array.from(upright(frame, video));
      seen = frame;
      yield rgb;
      if (++taken >= mostFrames) return;
    }
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    const { cause } = error as Error;
    const why = cause instanceof Error ? cause.message : String((error as Error).message);
    throw refused(`cannot be read as an MP4: ${why.replace(/\.$/, '')}`, error);
  }
}

/** Containers that people have and that are not read, by what they begin with. */
const others: readonly (readonly [what: string, offset: number, text: string])[] = [
  ['a QuickTime movie', 4, 'ftypqt'],
  ['a WebM or Matroska film', 0, '\x1aE\xdf\xa3'],
  ['an AVI film', 8, 'AVI '],
  ['a picture', 0, '\x89PNG'],
  ['a GIF', 0, 'GIF8'],
];

/** What a file is, by its first bytes; null where it is an MP4. */
async function containerOf(path: string): Promise<string | null> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0);
    const start = buffer.toString('latin1', 0, bytesRead);
    const known = others.find(([, offset, text]) => start.startsWith(text, offset));
    if (known) return known[0];
    if (bytesRead === 0) return 'empty';
    return start.startsWith('ftyp', 4) ? null : 'something else';
  } finally {
    await file.close();
  }
}

/** A frame in time; the same object where it is shown again. */
type Timed = Pick<DecodedFrame, 'timestampSec'>;

/** Times are whole microseconds in a film. */
const sameMoment = 1e-5;

/** What is to be seen at the moments 0, 1/fps, 2/fps and so on of a film, up to its end. */
export async function* atRate<Frame extends Timed>(film: AsyncIterable<Frame>, fps: number): AsyncGenerator<Frame> {
  let shown: Frame | null = null;
  let [beginsAt, lastsSec, taken] = [0, 1 / fps, 0];
  for await (const frame of film) {
    if (shown) {
      lastsSec = frame.timestampSec - shown.timestampSec;
      for (; taken / fps < frame.timestampSec - beginsAt - sameMoment; taken++) yield shown;
    } else beginsAt = frame.timestampSec;
    shown = frame;
  }
  if (!shown) return;
  // The last frame is taken to last as long as the one before it.
  for (; taken / fps < shown.timestampSec + lastsSec - beginsAt - sameMoment; taken++) yield shown;
}

/** As the model sees it: turned, cut to its shape and scaled, [to.height, to.width, 3]. */
function upright({ i420, width, height, rotation }: DecodedFrame, to: Size): Uint8Array {
  const turned = rotation === 90 || rotation === 270;
  const size = turned ? { width: height, height: width } : { width, height };
  return coverRgb(opaque(turnedRgb(i420ToRgb(i420, width, height), { width, height }, rotation)), size, to);
}

/** A picture turned clockwise, [height, width, 3] in its new shape. */
export function turnedRgb(rgb: Uint8Array, { width, height }: Size, rotation: DecodedFrame['rotation']): Uint8Array {
  if (rotation === 0) return rgb;
  const out = new Uint8Array(rgb.length);
  const place = {
    90: (x: number, y: number) => x * height + height - 1 - y,
    180: (x: number, y: number) => (height - 1 - y) * width + width - 1 - x,
    270: (x: number, y: number) => (width - 1 - x) * height + y,
  }[rotation];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) out[3 * place(x, y) + c] = rgb[3 * (y * width + x) + c] as number;
  return out;
}

/** RGB as RGBA that lets nothing through. */
export function opaque(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) rgba.set(rgb.subarray(from, from + 3), to);
  return rgba;
}
