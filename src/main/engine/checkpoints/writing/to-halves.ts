import type { StoredType } from '../stored-tensor.ts';

/** What one pass over a piece found. */
export interface HalvesFound {
  /** Largest magnitude; infinite where something is no number. */
  readonly peak: number;
  /** Values that are not 0 and became 0. */
  readonly vanished: number;
}

/** Stored types that become halves in one pass over their bits. */
export type DirectType = Extract<StoredType, 'BF16' | 'F16' | 'F32'>;

export function isDirect(type: StoredType): type is DirectType {
  return type === 'BF16' || type === 'F16' || type === 'F32';
}

const signless = 0x7fff;

/** The half, rounded to even, of every bf16. */
let halves: Uint16Array | null = null;

function halvesOfBf16(): Uint16Array {
  if (halves) return halves;
  const bits = Uint32Array.from({ length: 65_536 }, (_, i) => i << 16);
  const rounded = new Float16Array(new Float32Array(bits.buffer));
  halves = new Uint16Array(rounded.buffer);
  return halves;
}

/**
 * Rounds values to halves as `Float16Array` does, and looks at them, in one pass over their bits: widening, measuring, rounding
 * and counting one after the other took four.
 * @param bytes little-endian, at an address that is a multiple of 4
 * @param into as many halves, as bits, at an address that is a multiple of 4
 */
export function toHalves(type: DirectType, bytes: Uint8Array, into: Uint16Array): HalvesFound {
  switch (type) {
    case 'BF16':
      return fromBf16(new Uint16Array(bytes.buffer, bytes.byteOffset, into.length), into);
    case 'F16':
      return fromHalves(new Uint16Array(bytes.buffer, bytes.byteOffset, into.length), into);
    case 'F32':
      return fromFloats(new Uint32Array(bytes.buffer, bytes.byteOffset, into.length), into);
  }
}

/** Exponents of bf16, in their place: from the first on a half is normal, from the second on it is none. */
const [firstNormalBf16, tooLargeBf16] = [113 << 7, 143 << 7];

/** Two at a time. Those of a half's normal range lose nothing: their exponent is moved. The others are looked up. */
function fromBf16(values: Uint16Array, into: Uint16Array): HalvesFound {
  const table = halvesOfBf16();
  const pairs = values.length >>> 1;
  const from = new Uint32Array(values.buffer, values.byteOffset, pairs);
  const to = new Uint32Array(into.buffer, into.byteOffset, pairs);
  const range = tooLargeBf16 - firstNormalBf16;
  let [most, vanished] = [0, 0];
  for (let i = 0; i < pairs; i++) {
    const pair = from[i] as number;
    const low = pair & signless;
    const high = (pair >>> 16) & signless;
    if ((low - firstNormalBf16) >>> 0 < range && (high - firstNormalBf16) >>> 0 < range) {
      to[i] = (((pair & 0x7fff_7fff) - 0x3800_3800) << 3) | (pair & 0x8000_8000); // 112 << 7 off both exponents
    } else {
      const [first, second] = [table[pair & 0xffff] as number, table[pair >>> 16] as number];
      to[i] = first | (second << 16);
      if ((first & signless) === 0 && low !== 0) vanished++;
      if ((second & signless) === 0 && high !== 0) vanished++;
    }
    if (low > most) most = low;
    if (high > most) most = high;
  }
  for (let i = 2 * pairs; i < values.length; i++) {
    const value = values[i] as number;
    const half = table[value] as number;
    into[i] = half;
    most = Math.max(most, value & signless);
    if ((half & signless) === 0 && (value & signless) !== 0) vanished++;
  }
  return { peak: floatOf(most << 16), vanished };
}

function fromHalves(bits: Uint16Array, into: Uint16Array): HalvesFound {
  into.set(bits);
  let most = 0;
  for (let i = 0; i < bits.length; i++) {
    const size = (bits[i] as number) & signless;
    if (size > most) most = size;
  }
  const peak = new Float16Array(Uint16Array.of(most).buffer)[0] as number;
  return { peak: Number.isNaN(peak) ? Number.POSITIVE_INFINITY : peak, vanished: 0 };
}

/** Exponents of fp32: below the first a half is 0, below the second it is subnormal, from the last on it is none. */
const [firstSubnormal, firstNormal, tooLarge] = [102, 113, 143];

function fromFloats(bits: Uint32Array, into: Uint16Array): HalvesFound {
  let [most, vanished] = [0, 0];
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i] as number;
    const size = value & 0x7fff_ffff;
    const exponent = size >>> 23;
    let half: number;
    if (exponent >= firstNormal && exponent < tooLarge) {
      // Half to even: a carry out of the mantissa raises the exponent, as it should.
      half = (size - ((firstNormal - 1) << 23) + 0xfff + ((size >>> 13) & 1)) >>> 13;
    } else if (exponent < firstSubnormal) {
      half = 0;
    } else if (exponent < firstNormal) {
      const mantissa = (size & 0x7f_ffff) | 0x80_0000;
      const shift = 126 - exponent;
      half = (mantissa + (2 ** (shift - 1) - 1) + ((mantissa >>> shift) & 1)) >>> shift;
    } else half = 0x7c00; // whoever asked sees by the peak that this type will not do
    into[i] = half | ((value >>> 16) & 0x8000);
    if (size > most) most = size;
    if (half === 0 && size !== 0) vanished++;
  }
  return { peak: floatOf(most), vanished };
}

function floatOf(bits: number): number {
  const value = new Float32Array(Uint32Array.of(bits).buffer)[0] as number;
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}
