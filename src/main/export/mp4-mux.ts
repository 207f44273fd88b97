import type { FileHandle } from 'node:fs/promises';
import {
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  StreamTarget,
  type StreamTargetChunk,
} from 'mediabunny';
import { throwIfCancelled } from '../../shared/errors.ts';
import { type Chapter, chapterBox, insertIntoUserData } from './chapters.ts';
import { bt709 } from './colour.ts';
import type { PictureSize } from './geometry.ts';
import type { PacketSpool } from './packet-spool.ts';

/** What a film says of itself. */
export interface FilmMetadata {
  readonly title: string;
  readonly description?: string;
  /** In order of their start. */
  readonly chapters?: readonly Chapter[];
}

/** Everything an MP4 file is made from. */
export interface MuxJob {
  readonly spool: PacketSpool;
  readonly size: PictureSize;
  readonly fps: number;
  readonly codec: string;
  readonly avcc: Uint8Array<ArrayBuffer>;
  readonly metadata: FilmMetadata;
  readonly signal: AbortSignal | undefined;
}

/** Least room that mediabunny sets aside in the index for each packet announced, in bytes: keyframe and size tables. */
const reservedPerPacketBytes = 8;
/** How far into the file the index is looked for when chapters are put in. */
const mostHeadBytes = 64 * 1024 * 1024;

/**
 * Writes an MP4 with its index before its pictures into `file`, from the spooled frames. Leaves the file open and unsynced.
 * Memory holds a packet and the index, not the film.
 */
export async function muxFilm(file: FileHandle, job: MuxJob): Promise<void> {
  const { spool, fps, signal } = job;
  const chapters = job.metadata.chapters?.length ? chapterBox(job.metadata.chapters) : undefined;
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: 'reserve' }),
    target: new StreamTarget(writerOnto(file)),
  });
  const source = new EncodedVideoPacketSource('avc');
  // Room for the chapters is had by announcing more packets than come.
  const spare = Math.ceil((chapters?.length ?? 0) / reservedPerPacketBytes);
  output.addVideoTrack(source, { frameRate: fps, maximumPacketCount: spool.frameCount + spare });
  output.setMetadataTags({
    title: job.metadata.title,
    // Under `desc`, where players look; mediabunny's own field writes another atom that most do not read.
    ...(job.metadata.description === undefined ? {} : { raw: { desc: job.metadata.description } }),
  });
  try {
    await output.start();
    const decoderConfig = {
      codec: job.codec,
      codedWidth: job.size.width,
      codedHeight: job.size.height,
      description: job.avcc,
      colorSpace: bt709,
    };
    for await (const { bytes, frameIndex, isKey } of spool.frames()) {
      throwIfCancelled(signal, 'The export');
      const packet = new EncodedPacket(bytes, isKey ? 'key' : 'delta', frameIndex / fps, 1 / fps);
      await source.add(packet, { decoderConfig });
    }
    await output.finalize();
  } catch (error) {
    await output.cancel().catch(() => undefined);
    throw error;
  }
  if (chapters) await addChapters(file, chapters);
}

function writerOnto(file: FileHandle): WritableStream<StreamTargetChunk> {
  return new WritableStream<StreamTargetChunk>({
    async write({ data, position }) {
      for (let written = 0; written < data.length; ) {
        const { bytesWritten } = await file.write(data, written, data.length - written, position + written);
        written += bytesWritten;
      }
    },
  });
}

/** Chapters are a help, not the film: where the index does not look as expected they are left out. */
async function addChapters(file: FileHandle, box: Uint8Array): Promise<void> {
  const { size } = await file.stat();
  const head = new Uint8Array(Math.min(size, (await headBytes(file, size)) + box.length + 8, mostHeadBytes));
  await file.read(head, 0, head.length, 0);
  if (insertIntoUserData(head, box)) await file.write(head, 0, head.length, 0);
}

/** Where the index ends: the end of `moov`. */
async function headBytes(file: FileHandle, size: number): Promise<number> {
  const header = Buffer.alloc(8);
  for (let at = 0; at + 8 <= size; ) {
    await file.read(header, 0, 8, at);
    const end = at + header.readUInt32BE(0);
    if (header.toString('latin1', 4, 8) === 'moov') return end;
    if (end <= at) return 0;
    at = end;
  }
  return 0;
}
