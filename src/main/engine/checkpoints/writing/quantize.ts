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
    let peak = 0;
    for (let i = from; i < from + blockSize; i++) {
      if (Math.abs(values[i] as number) > Math.abs(peak)) peak = values[i] as number;
    }
    const scale = Math.fround(peak / -zero);
    scales[block] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = from; i < from + blockSize; i++) {
      const q = Math.max(0, Math.min(most, Math.round((values[i] as number) * inverse) + zero));
      if (bits === 8) packed[i] = q;
      else if (i % 2 === 0) packed[i >> 1] = q;
      else packed[i >> 1] = (packed[i >> 1] as number) | (q << 4);
    }
  }
}
