import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CancelledError, ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import { sampleOfFrame } from '../../shared/sound/frame-samples.ts';
import {
  lookAtTarget,
  putInPlace,
  removeLeftovers,
  removeTemporary,
  type Target,
  temporaryName,
  writeError,
} from '../files/index.ts';
import { defaultTargetHeight, filmSize, type PictureSize } from './geometry.ts';
import { H264Encoder } from './h264-encoder.ts';
import { type FilmMetadata, muxFilm } from './mp4-mux.ts';
import { PacketSpool } from './packet-spool.ts';
import { PictureConverter } from './picture-converter.ts';
import { codeSound, type FilmTrack } from './sound/film-track.ts';
import type { FilmSound } from './sound/mixer.ts';

/** What a film is to be. */
export interface FilmOptions {
  /**
   * Where the MP4 goes. What is there when the film is begun, or was there when the place was looked at, is replaced,
   * and only by a complete film; a file that appears or changes meanwhile is not: the film takes the next free name.
   */
  readonly path: string | Target;
  /** Size of the frames that will come, in pixels. */
  readonly source: PictureSize;
  /** Frames a second, above 0 and at most 240. */
  readonly fps: number;
  /** Height in pixels that smaller films are enlarged to; larger ones keep their size. 720 unless given. */
  readonly targetHeight?: number;
  readonly metadata: FilmMetadata;
  /** What is heard under it; left off: nothing. `fromSample`: where the film begins, as the sounds are counted. */
  readonly sound?: FilmSound & { readonly fromSample: number };
  readonly signal?: AbortSignal;
}

/** A film that was written. */
export interface FilmSummary {
  /** Where it is: as asked for, or the next free name where something appeared there meanwhile. */
  readonly path: string;
  readonly frameCount: number;
  readonly durationSec: number;
  readonly sizeBytes: number;
  readonly width: number;
  readonly height: number;
  /** What a person should be told of its sound, each a sentence. */
  readonly notes: readonly string[];
}

/** Takes the frames of one film, in order, and makes an H.264 MP4 of them. End it with `finish` or `abort`. */
export interface FilmWriter {
  /** Size of the film, in pixels. */
  readonly size: PictureSize;
  /**
   * Adds frames; await each call before the next. On any error the film is given up and its temporary files removed.
   * @param rgb [frameCount, source.height, source.width, 3], 0..255; read before the call resolves, never kept
   * @throws ThroughlineError `bad-input` for a wrong size, `export-failed` if disk or encoder refuse; CancelledError
   */
  addFrames(rgb: Uint8Array, frameCount: number): Promise<void>;
  /** Completes the film and puts it in its place. Throws as `addFrames` does, and `bad-input` for a film without frames. */
  finish(): Promise<FilmSummary>;
  /** Gives the film up and removes its temporary files; the target stays as it was. Idempotent; after `finish` it does nothing. */
  abort(): Promise<void>;
}

const what = 'The export';

/**
 * Begins a film: H.264, yuv420p, BT.709 limited range, index first, enlarged by a filter without halos.
 * Works in files beside the target; memory holds a few frames. Pictures are converted in a thread of their own.
 *
 * @throws ThroughlineError `bad-input`, or `export-failed` if the folder or the encoder cannot be used; CancelledError
 */
export async function openFilm(options: FilmOptions): Promise<FilmWriter> {
  throwIfCancelled(options.signal, what);
  checkOptions(options);
  const size = filmSize(options.source, options.targetHeight ?? defaultTargetHeight);
  const target = typeof options.path === 'string' ? await lookAtTarget(options.path, true) : options.path;
  await removeLeftovers(dirname(target.path));
  const encoder = await H264Encoder.start(size, options.fps);
  try {
    const spool = await PacketSpool.create(temporaryName(target.path, 'frames'));
    return new Mp4Writer(options, target, size, encoder, spool);
  } catch (error) {
    encoder.dispose();
    throw writeError(error, target.path);
  }
}

type WriterState =
  | { readonly kind: 'open' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'finished' }
  | { readonly kind: 'ended'; readonly error: ThroughlineError };

class Mp4Writer implements FilmWriter {
  readonly size: PictureSize;
  private readonly options: FilmOptions;
  private readonly target: Target;
  private readonly encoder: H264Encoder;
  private readonly spool: PacketSpool;
  private readonly converter: PictureConverter;
  private readonly onAbort = () => void this.abort();
  private state: WriterState = { kind: 'open' };
  private framesIn = 0;

  constructor(options: FilmOptions, target: Target, size: PictureSize, encoder: H264Encoder, spool: PacketSpool) {
    this.options = options;
    this.target = target;
    this.size = size;
    this.encoder = encoder;
    this.spool = spool;
    this.converter = new PictureConverter({ source: options.source, target: size });
    options.signal?.addEventListener('abort', this.onAbort, { once: true });
    if (options.signal?.aborted) this.onAbort();
  }

  addFrames(rgb: Uint8Array, frameCount: number): Promise<void> {
    return this.work(async () => {
      const { width, height } = this.options.source;
      const frameBytes = width * height * 3;
      if (!Number.isInteger(frameCount) || frameCount < 0 || rgb.length !== frameCount * frameBytes) {
        throw new ThroughlineError(
          'bad-input',
          `${frameCount} frames of ${width} x ${height} need ${frameCount * frameBytes} bytes of RGB, but ${rgb.length} came.`,
          'Hand over whole frames of the size the film was opened with.',
        );
      }
      const convert = (i: number) => this.converter.convert(rgb.subarray(i * frameBytes, (i + 1) * frameBytes));
      let next = frameCount > 0 ? convert(0) : null;
      for (let i = 1; next; i++) {
        const planes = await next;
        this.checkGoing();
        next = i < frameCount ? convert(i) : null; // while this one is coded
        await this.encoder.encode(planes, this.framesIn++);
        this.converter.recycle(planes);
        this.checkGoing();
        await this.spoolCoded();
      }
    });
  }

