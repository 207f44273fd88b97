import { sampleOfFrame } from './frame-samples.ts';
import { gainFactor, type SoundClip } from './sound-clip.ts';

/** A shot as far as its sounds go. */
export interface SoundedShot {
  /** The film's frame that the shot begins with; negative where that lies before the film. */
  readonly firstFrame: number;
  readonly sounds?: readonly SoundClip[] | undefined;
}

/** A clip at its place under a film, in samples at 48 kHz from the film's beginning. */
export interface PlannedSound {
  readonly clip: SoundClip;
  /** May be negative: it began before the film. */
  readonly startSample: number;
  /** As much of the clip as its recording has. */
  readonly lengthSamples: number;
}

/**
 * Where every sound of a film is heard. Sounds of recordings that are not there are left out, and so are muted ones.
 * @param fps of the film's frames
 * @param lengthOf length of a recording in samples; null where it is not there
 */
export function planSounds(
  shots: readonly SoundedShot[],
  fps: number,
  lengthOf: (asset: string) => number | null,
): PlannedSound[] {
  return shots.flatMap(({ firstFrame, sounds = [] }) =>
    sounds.flatMap((clip): PlannedSound[] => {
      const lengthSamples = Math.min(clip.lengthSamples, (lengthOf(clip.asset) ?? 0) - clip.inSamples);
      if (clip.muted || lengthSamples <= 0) return [];
      return [{ clip, startSample: sampleOfFrame(firstFrame, fps) + clip.offsetSamples, lengthSamples }];
    }),
  );
}

/** Those that are heard from one sample up to another, their places counted from the first. */
export function soundsBetween(sounds: readonly PlannedSound[], from: number, to: number): PlannedSound[] {
  return sounds
    .filter(({ startSample, lengthSamples }) => startSample < to && startSample + lengthSamples > from)
    .map((sound) => ({ ...sound, startSample: sound.startSample - from }));
}

/**
 * How loud a clip is at one of its samples, as a factor: its gain, and where it is within its fades, which rise and fall
 * evenly and reach silence at its very ends.
 */
export function envelopeAt(
  { gainDb, fadeInSamples, fadeOutSamples, lengthSamples }: SoundClip,
  sample: number,
): number {
  const rising = fadeInSamples > 0 ? Math.min(1, sample / fadeInSamples) : 1;
  const falling = fadeOutSamples > 0 ? Math.min(1, (lengthSamples - sample) / fadeOutSamples) : 1;
  return gainFactor(gainDb) * Math.max(0, rising) * Math.max(0, falling);
}
