/** Half length of the filter, in periods of the lower of the two rates: 48 taps where the rate rises. */
const halfPeriods = 24;
/** Kaiser's beta for about 100 dB of attenuation; its transition ends at the lower Nyquist frequency. */
const beta = 10;
/** Share of the lower Nyquist frequency that the pass band ends at, in the middle of the transition. */
const cutoff = 0.94;

/**
 * Changes the sample rate of one channel by a Kaiser-windowed sinc (J. O. Smith, "Digital Audio Resampling"), with one
 * filter for each place that an output sample can take between two input samples; so the ratio is exact and nothing
 * drifts, however long the sound is. Output sample n stands at input time n * from / to: there is no delay.
 */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #half: number;
  readonly #scale: number;
  readonly #filters: (Float32Array | undefined)[];
  /** Input from place {@link #first} on. */
  #input: Float32Array;
  #first: number;
  #filled: number;
  #next = 0;

  /** @param from samples a second of what comes in, whole @param to of what goes out, whole */
  constructor(from: number, to: number) {
    const divisor = gcd(from, to);
    this.#up = to / divisor;
    this.#down = from / divisor;
    this.#scale = Math.min(1, to / from);
    this.#half = Math.ceil(halfPeriods / this.#scale);
    this.#filters = new Array<Float32Array | undefined>(this.#up);
    this.#input = new Float32Array(this.#half * 4 + 4096);
    this.#first = -this.#half; // silence before the beginning
    this.#filled = this.#half;
  }

  /** Takes samples, and gives those that can be told by now. */
  push(samples: Float32Array): Float32Array {
    if (this.#up === this.#down) return samples;
    this.#keep(samples);
    return this.#take(this.#first + this.#filled - this.#half);
  }

  /** The rest, once all has come. */
  flush(): Float32Array {
    if (this.#up === this.#down) return new Float32Array();
    const end = this.#first + this.#filled;
    this.#keep(new Float32Array(this.#half + 1));
    return this.#take(end);
  }

  /** Outputs whose place lies before input place `end`. */
  #take(end: number): Float32Array {
    const count = Math.max(0, Math.ceil((end * this.#up) / this.#down) - this.#next);
    const output = new Float32Array(count);
    const taps = this.#half * 2;
    for (let i = 0; i < count; i++, this.#next++) {
      const position = this.#next * this.#down;
      const place = Math.floor(position / this.#up);
      const filter = this.#filterAt(position - place * this.#up);
      const from = place - this.#half + 1 - this.#first;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += (this.#input[from + tap] as number) * (filter[tap] as number);
      output[i] = sum;
    }
    this.#forget(Math.floor((this.#next * this.#down) / this.#up) - this.#half + 1);
    return output;
  }

  #keep(samples: Float32Array): void {
    if (this.#filled + samples.length > this.#input.length) {
      const larger = new Float32Array((this.#filled + samples.length) * 2);
      larger.set(this.#input.subarray(0, this.#filled));
      this.#input = larger;
    }
    this.#input.set(samples, this.#filled);
    this.#filled += samples.length;
  }

  #forget(before: number): void {
    const gone = Math.min(this.#filled, Math.max(0, before - this.#first));
    if (gone < this.#half) return;
    this.#input.copyWithin(0, gone, this.#filled);
    this.#first += gone;
    this.#filled -= gone;
  }

  /** The filter for an output that stands `phase / up` of a sample after an input. */
  #filterAt(phase: number): Float32Array {
    const known = this.#filters[phase];
    if (known) return known;
    const taps = this.#half * 2;
    const filter = new Float32Array(taps);
    const frequency = cutoff * this.#scale;
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - this.#half + 1 - phase / this.#up;
      const value = sinc(distance * frequency) * kaiser(distance / this.#half);
      filter[tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < taps; tap++) filter[tap] = (filter[tap] as number) / sum; // a constant stays as loud as it is
    this.#filters[phase] = filter;
    return filter;
  }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param x -1 to 1 across the window */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(beta * Math.sqrt(1 - x * x)) / bessel(beta);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 60; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
    if (term < sum * 1e-16) break;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
