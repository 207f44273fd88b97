import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { VideoFrame } from '@napi-rs/webcodecs';
import { EncodedPacketSink, FilePathSource, Input, type InputVideoTrack, MP4 } from 'mediabunny';
import { ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import { type Chapter, childBoxes, parseChapters } from './chapters.ts';
import { i420Bytes, i420ToRgb, psnrDb, squaredError } from './colour.ts';
import type { PictureSize } from './geometry.ts';
import { loadCodecs } from './h264-encoder.ts';
import { createUpscaler } from './resample.ts';
import { type BitstreamColour, readAvccColour } from './sps.ts';

/** What a film turned out to be, every frame decoded. */
export interface FilmCheck {
  readonly frameCount: number;
  readonly durationSec: number;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  /** RFC 6381 name, such as avc1.640028. */
  readonly codec: string;
  /** Pixel format the decoder returned; I420 is yuv420p. */
  readonly pixelFormat: string | null;
  /** What the container's `colr` box says. */
  readonly containerColour: {
    readonly primaries?: string;
    readonly transfer?: string;
    readonly matrix?: string;
    readonly fullRange?: boolean;
  };
  /** What the H.264 bitstream itself says; null if it says nothing. */
  readonly bitstreamColour: BitstreamColour | null;
  /** The index comes before the pictures, so the film starts to play before it is loaded. */
  readonly isFastStart: boolean;
  readonly title?: string;
  readonly description?: string;
  readonly chapters: readonly Chapter[];
}

/** A frame as the decoder returned it. */
export interface DecodedFrame extends PictureSize {
  readonly timestampSec: number;
  /** Y, Cb, Cr planes; owned by whoever receives it. */
  readonly i420: Uint8Array;
  readonly pixelFormat: string | null;
  /** Degrees clockwise that it is to be turned to stand upright. */
  readonly rotation: 0 | 90 | 180 | 270;
}

/**
 * Decodes a film afresh and says what is in it.
 * @throws ThroughlineError `export-failed` if it cannot be read or decoded to its end; CancelledError
 */
export async function verifyFilm(path: string, signal?: AbortSignal): Promise<FilmCheck> {
  return withTrack(path, async (track, input) => {
    const config = await track.getDecoderConfig();
    let frameCount = 0;
    let last: DecodedFrame | undefined;
    for await (const frame of decodeTrack(track, signal)) {
      frameCount++;
      last = frame;
    }
    const [durationSec, containerColour, tags, layout] = await Promise.all([
      track.computeDuration(),
      track.getColorSpace(),
      input.getMetadataTags(),
      readLayout(path),
    ]);
    const avcc = config?.description;
    return {
      frameCount,
      durationSec,
      width: last?.width ?? 0,
      height: last?.height ?? 0,
      sizeBytes: layout.sizeBytes,
      codec: config?.codec ?? 'unknown',
      pixelFormat: last?.pixelFormat ?? null,
      containerColour: containerColour as FilmCheck['containerColour'],
      bitstreamColour: avcc ? readAvccColour(asBytes(avcc)) : null,
      isFastStart: layout.isFastStart,
      ...(tags.title === undefined ? {} : { title: tags.title }),
      ...(tags.description === undefined ? {} : { description: tags.description }),
      chapters: layout.chapters,
    };
  });
}

/** The frames of a film, decoded one after another. Throws as `verifyFilm` does. */
export async function* decodeFilm(path: string, signal?: AbortSignal): AsyncGenerator<DecodedFrame> {
  const input = openInput(path);
  try {
    yield* decodeTrack(await videoTrack(input), signal);
  } catch (error) {
    throw readError(error, path);
  } finally {
    input.dispose();
  }
}

/** How close a film is to the frames it was made from, in RGB at the film's size. */
export interface FilmComparison {
  readonly frameCount: number;
  /** PSNR over all frames together, in dB. */
  readonly psnrDb: number;
  /** PSNR of the worst frame, in dB. */
  readonly worstDb: number;
  readonly worstFrame: number;
}

/**
 * Compares a film with the frames that went into it, enlarged as the writer enlarges them.
 * @param sourceFrames each [source.height, source.width, 3], in order
 * @throws ThroughlineError `export-failed` if the film has another number of frames or cannot be decoded
 */
export async function compareFilm(
  path: string,
  source: PictureSize,
  sourceFrames: Iterable<Uint8Array>,
): Promise<FilmComparison> {
  const expected = sourceFrames[Symbol.iterator]();
  let upscaler: ReturnType<typeof createUpscaler> | undefined;
  let frameCount = 0;
  let errors = 0;
  let samples = 0;
  let worstDb = Infinity;
  let worstFrame = 0;
  for await (const { i420, width, height } of decodeFilm(path)) {
    const next = expected.next();
    if (next.done) throw wrongCount(path);
    upscaler ??= createUpscaler(source, { width, height });
    const wanted = upscaler.apply(next.value);
    const error = squaredError(i420ToRgb(i420, width, height), wanted);
    const frameDb = psnrDb(error, wanted.length);
    if (frameDb < worstDb) {
      worstDb = frameDb;
      worstFrame = frameCount;
    }
    errors += error;
    samples += wanted.length;
    frameCount++;
  }
  if (!expected.next().done) throw wrongCount(path);
  return { frameCount, psnrDb: psnrDb(errors, samples), worstDb, worstFrame };
}

function wrongCount(path: string): ThroughlineError {
  return new ThroughlineError('export-failed', `${path} does not have the frames that went into it.`, 'Export again.');
}

/** Packets handed to the decoder ahead of the frames taken from it. */
const decodeAhead = 8;
const queuePollMs = 2;

async function* decodeTrack(track: InputVideoTrack, signal: AbortSignal | undefined): AsyncGenerator<DecodedFrame> {
  const config = await track.getDecoderConfig();
  const { codec } = track;
  if (codec !== 'avc') throw new Error(`its pictures are coded as ${codec ?? 'nothing that is known'}, not as H.264`);
  if (!config?.description) throw new Error('the film has no decoder configuration');
  const rotation = await track.getRotation();
  const { VideoDecoder, EncodedVideoChunk } = await loadCodecs();
  const ready: VideoFrame[] = [];
  let failure: Error | undefined;
  const decoder = new VideoDecoder({
    output: (frame) => ready.push(frame),
    error: (error) => {
      failure ??= error;
    },
  });
  try {
    decoder.configure({
      codec: config.codec,
      ...(config.codedWidth === undefined ? {} : { codedWidth: config.codedWidth }),
      ...(config.codedHeight === undefined ? {} : { codedHeight: config.codedHeight }),
      description: asBytes(config.description),
      hardwareAcceleration: 'prefer-software',
    });
    const packets = new EncodedPacketSink(track);
    let read = 0;
    for await (const packet of packets.packets()) {
      read = Math.max(read, packet.timestamp);
      const { type, data, microsecondTimestamp: timestamp, microsecondDuration: duration } = packet;
      decoder.decode(new EncodedVideoChunk({ type, data, timestamp, duration }));
      while (decoder.decodeQueueSize >= decodeAhead && !failure) await wait(queuePollMs);
      if (failure) throw failure;
      throwIfCancelled(signal, 'Checking the film');
      while (ready.length > 0) yield await unpack(ready.shift()!, rotation);
    }
    await decoder.flush();
    if (failure) throw failure;
    const last = await packets.getPacket(Number.POSITIVE_INFINITY, { metadataOnly: true });
    if (last && last.timestamp > read)
      throw new Error(`it is cut off after ${read.toFixed(1)} of ${last.timestamp.toFixed(1)} seconds`);
    while (ready.length > 0) yield await unpack(ready.shift()!, rotation);
  } finally {
    for (const frame of ready) frame.close();
    if (decoder.state !== 'closed') decoder.close();
  }
}

async function unpack(frame: VideoFrame, rotation: DecodedFrame['rotation']): Promise<DecodedFrame> {
  try {
    const { width, height } = frame.visibleRect;
    const pixelFormat = frame.format;
    if (pixelFormat !== 'I420') throw new Error(`its pictures are ${pixelFormat}, not 8 bits of I420`);
    const i420 = new Uint8Array(Math.max(i420Bytes(width, height), frame.allocationSize()));
    await frame.copyTo(i420);
    return { width, height, i420, pixelFormat, rotation, timestampSec: frame.timestamp / 1e6 };
  } finally {
    frame.close();
  }
}

async function withTrack<T>(path: string, use: (track: InputVideoTrack, input: Input) => Promise<T>): Promise<T> {
  const input = openInput(path);
  try {
    return await use(await videoTrack(input), input);
  } catch (error) {
    throw readError(error, path);
  } finally {
    input.dispose();
  }
}

function openInput(path: string): Input {
  return new Input({ source: new FilePathSource(path), formats: [MP4] });
}

async function videoTrack(input: Input): Promise<InputVideoTrack> {
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error('it has no pictures');
  return track;
}

function readError(error: unknown, path: string): ThroughlineError {
  if (error instanceof ThroughlineError) return error;
  return new ThroughlineError(
    'export-failed',
    `The film ${path} cannot be read again: ${error instanceof Error ? error.message : String(error)}.`,
    'Export it again.',
    { cause: error },
  );
}

function asBytes(source: ArrayBufferView | ArrayBufferLike): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}

/** Order of the file's boxes, and its chapters. */
async function readLayout(path: string): Promise<{ sizeBytes: number; isFastStart: boolean; chapters: Chapter[] }> {
  const file = await open(path, 'r');
  try {
    const { size: sizeBytes } = await file.stat();
    const header = Buffer.alloc(8);
    let isFastStart = false;
    let chapters: Chapter[] = [];
    for (let at = 0; at + 8 <= sizeBytes; ) {
      await file.read(header, 0, 8, at);
      const length = header.readUInt32BE(0);
      const type = header.toString('latin1', 4, 8);
      if (type === 'mdat' || length < 8) break;
      if (type === 'moov') {
        isFastStart = true;
        const moov = Buffer.alloc(length);
        await file.read(moov, 0, length, at);
        const udta = childBoxes(moov, 8, length).find((box) => box.type === 'udta');
        const chpl = udta && childBoxes(moov, udta.start + 8, udta.end).find((box) => box.type === 'chpl');
        if (chpl) chapters = parseChapters(moov.subarray(chpl.start + 8, chpl.end));
      }
      at += length;
    }
    return { sizeBytes, isFastStart, chapters };
  } finally {
    await file.close();
  }
}
