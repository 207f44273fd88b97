import { type ByteSource, damaged, truncated } from '../byte-source.ts';

/** One stored (not compressed) entry of a zip archive. */
export interface ZipEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** Of its header, from the start of the file; see {@link dataOffset}. */
  readonly headerOffset: number;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locatorSignature = 0x07064b50;
const entrySignature = 0x02014b50;
const headerSignature = 0x04034b50;
const [endBytes, locatorBytes, end64Bytes, entryBytes, headerBytes] = [22, 20, 56, 46, 30];
const mostCommentBytes = 65_535;
const mostDirectoryBytes = 64 * 1024 ** 2;

/**
 * The entries of an archive by its central directory, zip64 included.
 * @throws ThroughlineError `model-truncated` where the directory is missing (a cut file), `model-inconsistent` where it is wrong
 */
export function readZip(source: ByteSource): Map<string, ZipEntry> {
  const { offset, sizeBytes, count } = directoryOf(source);
  if (sizeBytes > mostDirectoryBytes) throw damaged(source.name, `its directory claims ${sizeBytes} bytes`);
  const directory = source.read(offset, sizeBytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + entryBytes > directory.length || directory.readUInt32LE(at) !== entrySignature) {
      throw damaged(source.name, `entry ${i} of its directory is not there`);
    }
    const method = directory.readUInt16LE(at + 10);
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const next = at + entryBytes + nameBytes + extraBytes + commentBytes;
    if (next > directory.length) throw damaged(source.name, `entry ${i} of its directory is cut short`);
    const name = directory.toString('utf8', at + entryBytes, at + entryBytes + nameBytes);
    const extra = directory.subarray(at + entryBytes + nameBytes, at + entryBytes + nameBytes + extraBytes);
    const [size, packed, headerOffset] = wide(source, extra, [
      directory.readUInt32LE(at + 24),
      directory.readUInt32LE(at + 20),
      directory.readUInt32LE(at + 42),
    ]);
    if (method !== 0 || size !== packed) throw damaged(source.name, `its entry ${name} is compressed`);
    entries.set(name, { name, sizeBytes: size, headerOffset });
    at = next;
  }
  return entries;
}

/** Where the bytes of an entry begin. */
export function dataOffset(source: ByteSource, { name, sizeBytes, headerOffset }: ZipEntry): number {
  const header = source.read(headerOffset, headerBytes);
  if (header.readUInt32LE(0) !== headerSignature) throw damaged(source.name, `its entry ${name} has no header`);
  const start = headerOffset + headerBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + sizeBytes > source.sizeBytes) throw truncated(source);
  return start;
}

function directoryOf(source: ByteSource): { offset: number; sizeBytes: number; count: number } {
  const tailBytes = Math.min(source.sizeBytes, endBytes + mostCommentBytes);
  const tail = source.read(source.sizeBytes - tailBytes, tailBytes);
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(endSignature);
  const end = tail.lastIndexOf(signature);
  if (end < 0 || end + endBytes > tail.length) throw truncated(source);
  const short = {
    count: tail.readUInt16LE(end + 10),
    sizeBytes: tail.readUInt32LE(end + 12),
    offset: tail.readUInt32LE(end + 16),
  };
  const isLong = short.count === 0xffff || short.sizeBytes === 0xffffffff || short.offset === 0xffffffff;
  const found = isLong ? longDirectory(source, source.sizeBytes - tailBytes + end) : short;
  if (found.offset + found.sizeBytes > source.sizeBytes) throw truncated(source);
  return found;
}

function longDirectory(source: ByteSource, endOffset: number): { offset: number; sizeBytes: number; count: number } {
  const locator = source.read(Math.max(0, endOffset - locatorBytes), locatorBytes);
  if (locator.readUInt32LE(0) !== locatorSignature) throw damaged(source.name, 'its directory cannot be found');
  const end = source.read(safe(source, locator.readBigUInt64LE(8)), end64Bytes);
  if (end.readUInt32LE(0) !== end64Signature) throw damaged(source.name, 'its directory cannot be found');
  return {
    count: safe(source, end.readBigUInt64LE(32)),
    sizeBytes: safe(source, end.readBigUInt64LE(40)),
    offset: safe(source, end.readBigUInt64LE(48)),
  };
}

/** Sizes and offset of 32 bits, each replaced by its 64 bits from the extra field where it says so. */
function wide(source: ByteSource, extra: Buffer, short: readonly [number, number, number]): [number, number, number] {
  const result: [number, number, number] = [...short];
  if (!result.includes(0xffffffff)) return result;
  for (let at = 0; at + 4 <= extra.length; ) {
    const [id, length] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)];
    if (id === 1) {
      const field = extra.subarray(at + 4, at + 4 + length);
      let from = 0;
      for (const [i, value] of short.entries()) {
        if (value !== 0xffffffff) continue;
        if (from + 8 > field.length) throw damaged(source.name, 'a large entry has no size');
        result[i] = safe(source, field.readBigUInt64LE(from));
        from += 8;
      }
      return result;
    }
    at += 4 + length;
  }
  throw damaged(source.name, 'a large entry has no size');
}

/** A number of bytes that can be one: beyond the file it is cut or damaged. */
function safe(source: ByteSource, value: bigint): number {
  if (value > BigInt(source.sizeBytes)) throw truncated(source);
  return Number(value);
}
