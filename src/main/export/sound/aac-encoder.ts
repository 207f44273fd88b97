import { setTimeout as wait } from 'node:timers/promises';
import type { AudioEncoder, EncodedAudioChunk, EncodedAudioChunkMetadata } from '@napi-rs/webcodecs';
import { ThroughlineError } from '../../../shared/errors.ts';
import { soundRate } from '../../../shared/sound/sound-clip.ts';
import { loadAudioCodecs } from '../../sound/index.ts';
import type { CodedFrame } from '../h264-encoder.ts';
import type { Stereo } from './mixer.ts';

/** AAC-LC: samples of a packet. */
const samplesPerPacket = 1024;
/** FFmpeg's coder begins with one packet of silence. */
const primingSamples = 1024;
const bitrate = 192_000;
const codec = 'mp4a.40.2';
const queueLimit = 8;
const queuePollMs = 2;

/** Codes stereo sound at 48 kHz as AAC, in order. `dispose` it. */
export class AacEncoder {
  readonly codec = codec;
  readonly samplesPerPacket = samplesPerPacket;
  readonly primingSamples = primingSamples;
  /** The AudioSpecificConfig of the stream; there after the first packet. */
  description: Uint8Array<ArrayBuffer> | undefined;
  readonly #codecs: typeof import('@napi-rs/webcodecs');
  readonly #encoder: AudioEncoder;
  #failure: Error | undefined;
  #coded: CodedFrame[] = [];
  #samplesIn = 0;
  #packetsOut = 0;

  private constructor(codecs: typeof import('@napi-rs/webcodecs')) {
    this.#codecs = codecs;
    this.#encoder = new codecs.AudioEncoder({
      output: (chunk, meta) => this.#take(chunk, meta),
      error: (error) => {
        this.#failure ??= error;
      },
    });
    this.#encoder.configure({ codec, sampleRate: soundRate, numberOfChannels: 2, bitrate });
  }

  /** @throws ThroughlineError `export-failed` if the coder cannot be had */
  static async start(): Promise<AacEncoder> {
    try {
      return new AacEncoder(await loadAudioCodecs());
    } catch (error) {
      throw stopped(error);
    }
  }

  /** Hands samples over; resolves when there is room for more. They are copied at once. */
  async encode([left, right]: Stereo): Promise<void> {
    const count = left.length;
    if (count === 0) return;
    this.#check();
    const planes = new Float32Array(2 * count);
    planes.set(left);
    planes.set(right, count);
    const data = new this.#codecs.AudioData({
      ...{ format: 'f32-planar', sampleRate: soundRate, numberOfChannels: 2, numberOfFrames: count, data: planes },
      timestamp: Math.round((this.#samplesIn * 1e6) / soundRate),
    });
    this.#samplesIn += count;
    try {
      this.#encoder.encode(data);
    } finally {
      data.close();
    }
    while (this.#encoder.encodeQueueSize >= queueLimit && !this.#failure) await wait(queuePollMs);
    this.#check();
  }

  /** The packets coded since the last call, which the caller then owns. */
  takeCoded(): CodedFrame[] {
    const coded = this.#coded;
    this.#coded = [];
    return coded;
  }

  async flush(): Promise<void> {
    try {
      await this.#encoder.flush();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
    this.#check();
  }

  /** Idempotent. */
  dispose(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }

  #take(chunk: EncodedAudioChunk, meta: EncodedAudioChunkMetadata | undefined): void {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    const description = meta?.decoderConfig?.description;
    if (description) this.description ??= copyOf(description);
    this.#coded.push({ bytes, frameIndex: this.#packetsOut++, isKey: true });
  }

  #check(): void {
    if (this.#failure) throw stopped(this.#failure);
  }
}

function copyOf(source: ArrayBufferView | ArrayBufferLike): Uint8Array<ArrayBuffer> {
  const bytes = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  return new Uint8Array(bytes);
}

function stopped(cause: unknown): ThroughlineError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ThroughlineError(
    'export-failed',
    `The AAC coder stopped: ${why}.`,
    'Export again; if it fails again, export without sound.',
    { cause },
  );
}
