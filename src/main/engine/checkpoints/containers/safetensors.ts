import { z } from 'zod';
import { type ByteSource, damaged, truncated, unsupported } from '../byte-source.ts';
import { elementBytes, elementCount, type StoredTensor, type StoredType } from '../stored-tensor.ts';

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)).max(8),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const mostHeaderBytes = 100_000_000;

/** Every tensor of a safetensors file, by name. */
export function readSafetensorsTable(source: ByteSource): Map<string, StoredTensor> {
  if (source.sizeBytes < 8) throw truncated(source);
  const headerBytes = Number(source.read(0, 8).readBigUInt64LE());
  if (headerBytes > mostHeaderBytes) throw damaged(source.name, `its header claims ${headerBytes} bytes`);
  const dataStart = 8 + headerBytes;
  const header = objectOf(source, source.read(8, headerBytes).toString('utf8'), 'its header');
  const tensors = new Map<string, StoredTensor>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw damaged(source.name, `the entry of ${name} is malformed`);
    const { dtype, shape, data_offsets: offsets } = parsed.data;
    if (!(dtype in elementBytes)) {
      throw unsupported(
        source.name,
        `holds ${name} as ${dtype}, a type that is not read here`,
        'Get it in bf16 or fp16.',
      );
    }
    const type = dtype as StoredType;
    const [begin, end] = offsets;
    if (end - begin !== elementCount(shape) * elementBytes[type]) {
      throw damaged(
        source.name,
        `${name} should take ${elementCount(shape) * elementBytes[type]} bytes and takes ${end - begin}`,
      );
    }
    if (dataStart + end > source.sizeBytes) throw truncated(source);
    tensors.set(name, { source, type, shape, offsetBytes: dataStart + begin, strides: null });
  }
  return tensors;
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string().min(1).max(255)) });

/** @returns the shards that an index names, each once, as bare file names */
export function readShardIndex(source: ByteSource): string[] {
  const parsed = indexSchema.safeParse(objectOf(source, source.read(0, source.sizeBytes).toString('utf8'), 'it'));
  if (!parsed.success) throw damaged(source.name, 'it names no shards');
  const shards = [...new Set(Object.values(parsed.data.weight_map))];
  const outside = shards.find((name) => /[/\\]|^\.\.?$/.test(name));
  if (outside !== undefined) throw damaged(source.name, `it names a file elsewhere (${JSON.stringify(outside)})`);
  return shards;
}

function objectOf(source: ByteSource, text: string, what: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw damaged(source.name, `${what} is not JSON`, cause);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw damaged(source.name, `${what} is not an object`);
  }
  return json as Record<string, unknown>;
}
