import { conform, type FrameSource, type RateConversion } from '../../../shared/edit/frame-rate.ts';

/**
 * Gives a film's frames at another rate, as they come: holds one frame, no more.
 * @param frames how many frames will come, at `fromFps`
 */
export class RateConverter {
  readonly #sources: readonly FrameSource[];
  #next = 0;
  #index = -1;
  #before: Uint8Array | null = null;

  constructor(frames: number, fromFps: number, toFps: number, how: RateConversion) {
    this.#sources = frames === 0 ? [] : conform(frames, fromFps, toFps, how);
  }

  /**
   * The film's frames that can be shown once this one is there, in order.
   * @param rgb read while the result is iterated, and kept until the next call
   */
  *take(rgb: Uint8Array): Generator<Uint8Array> {
    this.#index++;
    for (; this.#next < this.#sources.length; this.#next++) {
      const { index, next } = this.#sources[this.#next] as FrameSource;
      const needed = next > 0 ? index + 1 : index;
      if (needed > this.#index) break;
      if (next > 0 && this.#before) yield mix(this.#before, rgb, next);
      else yield rgb;
    }
    this.#before = rgb.slice();
  }
}

/** (1 - share) * a + share * b, rounded. */
function mix(a: Uint8Array, b: Uint8Array, share: number): Uint8Array {
  const mixed = new Uint8Array(a.length);
  for (let i = 0; i < a.length; i++) mixed[i] = Math.round((a[i] as number) * (1 - share) + (b[i] as number) * share);
  return mixed;
}
