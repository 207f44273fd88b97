import { rationalRate } from '../../../shared/sound/frame-samples.ts';
import { blockSamples } from '../../../shared/sound/pcm.ts';
import { soundRate } from '../../../shared/sound/sound-clip.ts';
import { envelopeAt, type PlannedSound } from '../../../shared/sound/sound-plan.ts';

/** A film that runs: where it stood at a moment, and how fast it runs from there. */
export interface RunningFilm {
  /** In frames; a fraction within one. */
  readonly position: number;
  /** A moment of the sound's clock, in seconds. */
  readonly atSec: number;
  /** Times true speed, above 0. */
  readonly rate: number;
  readonly fps: number;
}

/** The film's sample at a moment of the sound's clock: a fraction between two. */
export function sampleAt({ position, atSec, rate, fps }: RunningFilm, sec: number): number {
  const { frames, seconds } = rationalRate(fps);
  return (position * soundRate * seconds) / frames + (sec - atSec) * rate * soundRate;
}

/** When a sample of the film is to be heard, in seconds of the sound's clock. */
export function secOf(film: RunningFilm, sample: number): number {
  return film.atSec + (sample - sampleAt(film, film.atSec)) / (film.rate * soundRate);
}

/** A stretch of one block of a recording, and when it is heard. */
export interface SoundPiece {
  /** The same stretch of the same clip has the same name. */
  readonly name: string;
  readonly sound: PlannedSound;
  readonly asset: string;
  /** Which block of the recording, and from which of its samples on. */
  readonly block: number;
  readonly offset: number;
  readonly count: number;
  /** The film's sample that it begins at. */
  readonly filmSample: number;
  /** The clip's sample that it begins at. */
  readonly clipSample: number;
}

/**
 * What of the sounds is heard from one of the film's samples up to another, block by block: pieces of a clip follow each
 * other without a gap, each beginning with the sample after the last of the one before.
 */
export function piecesBetween(sounds: readonly PlannedSound[], from: number, to: number): SoundPiece[] {
  const pieces: SoundPiece[] = [];
  for (const sound of sounds) {
    const { clip, startSample, lengthSamples } = sound;
    // Whole blocks, so that a piece is the same whenever it is asked for.
    const first = Math.max(0, Math.floor((from - startSample + clip.inSamples) / blockSamples));
    const heardTo = Math.min(lengthSamples, Math.ceil(to) - startSample) + clip.inSamples;
    for (let block = first; block * blockSamples < heardTo; block++) {
      const start = Math.max(block * blockSamples, clip.inSamples);
      const end = Math.min((block + 1) * blockSamples, clip.inSamples + lengthSamples);
      if (start >= end || startSample + end - clip.inSamples <= from) continue;
      pieces.push({
        ...{ name: `${clip.id}/${startSample}/${block}`, sound, asset: clip.asset, block },
        ...{ offset: start - block * blockSamples, count: end - start },
        ...{ filmSample: startSample + start - clip.inSamples, clipSample: start - clip.inSamples },
      });
    }
  }
  return pieces;
}

/** A clip's loudness from one of its samples up to another: its values where its line bends, and at both ends. */
export function envelopeLine({ clip }: PlannedSound, from: number, to: number): { sample: number; gain: number }[] {
  const bends = [clip.fadeInSamples, clip.lengthSamples - clip.fadeOutSamples].filter((at) => at > from && at < to);
  return [from, ...bends, to].map((sample) => ({ sample, gain: envelopeAt(clip, sample) }));
}
