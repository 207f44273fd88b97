import { throwIfCancelled } from '../../../shared/errors.ts';
import { soundRate } from '../../../shared/sound/sound-clip.ts';
import type { PacketSpool } from '../packet-spool.ts';
import { AacEncoder } from './aac-encoder.ts';
import { Limiter } from './limiter.ts';
import { type FilmSound, mix, type Stereo } from './mixer.ts';

/** Samples mixed at a time. */
const blockSamples = 16_384;

/** A film's sound, coded. */
export interface FilmTrack {
  readonly codec: string;
  readonly description: Uint8Array<ArrayBuffer>;
  /** In the spool, in order. */
  readonly packets: number;
  /** Samples that the coder begins with, and that are not heard. */
  readonly primingSamples: number;
  readonly samplesPerPacket: number;
  readonly lengthSamples: number;
  /** What a person should be told of the sound, each a sentence. */
  readonly notes: readonly string[];
}

/**
 * Mixes a film's sound, holds it below the ceiling, and codes it as AAC into a spool: block by block, whatever the length.
 * @param from the film's first sample, counted as the sounds are
 * @throws ThroughlineError `export-failed` if the coder refuses; what reading the recordings throws; CancelledError
 */
export async function codeSound(
  sound: FilmSound,
  from: number,
  lengthSamples: number,
  spool: PacketSpool,
  signal?: AbortSignal,
): Promise<FilmTrack> {
  const limiter = new Limiter();
  const encoder = await AacEncoder.start();
  try {
    const code = async (block: Stereo): Promise<void> => {
      await encoder.encode(block);
      for (const packet of encoder.takeCoded()) await spool.append(packet);
    };
    for (let at = 0; at < lengthSamples; at += blockSamples) {
      throwIfCancelled(signal, 'The export');
      await code(limiter.push(await mix(sound, from + at, Math.min(blockSamples, lengthSamples - at))));
    }
    await code(limiter.flush());
    await encoder.flush();
    for (const packet of encoder.takeCoded()) await spool.append(packet);
    const { codec, description, primingSamples, samplesPerPacket } = encoder;
    if (!description) throw new Error('the sound coder did not describe its stream');
    return {
      ...{ codec, description, packets: spool.frameCount, primingSamples, samplesPerPacket, lengthSamples },
      notes: limiterNote(limiter),
    };
  } finally {
    encoder.dispose();
  }
}

function limiterNote({ limitedSamples, lowestGain }: Limiter): string[] {
  if (limitedSamples === 0) return [];
  const sec = limitedSamples / soundRate;
  const time = sec < 0.1 ? 'less than 0.1 seconds' : `${sec.toFixed(1)} seconds`;
  const most = (-20 * Math.log10(lowestGain)).toFixed(1);
  return [`The sound was too loud for ${time} and was lowered there by up to ${most} dB, to -1 dB of full scale.`];
}
