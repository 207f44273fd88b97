import { limits } from '../../shared/project/limits.ts';
import { frameOfSample, sampleOfFrame } from '../../shared/sound/frame-samples.ts';
import type { SoundClip } from '../../shared/sound/sound-clip.ts';
import type { CutLine } from '../memory/index.ts';
import { usePlayer } from '../player/transport.ts';
import { dispatch, leaveSound, newGesture, selectSound, Typing } from '../state/index.ts';
import { anchorAt, type PlacedSound } from './placed-sounds.ts';

/** Keys that move a sound again and again are one step to undo. */
const keySteps = new Typing('sound');

/** Changes a sound where it hangs. */
export function putSound({ shotId }: PlacedSound, clip: SoundClip, gesture: string | null = null): void {
  dispatch({ type: 'put-sound', shotId, clip }, gesture);
}

export function deleteSound({ shotId, clip }: PlacedSound): void {
  leaveSound();
  dispatch({ type: 'remove-sound', shotId, soundId: clip.id });
}

/** Lets a sound be heard from another sample on, and shows it in another row. */
export function moveSound(sound: PlacedSound, startSample: number, row = sound.clip.row): void {
  const clip = { ...sound.clip, row: Math.min(limits.soundRows - 1, Math.max(0, row)) };
  new SoundGesture(sound, keySteps.step(sound.clip.id)).change({ clip, startSample: Math.max(0, startSample) });
}

/** Moves a sound by whole frames. */
export function nudgeSound(sound: PlacedSound, line: CutLine, frames: number): void {
  const frame = frameOfSample(sound.startSample, line.fps);
  const by = sampleOfFrame(frame + frames, line.fps) - sampleOfFrame(frame, line.fps);
  moveSound(sound, sound.startSample + by);
}

/** A drag of one sound: one step to undo, whatever shots it comes to hang on meanwhile. */
export class SoundGesture {
  readonly #gesture: string;
  #shotId: string;
  #last = '';

  constructor({ shotId }: PlacedSound, gesture: string = newGesture('sound')) {
    this.#gesture = gesture;
    this.#shotId = shotId;
  }

  /** The sound as it is now; it hangs on the shot that is shown where it begins. */
  change({ clip, startSample }: { readonly clip: SoundClip; readonly startSample: number }): void {
    const anchor = anchorAt(usePlayer.getState().line, startSample);
    if (!anchor) return;
    const { shotId, offsetSamples } = anchor;
    const placed = { ...clip, offsetSamples };
    const now = JSON.stringify([shotId, placed]);
    if (now === this.#last) return;
    this.#last = now;
    const from = shotId === this.#shotId ? {} : { from: this.#shotId };
    if (!dispatch({ type: 'put-sound', shotId, clip: placed, ...from }, this.#gesture)) return;
    if (shotId !== this.#shotId) selectSound(shotId, clip.id);
    this.#shotId = shotId;
  }
}
