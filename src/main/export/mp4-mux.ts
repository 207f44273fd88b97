import type { FileHandle } from 'node:fs/promises';
import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  StreamTarget,
  type StreamTargetChunk,
} from 'mediabunny';
import { throwIfCancelled } from '../../shared/errors.ts';
import { soundRate } from '../../shared/sound/sound-clip.ts';
import { type Chapter, chapterBox, insertIntoUserData } from './chapters.ts';
import { bt709 } from './colour.ts';
import type { PictureSize } from './geometry.ts';
import type { PacketSpool } from './packet-spool.ts';
import type { FilmTrack } from './sound/film-track.ts';

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
  /** The sound, and the spool that its packets lie in; left off: the film is silent. */
  readonly sound?: { readonly track: FilmTrack; readonly spool: PacketSpool } | undefined;
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
  const sound = job.sound && addSound(output, job.sound);
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
      // Sound lies before the pictures that it is heard with, so that a player reads ahead of neither.
      await sound?.upTo((frameIndex + 1) / fps);
      const packet = new EncodedPacket(bytes, isKey ? 'key' : 'delta', frameIndex / fps, 1 / fps);
      await source.add(packet, { decoderConfig });
    }
    await sound?.upTo(Number.POSITIVE_INFINITY);
    await output.finalize();
  } catch (error) {
    await output.cancel().catch(() => undefined);
    throw error;
  }
  if (chapters) await addChapters(file, chapters);
}

/**
 * Adds the sound's track. What the coder begins with lies before zero, which an edit list takes away again, and the last
 * packet ends with the film.
 * @returns writes packets that begin before a time, in seconds
 */
function addSound(
  output: Output,
  { track, spool }: NonNullable<MuxJob['sound']>,
): { upTo(sec: number): Promise<void> } {
  const source = new EncodedAudioPacketSource('aac');
  output.addAudioTrack(source, { maximumPacketCount: track.packets });
  const decoderConfig = {
    ...{ codec: track.codec, sampleRate: soundRate, numberOfChannels: 2, description: track.description },
  };
  const packets = spool.frames();
  let next = packets.next();
  return {
    upTo: async (sec) => {
      for (let packet = await next; !packet.done; packet = await next) {
        const first = packet.value.frameIndex * track.samplesPerPacket - track.primingSamples;
        if (first / soundRate >= sec) return;
        const samples = Math.min(track.samplesPerPacket, track.lengthSamples - first);
        // The coder may end with a packet that lies behind the film altogether.
        if (samples > 0) {
          const coded = new EncodedPacket(packet.value.bytes, 'key', first / soundRate, samples / soundRate);
          await source.add(coded, { decoderConfig });
        }
        next = packets.next();
      }
    },
  };
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
