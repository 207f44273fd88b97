import { setTimeout as wait } from 'node:timers/promises';
import type {
  EncodedVideoChunk,
  EncodedVideoChunkMetadata,
  VideoEncoder,
  VideoEncoderConfig,
} from '@napi-rs/webcodecs';
import { ThroughlineError } from '../../shared/errors.ts';
import { bt709 } from './colour.ts';
import type { PictureSize } from './geometry.ts';
import { bt709CodePoints, tagAvccColour } from './sps.ts';

/** The native H.264 coder, loaded when it is first needed: a machine it does not run on can still do the rest. */
export async function loadCodecs(): Promise<typeof import('@napi-rs/webcodecs')> {
  try {
    return await import('@napi-rs/webcodecs');
  } catch (error) {
    throw encoderUnavailable(error);
  }
}

function encoderUnavailable(cause: unknown): ThroughlineError {
  return new ThroughlineError(
    'export-failed',
    'The H.264 encoder does not start on this machine.',
    'Install Throughline again for this system; on Linux it needs glibc 2.28 or musl 1.2, or later.',
    { cause },
  );
}

/** One coded frame, in decode order. */
export interface CodedFrame {
  /** Length-prefixed NAL units (the form MP4 holds). Owned by whoever receives it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly frameIndex: number;
  readonly isKey: boolean;
}

/**
 * Bits per pixel and frame that the encoder may spend on average. Flat and still pictures use a small part of it;
 * film grain at 720p and 16 frames a second comes to some 7 Mbit/s.
 */
const bitsPerPixel = 0.5;
const lowestBitrate = 1_000_000;
/** Seconds between frames that a player can jump to. */
const keyIntervalSec = 2;
/** Frames handed over and not yet coded; each holds a picture. */
const queueLimit = 4;
const queuePollMs = 2;
/** Macroblocks of a frame up to which H.264 level 4.0 reaches; above it 5.1. */
const level4Macroblocks = 8192;

/** Codes I420 frames as H.264, in order. `dispose` it. */
export class H264Encoder {
  /** The avcC record of the film, tagged as BT.709; there after the first coded frame. */
  avcc: Uint8Array<ArrayBuffer> | undefined;
  readonly codec: string;

  private readonly encoder: VideoEncoder;
  private readonly codecs: typeof import('@napi-rs/webcodecs');
  private readonly size: PictureSize;
  private readonly fps: number;
  private failure: Error | undefined;
  private coded: CodedFrame[] = [];
  private readonly closed = Promise.withResolvers<void>();

  private constructor(
    codecs: typeof import('@napi-rs/webcodecs'),
    size: PictureSize,
    fps: number,
    config: VideoEncoderConfig,
  ) {
    this.codecs = codecs;
    this.size = size;
    this.fps = fps;
    this.codec = config.codec;
    this.encoder = new codecs.VideoEncoder({
      output: (chunk, meta) => this.take(chunk, meta),
      error: (error) => {
        this.failure ??= error;
      },
    });
    this.encoder.configure(config);
  }

  /**
   * @param size in pixels, both sides even
   * @param fps frames a second
   * @throws ThroughlineError `export-failed` if the encoder cannot be had
   */
  static async start(size: PictureSize, fps: number): Promise<H264Encoder> {
    const codecs = await loadCodecs();
    const macroblocks = Math.ceil(size.width / 16) * Math.ceil(size.height / 16);
    const config: VideoEncoderConfig = {
      codec: macroblocks > level4Macroblocks ? 'avc1.640033' : 'avc1.640028',
      ...size,
      framerate: fps,
      bitrate: Math.max(lowestBitrate, Math.round(size.width * size.height * fps * bitsPerPixel)),
      bitrateMode: 'variable',
      latencyMode: 'quality',
      // The same encoder on every machine: hardware ones differ in quality and in what they put into the SPS.
      hardwareAcceleration: 'prefer-software',
      avc: { format: 'avc' },
    };
    try {
      if (!(await codecs.VideoEncoder.isConfigSupported(config)).supported)
        throw new Error(`no encoder for ${config.codec}`);
      return new H264Encoder(codecs, size, fps, config);
    } catch (error) {
      throw encoderUnavailable(error);
    }
  }

  /** Hands a frame over; resolves when there is room for the next. `planes` is copied at once. */
  async encode(planes: Uint8Array, frameIndex: number): Promise<void> {
    this.check();
    const frame = new this.codecs.VideoFrame(planes, {
      format: 'I420',
      codedWidth: this.size.width,
      codedHeight: this.size.height,
      timestamp: Math.round((frameIndex * 1e6) / this.fps),
      duration: Math.round(1e6 / this.fps),
      colorSpace: bt709,
    });
    try {
      this.encoder.encode(frame, { keyFrame: frameIndex % Math.max(1, Math.round(keyIntervalSec * this.fps)) === 0 });
    } finally {
      frame.close();
    }
    // Polled: the dequeue event of this encoder fires per batch and can come before the wait for it begins.
    while (this.encoder.encodeQueueSize >= queueLimit && !this.failure) await wait(queuePollMs);
    this.check();
  }

  /** The frames coded since the last call, which the caller then owns. */
  takeCoded(): CodedFrame[] {
    const coded = this.coded;
    this.coded = [];
    return coded;
  }

  /** Codes what is still queued. Returns early if disposed meanwhile. */
  async flush(): Promise<void> {
    try {
      // A flush that `close` interrupts never settles (webcodecs 1.3.1).
      await Promise.race([this.encoder.flush(), this.closed.promise]);
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
    }
    this.check();
  }

  /** Idempotent. */
  dispose(): void {
    this.closed.resolve();
    if (this.encoder.state !== 'closed') this.encoder.close();
  }

  private take(chunk: EncodedVideoChunk, meta: EncodedVideoChunkMetadata | undefined): void {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    const avcc = meta?.decoderConfig?.description;
    try {
      if (avcc) this.avcc ??= tagAvccColour(avcc, bt709CodePoints);
    } catch (error) {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
    }
    this.coded.push({ bytes, frameIndex: Math.round((chunk.timestamp * this.fps) / 1e6), isKey: chunk.type === 'key' });
  }

  private check(): void {
    if (!this.failure) return;
    throw new ThroughlineError(
      'export-failed',
      `The H.264 encoder stopped: ${this.failure.message}.`,
      'Export again; if it fails again, choose a smaller height.',
      { cause: this.failure },
    );
  }
}
