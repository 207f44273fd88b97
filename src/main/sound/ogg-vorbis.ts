import { type OggVorbisDecodedAudio, OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { AudioSample } from 'mediabunny';
import type { ByteReader } from './byte-reader.ts';

/** Bytes of the file that are decoded at a time. */
const portionBytes = 64 * 1024;

/** Where WAV's order has each channel of Vorbis' (Vorbis I specification, 4.3.9), by how many there are. */
const wavOrder: Readonly<Record<number, readonly number[]>> = {
  3: [0, 2, 1],
  5: [0, 2, 1, 3, 4],
  6: [0, 2, 1, 5, 3, 4],
  7: [0, 2, 1, 6, 5, 3, 4],
  8: [0, 2, 1, 7, 5, 6, 3, 4],
};

/**
 * The samples of an Ogg Vorbis file, in order; whoever takes one closes it. The native decoder refuses Vorbis, so this one is
 * WebAssembly: what is wrong in a file cannot end the process.
 * @throws Error where the file is damaged
 */
export async function* oggVorbisSamples({ sizeBytes, read }: ByteReader): AsyncGenerator<AudioSample, void, unknown> {
  const decoder = new OggVorbisDecoder();
  await decoder.ready;
  let atSec = 0;
  const sampleOf = ({ channelData, samplesDecoded, sampleRate, errors }: OggVorbisDecodedAudio): AudioSample | null => {
    const [error] = errors;
    if (error) throw new Error(error.message);
    const numberOfChannels = channelData.length;
    if (samplesDecoded === 0 || numberOfChannels === 0) return null;
    const order = wavOrder[numberOfChannels] ?? [...channelData.keys()];
    const data = new Float32Array(samplesDecoded * numberOfChannels);
    for (const [to, from] of order.entries()) {
      data.set((channelData[from] as Float32Array).subarray(0, samplesDecoded), to * samplesDecoded);
    }
    const timestamp = atSec;
    atSec += samplesDecoded / sampleRate;
    return new AudioSample({ data, format: 'f32-planar', numberOfChannels, sampleRate, timestamp });
  };
  try {
    for (let at = 0; at < sizeBytes; at += portionBytes) {
      const sample = sampleOf(await decoder.decode(await read(at, Math.min(sizeBytes, at + portionBytes))));
      if (sample) yield sample;
    }
    const rest = sampleOf(await decoder.flush());
    if (rest) yield rest;
  } finally {
    decoder.free();
  }
}
