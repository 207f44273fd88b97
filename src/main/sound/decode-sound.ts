import {
  ADTS,
  CustomSource,
  FLAC,
  Input,
  type InputAudioTrack,
  MATROSKA,
  MP3,
  MP4,
  OGG,
  QTFF,
  WAVE,
  WEBM,
} from 'mediabunny';
import { assetLimits, type SoundFacts } from '../../shared/assets/asset.ts';
import { ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import { soundRate } from '../../shared/sound/sound-clip.ts';
import { isDecodable, samplesOf } from './audio-codecs.ts';
import type { ByteReader } from './byte-reader.ts';
import { toStereo } from './downmix.ts';
import { mp3DelaySamples } from './mp3-delay.ts';
import { oggVorbisSamples } from './ogg-vorbis.ts';
import { Resampler } from './resampler.ts';

const formats = [WAVE, MP3, FLAC, OGG, ADTS, MP4, QTFF, MATROSKA, WEBM];
const takes = 'WAV, MP3, M4A (AAC), FLAC, OGG (Opus, Vorbis), MOV, MP4 and WebM';

/** A recording that can be decoded, one or two channels at 48 kHz. End it with `dispose`. */
export interface SoundReader {
  readonly facts: Omit<SoundFacts, 'lengthSamples'>;
  /** MIME type, as the file's content says. */
  readonly mediaType: string;
  /**
   * The sound from its beginning on, in blocks as they come: samples of each channel, equally many, owned by whoever
   * takes them.
   * @throws ThroughlineError `bad-input` where the file is damaged or too long; CancelledError
   */
  blocks(signal?: AbortSignal): AsyncGenerator<readonly Float32Array[]>;
  dispose(): void;
}

/**
 * Looks at a recording.
 * @param name of the file, for sentences
 * @throws ThroughlineError `bad-input` that names the format where it is none that can be decoded, and what to do
 */
export async function openSound(bytes: ByteReader, name: string): Promise<SoundReader> {
  const source = new CustomSource({
    getSize: () => bytes.sizeBytes,
    read: (start, end) => bytes.read(start, end),
    prefetchProfile: 'fileSystem',
  });
  const input = new Input({ source, formats });
  try {
    const track = await input.getPrimaryAudioTrack().catch((cause: unknown) => {
      throw notSound(name, cause);
    });
    if (!track) throw silent(name);
    const codec = track.codec;
    const isOggVorbis = codec === 'vorbis' && (await input.getFormat()) === OGG;
    if (codec === null || !(isOggVorbis || isDecodable(track)))
      throw undecodable(name, codec ?? String(track.internalCodecId));
    const { numberOfChannels: sourceChannels, sampleRate: sourceRate } = track;
    requireSane(name, sourceChannels, sourceRate);
    const channels = sourceChannels === 1 ? 1 : 2;
    return {
      facts: { channels, sourceChannels, sourceRate, codec },
      mediaType: (await input.getMimeType()).replace(/;.*/, '').replace('video/', 'audio/'),
      blocks: (signal) => decode(track, isOggVorbis ? oggVorbisSamples(bytes) : samplesOf(track), name, bytes, signal),
      dispose: () => input.dispose(),
    };
  } catch (error) {
    input.dispose();
    throw error instanceof ThroughlineError ? error : notSound(name, error);
  }
}

async function* decode(
  track: InputAudioTrack,
  samples: ReturnType<typeof samplesOf>,
  name: string,
  bytes: ByteReader,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Float32Array[]> {
  const { sampleRate, numberOfChannels } = track;
  const channels = numberOfChannels === 1 ? 1 : 2;
  const resamplers = Array.from({ length: channels }, () => new Resampler(sampleRate, soundRate));
  const longest = assetLimits.soundSec * soundRate;
  let made = 0;
  let isFirst = true;
  let delay = track.codec === 'mp3' ? await mp3DelaySamples(bytes) : 0;
  while (true) {
    if (signal?.aborted) await samples.return();
    throwIfCancelled(signal, 'Adding the sound');
    let sample: Awaited<ReturnType<typeof samples.next>>;
    try {
      sample = await samples.next();
    } catch (cause) {
      if (made === 0) throw notSound(name, cause);
      throw damagedAt(name, made / soundRate, cause);
    }
    if (sample.done) break;
    const { value } = sample;
    let block: Float32Array[];
    try {
      if (value.sampleRate !== sampleRate || value.numberOfChannels !== numberOfChannels)
        throw changing(name, made / soundRate);
      // What a coder needs to begin with lies before zero and is not heard.
      const before = Math.max(delay, Math.round(-value.timestamp * sampleRate));
      const early = Math.min(value.numberOfFrames, Math.max(0, before));
      delay = Math.max(0, delay - early);
      const late = isFirst ? Math.round(Math.min(Math.max(0, value.timestamp), latestStartSec) * sampleRate) : 0;
      block = toStereo(channelsOf(value, early)).map((channel) => withSilence(channel, late));
      isFirst = false;
    } finally {
      value.close();
    }
    const output = block.map((channel, c) => (resamplers[c] as Resampler).push(channel));
    made += output[0]?.length ?? 0;
    if (made > longest) throw tooLong(name);
    if ((output[0]?.length ?? 0) > 0) yield output;
  }
  const rest = resamplers.map((resampler) => resampler.flush());
  if ((rest[0]?.length ?? 0) > 0) yield rest;
  if (made + (rest[0]?.length ?? 0) === 0) throw silent(name);
}

/** A track may begin so long after its file; later ones begin at once, in seconds. */
const latestStartSec = 60;

function channelsOf(
  sample: { numberOfChannels: number; numberOfFrames: number; copyTo(to: Float32Array, options: object): void },
  skip: number,
): Float32Array[] {
  return Array.from({ length: sample.numberOfChannels }, (_, planeIndex) => {
    const samples = new Float32Array(sample.numberOfFrames);
    sample.copyTo(samples, { planeIndex, format: 'f32-planar' });
    // A damaged file may hold numbers that are none.
    for (let i = 0; i < samples.length; i++) if (!Number.isFinite(samples[i] as number)) samples[i] = 0;
    return samples.subarray(skip);
  });
}

function withSilence(samples: Float32Array, count: number): Float32Array {
  if (count === 0) return samples;
  const later = new Float32Array(count + samples.length);
  later.set(samples, count);
  return later;
}

function requireSane(name: string, channels: number, rate: number): void {
  const { soundChannels, lowestRate, highestRate } = assetLimits;
  if (!(channels >= 1 && channels <= soundChannels)) {
    throw new ThroughlineError(
      'bad-input',
      `"${name}" has ${channels} channels; a sound may have up to ${soundChannels}.`,
      'Mix it down to stereo in another program.',
    );
  }
  if (!(Number.isInteger(rate) && rate >= lowestRate && rate <= highestRate)) {
    throw new ThroughlineError(
      'bad-input',
      `"${name}" has ${rate} samples a second; a sound may have ${lowestRate} to ${highestRate}.`,
      'Save it at 48,000 samples a second in another program.',
    );
  }
}

function notSound(name: string, cause: unknown): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `"${name}" is not a sound file that can be read, or it is damaged.`,
    `Throughline reads ${takes}. Save it as WAV in another program.`,
    { cause },
  );
}

function silent(name: string): ThroughlineError {
  return new ThroughlineError('bad-input', `There is no sound in "${name}".`, 'Choose another file.');
}

function undecodable(name: string, codec: string): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `The sound in "${name}" is coded as ${codec}, which cannot be decoded here.`,
    `Throughline reads ${takes}. Save it as WAV in another program.`,
  );
}

function damagedAt(name: string, sec: number, cause: unknown): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `"${name}" is damaged ${sec.toFixed(1)} seconds after its beginning.`,
    'Get the file again, or save what can be played of it as WAV in another program.',
    { cause },
  );
}

function changing(name: string, sec: number): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `"${name}" changes its sample rate or channels ${sec.toFixed(1)} seconds after its beginning.`,
    'Save it as WAV in another program.',
  );
}

function tooLong(name: string): ThroughlineError {
  return new ThroughlineError(
    'bad-input',
    `"${name}" is longer than ${assetLimits.soundSec / 3600} hours.`,
    'Cut it into shorter files.',
  );
}
