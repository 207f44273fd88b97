import type { Stereo } from './mixer.ts';

/** No sample, and nothing between samples, comes out louder: -1 dB of full scale, as broadcasters ask for (EBU R 128). */
export const ceiling = 10 ** (-1 / 20);
/** How long before a peak the gain begins to fall, and how long after it it takes to rise: 5 ms at 48 kHz. */
export const lookAhead = 240;

/** What lies between samples is looked at in so many places. */
const between = 4;
/** Half length, in samples, of the filter that tells what lies between samples. */
const half = 6;

/**
 * A limiter that looks ahead. The gain that each moment needs, by its true peak (ITU-R BS.1770, four times oversampled),
 * is held for the time around it and then smoothed by a mean of the same length; so the gain is down before a peak comes
 * and never rises above what any sample needs. Where nothing is too loud, samples come out as they went in, bit for bit.
 *
 * Samples come out {@link lookAhead} later than they go in; {@link flush} gives the rest. Both sides have one gain.
 */
export class Limiter {
  /** Samples that were lowered by more than a rounding error, and how far the lowest gain went. */
  limitedSamples = 0;
  lowestGain = 1;
  #sides: [Float32Array, Float32Array] = [new Float32Array(half), new Float32Array(half)];
  /** Gain that each sample of `#sides` from `half` on needs. */
  #needed: Float32Array = new Float32Array();
  /** Gains needed by the samples that were given out last. */
  #past: Float32Array = new Float32Array(lookAhead).fill(1);

  push(block: Stereo): Stereo {
    this.#append(block);
    return this.#take(this.#needed.length - lookAhead);
  }

  flush(): Stereo {
    const padding = new Float32Array(half);
    this.#append([padding, padding]);
    const rest = this.#sides[0].length - half - half;
    const needed = new Float32Array(rest + lookAhead).fill(1);
    needed.set(this.#needed.subarray(0, Math.min(this.#needed.length, rest)));
    this.#needed = needed;
    return this.#take(rest);
  }

  #append([left, right]: Stereo): void {
    this.#sides = [joined(this.#sides[0], left), joined(this.#sides[1], right)];
    const known = this.#needed.length;
    const count = this.#sides[0].length - 2 * half;
    if (count <= known) return;
    const needed = new Float32Array(count);
    needed.set(this.#needed);
    for (let i = known; i < count; i++) {
      const peak = Math.max(truePeak(this.#sides[0], i + half), truePeak(this.#sides[1], i + half));
      needed[i] = peak > ceiling ? ceiling / peak : 1;
    }
    this.#needed = needed;
  }

  /** The first `count` samples that wait, at the gain that the time around each needs. */
  #take(count: number): Stereo {
    if (count <= 0) return [new Float32Array(), new Float32Array()];
    const held = this.#held(count);
    const out: Stereo = [new Float32Array(count), new Float32Array(count)];
    for (let i = 0; i < count; i++) {
      const gain = held[i] as number;
      if (gain < 1) {
        this.lowestGain = Math.min(this.lowestGain, gain);
        if (gain < 0.9999) this.limitedSamples++;
      }
      for (const side of [0, 1] as const) out[side][i] = (this.#sides[side][half + i] as number) * gain;
    }
    this.#past = joined(this.#past, this.#needed.subarray(0, count)).slice(-lookAhead);
    this.#sides = [this.#sides[0].slice(count), this.#sides[1].slice(count)];
    this.#needed = this.#needed.slice(count);
    return out;
  }

  /** For each of the first `count` samples: the lowest gain around it, smoothed. */
  #held(count: number): Float32Array {
    // `all[lookAhead + i]` is what sample i needs.
    const all = joined(this.#past, this.#needed);
    const length = count + lookAhead;
    // lowest[j]: the lowest of all[j] .. all[j + lookAhead - 1].
    const lowest = slidingMinimum(all, lookAhead, length);
    const smooth = new Float32Array(count);
    let below = 0;
    let sum = 0;
    for (let j = 0; j < length; j++) {
      const value = lowest[j] as number;
      sum += value;
      if (value < 1) below++;
      if (j < lookAhead) continue;
      const gone = lowest[j - lookAhead] as number;
      sum -= gone;
      if (gone < 1) below--;
      // Exactly 1 where nothing is too loud: sums of floats are not.
      smooth[j - lookAhead] = below === 0 ? 1 : Math.min(sum / lookAhead, 1);
      if (below === 0) sum = lookAhead;
    }
    return smooth;
  }
}

/** The loudest at a sample and in the places up to the next. */
function truePeak(samples: Float32Array, at: number): number {
  let peak = Math.abs(samples[at] as number);
  let loudest = 0;
  for (let tap = 1 - half; tap <= half; tap++) loudest = Math.max(loudest, Math.abs(samples[at + tap] ?? 0));
  // What lies between samples is at most so much louder than they are.
  if (loudest * mostGain <= ceiling) return Math.max(peak, loudest);
  for (const filter of filters) {
    let sum = 0;
    for (let tap = 0; tap < 2 * half; tap++) sum += (samples[at + tap + 1 - half] ?? 0) * (filter[tap] as number);
    peak = Math.max(peak, Math.abs(sum));
  }
  return peak;
}

/** Windowed sincs for 1/4, 2/4 and 3/4 of the way from a sample to the next. */
const filters: readonly Float32Array[] = Array.from({ length: between - 1 }, (_, i) => {
  const place = (i + 1) / between;
  const filter = Float32Array.from({ length: 2 * half }, (_, tap) => {
    const distance = tap + 1 - half - place;
    const sinc = Math.sin(Math.PI * distance) / (Math.PI * distance);
    return sinc * Math.cos((Math.PI * distance) / (2 * half)) ** 2;
  });
  const sum = filter.reduce((all, value) => all + value, 0);
  return filter.map((value) => value / sum);
});
const mostGain = Math.max(...filters.map((filter) => filter.reduce((sum, value) => sum + Math.abs(value), 0)));

/** The lowest of each `width` values from a place on, for the first `count` places. */
function slidingMinimum(values: Float32Array, width: number, count: number): Float32Array {
  const lowest = new Float32Array(count);
  // Places of candidates, lowest first; each later one is higher.
  const queue = new Int32Array(values.length);
  let head = 0;
  let tail = 0;
  for (let i = 0; i < count + width - 1; i++) {
    const value = i < values.length ? (values[i] as number) : 1;
    while (tail > head && (values[queue[tail - 1] as number] ?? 1) >= value) tail--;
    if (i < values.length) queue[tail++] = i;
    const place = i - width + 1;
    if (place < 0) continue;
    while (tail > head && (queue[head] as number) < place) head++;
    lowest[place] = tail > head ? (values[queue[head] as number] as number) : 1;
  }
  return lowest;
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
