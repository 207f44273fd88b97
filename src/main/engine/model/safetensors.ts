import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';
import { contentBytes, contentOf, notWeights } from './file-content.ts';

/** Where one tensor lies inside a safetensors file. */
export interface TensorEntry {
  readonly file: string;
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** From the start of the file, in bytes. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

const headerEntrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

export const bytesPerElement: Readonly<Record<string, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
  U16: 2,
  U32: 4,
  U64: 8,
  F8_E4M3: 1,
  F8_E5M2: 1,
};

const maxHeaderBytes = 100_000_000;

/**
 * Reads the header of a safetensors file (8-byte little-endian length, JSON, data).
 * @returns every tensor by name.
 * @throws ThroughlineError `model-missing`, `model-truncated` or `model-inconsistent`, naming the file.
 */
export function readSafetensors(path: string): Map<string, TensorEntry> {
  const name = basename(path);
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    throw new ThroughlineError(
      'model-missing',
      `The model file ${name} cannot be opened (${path}).`,
      'Check the model folder, or choose another model.',
      { cause },
    );
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw inconsistent(name, 'it is not a file');
    const fileBytes = stat.size;
    const head = Buffer.alloc(contentBytes);
    const headBytes = readSync(fd, head, 0, contentBytes, 0);
    const content = contentOf(head.subarray(0, headBytes));
    const other = notWeights(content, name);
    if (other) throw other;
    if (content === 'zip' || content === 'pickle') throw torchFile(name);
    if (headBytes < 8) throw truncated(name, fileBytes);
    const headerBytes = Number(head.readBigUInt64LE());
    if (headerBytes > maxHeaderBytes) throw inconsistent(name, `its header claims ${headerBytes} bytes`);
    if (8 + headerBytes > fileBytes) throw truncated(name, fileBytes);
    const header = Buffer.alloc(headerBytes);
    readSync(fd, header, 0, headerBytes, 8);
    return parseHeader(path, header.toString('utf8'), 8 + headerBytes, fileBytes);
  } finally {
    closeSync(fd);
  }
}

function parseHeader(path: string, text: string, dataStart: number, fileBytes: number): Map<string, TensorEntry> {
  const name = basename(path);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw inconsistent(name, 'its header is not JSON', cause);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw inconsistent(name, 'its header is not an object');
  const entries = new Map<string, TensorEntry>();
  for (const [tensor, value] of Object.entries(json)) {
    if (tensor === '__metadata__') continue;
    const parsed = headerEntrySchema.safeParse(value);
    if (!parsed.success) throw inconsistent(name, `the entry of ${tensor} is malformed`);
    const {
      dtype,
      shape,
      data_offsets: [begin, end],
    } = parsed.data;
    const elementBytes = bytesPerElement[dtype];
    if (elementBytes === undefined) throw inconsistent(name, `${tensor} has the unknown type ${dtype}`);
    const sizeBytes = shape.reduce((product, n) => product * n, 1) * elementBytes;
    if (end - begin !== sizeBytes)
      throw inconsistent(name, `${tensor} should take ${sizeBytes} bytes and takes ${end - begin}`);
    if (dataStart + end > fileBytes) throw truncated(name, fileBytes);
    entries.set(tensor, { file: path, name: tensor, dtype, shape, offsetBytes: dataStart + begin, sizeBytes });
  }
  return entries;
}

/**
 * Reads one tensor as fp32 (from F32, F16 or BF16) or as int64 values turned to numbers.
 * For small tensors and fixtures; the weights themselves are read by onnxruntime.
 */
export function readTensor(entry: TensorEntry): Float32Array {
  const bytes = Buffer.alloc(entry.sizeBytes);
  const fd = openSync(entry.file, 'r');
  try {
    if (readSync(fd, bytes, 0, entry.sizeBytes, entry.offsetBytes) < entry.sizeBytes)
      throw truncated(basename(entry.file), entry.offsetBytes);
  } finally {
    closeSync(fd);
  }
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  switch (entry.dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return Float32Array.from(new Float16Array(buffer));
    case 'BF16': {
      const wide = Uint32Array.from(new Uint16Array(buffer), (half) => half << 16);
      return new Float32Array(wide.buffer);
    }
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    default:
      throw inconsistent(basename(entry.file), `${entry.name} has the type ${entry.dtype}, which is not read here`);
  }
}

function torchFile(name: string): ThroughlineError {
  return new ThroughlineError(
    'model-inconsistent',
    `${name} is a PyTorch checkpoint and not a safetensors file, whatever its name says.`,
    'Import it: throughline models import.',
  );
}

function truncated(file: string, fileBytes: number): ThroughlineError {
  return new ThroughlineError(
    'model-truncated',
    `The model file ${file} ends too early (${fileBytes} bytes).`,
    'It was not copied or downloaded whole: get it again.',
  );
}

function inconsistent(file: string, what: string, cause?: unknown): ThroughlineError {
  return new ThroughlineError(
    'model-inconsistent',
    `The model file ${file} is damaged: ${what}.`,
    'Get the model again.',
    { cause },
  );
}
