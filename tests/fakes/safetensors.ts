/** One tensor to be written: its dtype as the format names it, and its raw little-endian bytes. */
export interface RawTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export function f32(values: readonly number[], shape: readonly number[] = [values.length]): RawTensor {
  return { dtype: 'F32', shape, bytes: new Uint8Array(new Float32Array(values).buffer) };
}

/** A safetensors file with these tensors, one after the other. @param change edits the header before it is written */
export function safetensorsFile(
  tensors: Readonly<Record<string, RawTensor>>,
  change: (header: Record<string, unknown>) => unknown = (header) => header,
): Buffer {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  const text = Buffer.from(JSON.stringify(change(header)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...Object.values(tensors).map(({ bytes }) => bytes)]);
}
