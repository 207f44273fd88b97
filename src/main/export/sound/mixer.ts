import { envelopeAt, type PlannedSound } from '../../../shared/sound/sound-plan.ts';

/** Samples of a recording at 48 kHz, from `start` up to `end`: one or two channels, equally many; fewer where it ends. */
export type ReadSound = (asset: string, start: number, end: number) => Promise<readonly Float32Array[]>;

/** What is heard under a film. */
export interface FilmSound {
  readonly sounds: readonly PlannedSound[];
  readonly read: ReadSound;
}

/** Left and right, equally long. */
export type Stereo = readonly [left: Float32Array, right: Float32Array];

/**
 * A stretch of a film's sound: every clip that is heard in it, with its gain and fades, added up. A recording of one
 * channel is heard on both sides. It may be louder than full scale: see the limiter.
 * @param from first sample of the stretch, counted from the film's beginning; may be negative
 */
export async function mix({ sounds, read }: FilmSound, from: number, count: number): Promise<Stereo> {
  const mixed: Stereo = [new Float32Array(count), new Float32Array(count)];
  for (const { clip, startSample, lengthSamples } of sounds) {
    const first = Math.max(from, startSample);
    const end = Math.min(from + count, startSample + lengthSamples);
    if (first >= end) continue;
    const inClip = first - startSample;
    const channels = await read(clip.asset, clip.inSamples + inClip, clip.inSamples + inClip + end - first);
    for (const [side, into] of mixed.entries()) {
      const samples = channels[side] ?? channels[0];
      for (let i = 0; i < (samples?.length ?? 0); i++) {
        const at = first - from + i;
        into[at] = (into[at] as number) + (samples?.[i] as number) * envelopeAt(clip, inClip + i);
      }
    }
  }
  return mixed;
}
