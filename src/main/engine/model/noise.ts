/** Rounds and constants of Philox4x32 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). */
const rounds = 10;
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;

/** Upper 32 bits of a 32 x 32 bit product, in halves of 16 bits so that doubles stay exact. */
function high32(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/** Philox4x32-10: four 32-bit words from a 128-bit counter and a 64-bit key. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < rounds; round++) {
    const high0 = high32(multiplier0, c0);
    const low0 = Math.imul(multiplier0, c0) >>> 0;
    const high1 = high32(multiplier1, c2);
    const low1 = Math.imul(multiplier1, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + weyl0) >>> 0;
    k1 = (k1 + weyl1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/**
 * Standard normal noise of a chunk, a pure function of (seed, chunk, step): Philox words through Box-Muller.
 * @param seed in 0..2^32-1
 * @param chunkIndex chunks since the root
 * @param step 0 for the starting noise, i for the noise drawn after denoising step i-1
 */
export function gaussianNoise(seed: number, chunkIndex: number, step: number, length: number): Float32Array {
  const noise = new Float32Array(length);
  const unit = 2 ** -32;
  for (let at = 0; at < length; at += 4) {
    const words = philox([at / 4, step, chunkIndex, 0], [seed, 0]);
    for (let pair = 0; pair < 2; pair++) {
      const radius = Math.sqrt(-2 * Math.log(((words[2 * pair] as number) + 1) * unit)); // (0, 1]: the logarithm stays finite
      const angle = 2 * Math.PI * (words[2 * pair + 1] as number) * unit;
      if (at + 2 * pair < length) noise[at + 2 * pair] = radius * Math.cos(angle);
      if (at + 2 * pair + 1 < length) noise[at + 2 * pair + 1] = radius * Math.sin(angle);
    }
  }
  return noise;
}
