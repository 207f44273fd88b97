/** Samples that one pair of peaks stands for. */
export const peakSamples = 256;
/** Bytes of a pair: the lowest and the highest sample, each as a signed byte of the full scale. */
export const peakBytes = 2;

/** Gathers the peaks of a sound that comes in blocks: the lowest and highest sample of any channel, each 256 samples. */
export class PeakMeter {
  #low = 0;
  #high = 0;
  #count = 0;

  /** @param channels samples of each channel, equally many @returns the pairs that are whole by now */
  push(channels: readonly Float32Array[]): Int8Array {
    const length = channels[0]?.length ?? 0;
    const pairs = new Int8Array(Math.floor((this.#count + length) / peakSamples) * peakBytes);
    let at = 0;
    for (let i = 0; i < length; i++) {
      for (const channel of channels) {
        const value = channel[i] as number;
        if (value < this.#low) this.#low = value;
        if (value > this.#high) this.#high = value;
      }
      if (++this.#count < peakSamples) continue;
      this.#take(pairs, at);
      at += peakBytes;
    }
    return pairs;
  }

  /** The last pair, of what is left. */
  flush(): Int8Array {
    const pair = new Int8Array(this.#count > 0 ? peakBytes : 0);
    if (this.#count > 0) this.#take(pair, 0);
    return pair;
  }

  #take(pairs: Int8Array, at: number): void {
    // Rounded away from zero, so that what is not silent is seen.
    pairs[at] = Math.max(-127, Math.floor(this.#low * 127));
    pairs[at + 1] = Math.min(127, Math.ceil(this.#high * 127));
    this.#low = 0;
    this.#high = 0;
    this.#count = 0;
  }
}

/**
 * The lowest and highest of a stretch of peaks, -1 to 1.
 * @param from, to places in pairs, may be fractions; at least one pair is looked at
 */
export function peaksBetween(peaks: Int8Array, from: number, to: number): readonly [low: number, high: number] {
  let low = 0;
  let high = 0;
  const first = Math.max(0, Math.floor(from));
  const end = Math.min(peaks.length / peakBytes, Math.max(first + 1, Math.ceil(to)));
  for (let pair = first; pair < end; pair++) {
    low = Math.min(low, peaks[pair * peakBytes] as number);
    high = Math.max(high, peaks[pair * peakBytes + 1] as number);
  }
  return [low / 127, high / 127];
}
