/** Values that share a scale. */
export const blockSize = 32;
export type QuantBits = 4 | 8;

/**
 * Rounds blocks of {@link blockSize} values to whole numbers of some bits, as onnxruntime's MatMulNBits reads them: value =
 * (q - 2^(bits-1)) * scale. Of each block the value farthest from 0 is met exactly, on the side that has one step more.
 * @param values whole blocks
 * @param packed takes the numbers: a byte each, or two to a byte with the first in the low half
 * @param scales takes one per block
 */
export function quantizeBlocks(values: Float32Array, bits: QuantBits, packed: Uint8Array, scales: Float32Array): void {
  const zero = 2 ** (bits - 1);
  const most = 2 ** bits - 1;
  for (let block = 0; block < scales.length; block++) {
    const from = block * blockSize;
    const to = from + blockSize;
    let [peak, size] = [0, 0];
    for (let i = from; i < to; i++) {
      const value = values[i] as number;
      const magnitude = Math.abs(value);
      if (magnitude > size) [peak, size] = [value, magnitude];
    }
    const scale = Math.fround(peak / -zero);
    scales[block] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    if (bits === 8) {
      for (let i = from; i < to; i++) packed[i] = Math.min(most, rounded((values[i] as number) * inverse) + zero);
    } else {
      for (let i = from; i < to; i += 2) {
        const low = Math.min(most, rounded((values[i] as number) * inverse) + zero);
        const high = Math.min(most, rounded((values[i + 1] as number) * inverse) + zero);
        packed[i >> 1] = low | (high << 4);
      }
    }
  }
}

/** The same as Math.round, which takes some three times as long. */
function rounded(value: number): number {
  const up = Math.floor(value + 0.5);
  return up - 0.5 > value ? up - 1 : up; // just below a half, the sum is rounded up
}
