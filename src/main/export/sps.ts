/**
 * Colour tags in H.264 sequence parameter sets (ITU-T H.264, 7.3.2.1.1 and annex E.1.1).
 *
 * The encoder at hand leaves the colour description out of the bitstream, and players then guess BT.601 for small
 * pictures. So the one SPS of a film, which lives in its avcC record, gets the description put in.
 */

/** Code points of H.264 table E-3 to E-5. BT.709 is 1, 1, 1; "unspecified" is 2. */
export interface BitstreamColour {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

/** BT.709 limited range, in code points. */
export const bt709CodePoints: BitstreamColour = { primaries: 1, transfer: 1, matrix: 1, fullRange: false };

/** The colour description of the first SPS in an avcC record; null where it has none. */
export function readAvccColour(avcc: Uint8Array): BitstreamColour | null {
  return locateColour(new BitReader(withoutEmulation(firstSps(avcc)))).colour;
}

/**
 * A copy of an avcC record (ISO/IEC 14496-15, 5.3.3.1) whose first SPS says `colour`.
 * @throws RangeError if the record is not an avcC record with one SPS
 */
export function tagAvccColour(avcc: Uint8Array, colour: BitstreamColour): Uint8Array<ArrayBuffer> {
  const sps = firstSps(avcc);
  const tagged = tagSps(sps, colour);
  const rest = avcc.subarray(8 + sps.length);
  const record = new Uint8Array(8 + tagged.length + rest.length);
  record.set(avcc.subarray(0, 6));
  record[6] = tagged.length >> 8;
  record[7] = tagged.length & 255;
  record.set(tagged, 8);
  record.set(rest, 8 + tagged.length);
  return record;
}

function firstSps(avcc: Uint8Array): Uint8Array {
  const length = ((avcc[6] ?? 0) << 8) | (avcc[7] ?? 0);
  if (avcc[0] !== 1 || ((avcc[5] ?? 0) & 31) !== 1 || length === 0 || avcc.length < 8 + length) {
    throw new RangeError('expected an avcC record with one sequence parameter set');
  }
  return avcc.subarray(8, 8 + length);
}

function tagSps(sps: Uint8Array, colour: BitstreamColour): Uint8Array {
  const payload = withoutEmulation(sps);
  const reader = new BitReader(payload);
  const place = locateColour(reader);
  const bits: number[] = [];
  const put = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  const copy = (from: number, to: number) => {
    for (let bit = from; bit < to; bit++) bits.push(reader.bitAt(bit));
  };
  copy(0, place.start);
  if (!place.hasVui) put(0b100, 3); // vui_parameters_present, no aspect ratio, no overscan
  put(1, 1); // video_signal_type_present_flag
  put(5, 3); // video_format: unspecified
  put(colour.fullRange ? 1 : 0, 1);
  put(1, 1); // colour_description_present_flag
  put(colour.primaries, 8);
  put(colour.transfer, 8);
  put(colour.matrix, 8);
  // Chroma location, timing, both HRDs, picture structure, bitstream restriction: none.
  if (!place.hasVui) put(0, 6);
  copy(place.end, reader.payloadBits());
  put(1, 1); // rbsp_stop_one_bit
  while (bits.length % 8 !== 0) bits.push(0);
  const bytes = new Uint8Array(bits.length / 8);
  bits.forEach((bit, index) => {
    bytes[index >> 3]! |= bit << (7 - (index & 7));
  });
  return withEmulation(bytes);
}

/** Where video_signal_type_present_flag and what belongs to it begin and end, in bits. Without a VUI: around vui_parameters_present_flag. */
function locateColour(reader: BitReader): {
  start: number;
  end: number;
  hasVui: boolean;
  colour: BitstreamColour | null;
} {
  reader.skip(8); // NAL header
  const profile = reader.take(8);
  reader.skip(16); // constraint flags, level
  reader.golomb(); // seq_parameter_set_id
  if ([100, 110, 122, 244, 44, 83, 86, 118, 128].includes(profile)) {
    if (reader.golomb() === 3) reader.skip(1); // chroma_format_idc, separate_colour_plane_flag
    reader.golomb();
    reader.golomb();
    reader.skip(1);
    if (reader.take(1) === 1) throw new RangeError('sequence parameter sets with scaling lists are not supported');
  }
  reader.golomb(); // log2_max_frame_num_minus4
  const orderType = reader.golomb();
  if (orderType === 0) reader.golomb();
  if (orderType === 1) {
    reader.skip(1);
    reader.golomb();
    reader.golomb();
    for (let cycle = reader.golomb(); cycle > 0; cycle--) reader.golomb();
  }
  reader.golomb(); // max_num_ref_frames
  reader.skip(1);
  reader.golomb(); // width in macroblocks
  reader.golomb(); // height
  if (reader.take(1) === 0) reader.skip(1); // frame_mbs_only_flag
  reader.skip(1);
  if (reader.take(1) === 1) for (let side = 0; side < 4; side++) reader.golomb(); // cropping
  const vuiFlag = reader.position;
  if (reader.take(1) === 0) return { start: vuiFlag, end: reader.position, hasVui: false, colour: null };
  if (reader.take(1) === 1 && reader.take(8) === 255) reader.skip(32); // aspect ratio
  if (reader.take(1) === 1) reader.skip(1); // overscan
  const start = reader.position;
  let colour: BitstreamColour | null = null;
  if (reader.take(1) === 1) {
    reader.skip(3);
    const fullRange = reader.take(1) === 1;
    if (reader.take(1) === 1) {
      colour = { primaries: reader.take(8), transfer: reader.take(8), matrix: reader.take(8), fullRange };
    }
  }
  return { start, end: reader.position, hasVui: true, colour };
}

class BitReader {
  position = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  bitAt(index: number): number {
    const byte = this.bytes[index >> 3];
    if (byte === undefined) throw new RangeError('the sequence parameter set ends too early');
    return (byte >> (7 - (index & 7))) & 1;
  }

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bitAt(this.position++);
    return value;
  }

  skip(count: number): void {
    this.position += count;
  }

  /** ue(v), H.264 9.1. A signed value is as long, so this also skips se(v). */
  golomb(): number {
    let zeros = 0;
    while (this.take(1) === 0) zeros++;
    return 2 ** zeros - 1 + this.take(zeros);
  }

  /** Bits before rbsp_stop_one_bit. */
  payloadBits(): number {
    let last = this.bytes.length * 8 - 1;
    while (this.bitAt(last) === 0) last--;
    return last;
  }
}

/** Removes emulation prevention bytes (7.4.1: 00 00 03 stands for 00 00). */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(
    bytes.filter((byte, i) => !(byte === 3 && i >= 2 && bytes[i - 1] === 0 && bytes[i - 2] === 0)),
  );
}

function withEmulation(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte <= 3 && out.at(-1) === 0 && out.at(-2) === 0) out.push(3);
    out.push(byte);
  }
  return Uint8Array.from(out);
}