  finish(): Promise<FilmSummary> {
    return this.work(async () => {
      if (this.framesIn === 0) {
        throw new ThroughlineError(
          'bad-input',
          'The film has no frames.',
          'Generate at least one chunk before exporting.',
        );
      }
      await this.encoder.flush();
      this.checkGoing();
      await this.spoolCoded();
      const { avcc } = this.encoder;
      if (!avcc || this.spool.frameCount !== this.framesIn) {
        throw new ThroughlineError(
          'export-failed',
          `The encoder took ${this.framesIn} frames and returned ${this.spool.frameCount}.`,
          'Export again.',
        );
      }
      const { fps } = this.options;
      const spool = await this.codeSound();
      try {
        const { path, sizeBytes } = await this.writeFile(avcc, spool);
        const notes = spool?.track.notes ?? [];
        return { path, frameCount: this.framesIn, durationSec: this.framesIn / fps, sizeBytes, ...this.size, notes };
      } finally {
        await spool?.spool.dispose();
      }
    }, 'finished');
  }

  async abort(): Promise<void> {
    if (this.state.kind === 'finished' || this.state.kind === 'ended') return this.release();
    this.state = { kind: 'ended', error: new CancelledError(what) };
    await this.release();
  }

  /** Runs one piece of work with the state around it; whatever goes wrong ends the film. */
  private async work<T>(piece: () => Promise<T>, then: 'open' | 'finished' = 'open'): Promise<T> {
    switch (this.state.kind) {
      case 'ended':
        throw this.state.error;
      case 'finished':
        throw new ThroughlineError('bad-input', 'The film is already finished.', 'Open a new one.');
      case 'busy':
        throw new ThroughlineError('bad-input', 'The film is still taking frames.', 'Await each call before the next.');
      case 'open':
        this.state = { kind: 'busy' };
    }
    try {
      const result = await piece();
      // A film in its place is finished, even if the wish to stop came while it was renamed.
      if (then === 'open') this.checkGoing();
      this.state = { kind: then };
      if (then === 'finished') await this.release();
      return result;
    } catch (error) {
      const ended = this.endedBy();
      const reason = ended ?? writeError(error, this.target.path);
      this.state = { kind: 'ended', error: reason };
      await this.release();
      throw reason;
    }
  }

  private endedBy(): ThroughlineError | undefined {
    return this.state.kind === 'ended' ? this.state.error : undefined;
  }

  private checkGoing(): void {
    const ended = this.endedBy();
    if (ended) throw ended;
  }

  private async spoolCoded(): Promise<void> {
    for (const frame of this.encoder.takeCoded()) {
      await this.spool.append(frame);
      this.checkGoing();
    }
  }

  /** The film's sound, as long as its pictures; undefined where nothing is heard. The caller disposes of the spool. */
  private async codeSound(): Promise<{ readonly track: FilmTrack; readonly spool: PacketSpool } | undefined> {
    const { sound, fps, signal } = this.options;
    if (!sound || sound.sounds.length === 0) return undefined;
    const spool = await PacketSpool.create(temporaryName(this.target.path, 'sound'));
    try {
      const track = await codeSound(sound, sound.fromSample, sampleOfFrame(this.framesIn, fps), spool, signal);
      this.checkGoing();
      return { track, spool };
    } catch (error) {
      await spool.dispose();
      throw error;
    }
  }

  private async writeFile(
    avcc: Uint8Array<ArrayBuffer>,
    sound: { readonly track: FilmTrack; readonly spool: PacketSpool } | undefined,
  ): Promise<Pick<FilmSummary, 'path' | 'sizeBytes'>> {
    const { fps, metadata, signal } = this.options;
    const temporary = temporaryName(this.target.path, 'part');
    let file: FileHandle | undefined;
    try {
      file = await open(temporary, 'wx+');
      await muxFilm(file, {
        spool: this.spool,
        size: this.size,
        fps,
        codec: this.encoder.codec,
        avcc,
        metadata,
        signal,
        sound,
      });
      this.checkGoing();
      await file.sync();
      const { size: sizeBytes } = await file.stat();
      await file.close();
      file = undefined;
      this.checkGoing();
      return { path: this.shown(await putInPlace(temporary, this.target)), sizeBytes };
    } catch (error) {
      await file?.close().catch(() => undefined);
      await removeTemporary(temporary);
      throw error;
    }
  }

  /** A place as the person wrote it, where it is the one that they named. */
  private shown(place: string): string {
    const { path } = this.options;
    return place === this.target.path && typeof path === 'string' ? path : place;
  }

  private async release(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.onAbort);
    this.encoder.dispose();
    await Promise.all([this.converter.dispose(), this.spool.dispose()]);
  }
}

const highestFps = 240;

function checkOptions({ path, fps, metadata }: FilmOptions): void {
  if (path === '') throw new ThroughlineError('bad-input', 'The film has no file name.', 'Choose where to write it.');
  if (!(fps > 0 && fps <= highestFps)) {
    throw new ThroughlineError(
      'bad-input',
      `The frame rate is ${fps}; it must be above 0 and at most ${highestFps}.`,
      'Choose another frame rate.',
    );
  }
  let previousSec = 0;
  for (const { title, startSec } of metadata.chapters ?? []) {
    if (!(startSec >= previousSec && Number.isFinite(startSec))) {
      throw new ThroughlineError(
        'bad-input',
        `Chapter "${title}" starts at ${startSec} s, before the one ahead of it.`,
        'Hand chapters over in order.',
      );
    }
    previousSec = startSec;
  }
}
