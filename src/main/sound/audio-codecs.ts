import type { AudioData, AudioDecoder } from '@napi-rs/webcodecs';
import { AudioSample, AudioSampleSink, EncodedPacketSink, type InputAudioTrack } from 'mediabunny';
import { ThroughlineError } from '../../shared/errors.ts';

type Codecs = typeof import('@napi-rs/webcodecs');

/** What the native decoder takes. Vorbis is not among it, since it refuses its headers (webcodecs 1.3.1): see `ogg-vorbis.ts`. */
const nativeCodecs: readonly string[] = ['aac', 'mp3', 'opus', 'flac'];
/** Packets handed over and not yet decoded. */
const queueLimit = 16;
const queuePollMs = 1;

/** The native audio coders, loaded when they are first needed. @throws ThroughlineError `bad-input` where they do not run */
export async function loadAudioCodecs(): Promise<Codecs> {
  try {
    return await import('@napi-rs/webcodecs');
  } catch (cause) {
    throw new ThroughlineError(
      'bad-input',
      'The sound coders do not start on this machine.',
      'Install the C++ runtime libraries of your system, then try again.',
      { cause },
    );
  }
}

/** Whether a track's sound can be decoded. */
export function isDecodable({ codec }: InputAudioTrack): boolean {
  return codec !== null && (nativeCodecs.includes(codec) || codec.startsWith('pcm-') || isLaw(codec));
}

/**
 * The samples of a track, in order; whoever takes one closes it. The first one's time says where the track begins, which
 * may be before zero: what a coder needs to begin with.
 */
export function samplesOf(track: InputAudioTrack): AsyncGenerator<AudioSample, void, unknown> {
  const { codec } = track;
  // PCM needs no decoder.
  return codec !== null && nativeCodecs.includes(codec) ? decodeNative(track) : new AudioSampleSink(track).samples();
}

function isLaw(codec: string): boolean {
  return codec === 'ulaw' || codec === 'alaw';
}

async function* decodeNative(track: InputAudioTrack): AsyncGenerator<AudioSample, void, unknown> {
  const config = await track.getDecoderConfig();
  if (!config) throw new Error('the track does not say how it is coded');
  const { AudioDecoder, EncodedAudioChunk } = await loadAudioCodecs();
  const ready: AudioData[] = [];
  let failure: Error | undefined;
  const decoder: AudioDecoder = new AudioDecoder({
    output: (data) => ready.push(data),
    error: (error) => {
      failure ??= error;
    },
  });
  // The decoder's own times are those of packets that went in later.
  let atSec: number | null = null;
  const take = function* (): Generator<AudioSample> {
    for (let data = ready.shift(); data; data = ready.shift()) {
      const sample = sampleOf(data, atSec ?? 0);
      atSec = (atSec ?? 0) + sample.duration;
      yield sample;
    }
  };
  try {
    const { codec, sampleRate, numberOfChannels, description } = config;
    decoder.configure({
      ...{ codec, sampleRate, numberOfChannels },
      ...(description === undefined ? {} : { description: bytesOf(description) }),
    });
    for await (const packet of new EncodedPacketSink(track).packets()) {
      const { type, data, microsecondTimestamp: timestamp, microsecondDuration: duration } = packet;
      atSec ??= packet.timestamp - (packet.timestamp >= 0 ? opusDelaySec(codec, description) : 0);
      if (failure) throw failure;
      decoder.decode(new EncodedAudioChunk({ type, data, timestamp, duration }));
      while (decoder.decodeQueueSize >= queueLimit && !failure)
        await new Promise((resolve) => setTimeout(resolve, queuePollMs));
      if (failure) throw failure;
      yield* take();
    }
    await decoder.flush();
    if (failure) throw failure;
    yield* take();
  } finally {
    for (const data of ready) data.close();
    if (decoder.state !== 'closed') decoder.close();
  }
}

/** Samples as the decoder gave them. Its own conversion of formats reads past the end (webcodecs 1.3.1). */
function sampleOf(data: AudioData, timestamp: number): AudioSample {
  try {
    const { format, numberOfChannels, numberOfPlanes, sampleRate } = data;
    if (format === null) throw new Error('the decoder gave samples of no format');
    const planeBytes = data.allocationSize({ planeIndex: 0 });
    const samples = new Uint8Array(planeBytes * numberOfPlanes);
    for (let planeIndex = 0; planeIndex < numberOfPlanes; planeIndex++) {
      data.copyTo(samples.subarray(planeIndex * planeBytes, (planeIndex + 1) * planeBytes), { planeIndex });
    }
    return new AudioSample({
      ...{ data: samples, format: format as AudioSample['format'], numberOfChannels, sampleRate, timestamp },
    });
  } finally {
    data.close();
  }
}

/** What an Opus stream begins with and is not heard: its header says so (RFC 7845, pre-skip), at 48 kHz. */
function opusDelaySec(codec: string, description: ArrayBufferView | ArrayBufferLike | undefined): number {
  if (codec !== 'opus' || description === undefined) return 0;
  const header = bytesOf(description);
  return header.length < 12 ? 0 : ((header[10] as number) + 256 * (header[11] as number)) / 48_000;
}

function bytesOf(source: ArrayBufferView | ArrayBufferLike): Uint8Array {
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
}
