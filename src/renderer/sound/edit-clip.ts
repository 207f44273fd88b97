import type { SoundClip } from '../../shared/sound/sound-clip.ts';

/** A sound is never cut shorter than this, in samples: a fiftieth of a second. */
export const shortestSamples = 960;

/** The same sound with other fades, cut down where they do not fit. */
export function withFades(clip: SoundClip, fadeIn: number, fadeOut: number): SoundClip {
  const fadeInSamples = Math.min(Math.max(0, Math.round(fadeIn)), clip.lengthSamples);
  const fadeOutSamples = Math.min(Math.max(0, Math.round(fadeOut)), clip.lengthSamples - fadeInSamples);
  return { ...clip, fadeInSamples, fadeOutSamples };
}

/**
 * A sound whose beginning is cut off, or brought back, by so many samples; what is left is heard where it was.
 * @param by above 0: later
 * @returns the sound, and by how much its beginning has moved
 */
export function trimStart(clip: SoundClip, by: number): { readonly clip: SoundClip; readonly moved: number } {
  const moved = Math.min(Math.max(Math.round(by), -clip.inSamples), clip.lengthSamples - shortestSamples);
  const cut = { ...clip, inSamples: clip.inSamples + moved, lengthSamples: clip.lengthSamples - moved };
  return { clip: withFades(cut, clip.fadeInSamples, clip.fadeOutSamples), moved };
}

/** A sound whose end is moved by so many samples, as far as its recording goes. */
export function trimEnd(clip: SoundClip, by: number, recordingSamples: number): SoundClip {
  const longest = Math.max(clip.lengthSamples, recordingSamples - clip.inSamples);
  const lengthSamples = Math.min(Math.max(clip.lengthSamples + Math.round(by), shortestSamples), longest);
  // The end's fade keeps its length where it can.
  const fadeOut = Math.min(clip.fadeOutSamples, lengthSamples);
  const fadeIn = Math.min(clip.fadeInSamples, lengthSamples - fadeOut);
  return withFades({ ...clip, lengthSamples }, fadeIn, fadeOut);
}

/** What a drag snaps to: the nearest of these places within reach; the sample itself where none is. */
export function snapped(sample: number, places: readonly number[], reach: number): number {
  let best = sample;
  let distance = reach;
  for (const place of places) {
    if (Math.abs(place - sample) >= distance) continue;
    best = place;
    distance = Math.abs(place - sample);
  }
  return best;
}
