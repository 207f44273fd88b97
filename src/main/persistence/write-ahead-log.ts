import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The log that SQLite keeps beside a database while it is open, and that a crash leaves there. */
export function logOf(file: string): string {
  return `${file}-wal`;
}

/** What a log holds, as far as it was committed. */
export interface WriteAheadLog {
  /** Bytes of a page. */
  readonly pageSize: number;
  /** Where the newest content of each page lies in the log, by page number from 1. */
  readonly pages: ReadonlyMap<number, number>;
  /** Schema cookie of the oldest first page in it; null where no first page is in it. */
  readonly mark: number | null;
}

const headerBytes = 32;
const frameHeaderBytes = 24;
/** Where the schema cookie stands in the first page. https://sqlite.org/fileformat2.html#the_database_header */
const markOffset = 40;

/**
 * Reads the log beside `file` as SQLite would: frames count as far as their salts and checksums hold, up to the last
 * commit. Changes nothing. https://sqlite.org/fileformat2.html#the_write_ahead_log
 *
 * @returns null where there is no log, or nothing in it counts
 */
export function readLog(file: string): WriteAheadLog | null {
  let descriptor: number;
  try {
    descriptor = openSync(logOf(file), 'r');
  } catch {
    return null;
  }
  try {
    return fstatSync(descriptor).isFile() ? readFrames(descriptor) : null;
  } finally {
    closeSync(descriptor);
  }
}

function readFrames(descriptor: number): WriteAheadLog | null {
  const header = Buffer.alloc(headerBytes);
  if (readSync(descriptor, header, 0, headerBytes, 0) < headerBytes) return null;
  const magic = header.readUInt32BE(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return null;
  const littleEndian = magic === 0x377f0682;
  const pageSize = header.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return null;
  let sum = checksum([0, 0], header.subarray(0, 24), littleEndian);
  if (sum[0] !== header.readUInt32BE(24) || sum[1] !== header.readUInt32BE(28)) return null;

  const frame = Buffer.alloc(frameHeaderBytes + pageSize);
  const pages = new Map<number, number>();
  const open = new Map<number, number>();
  let mark: number | null = null;
  let openMark: number | null = null;
  for (let at = headerBytes; readSync(descriptor, frame, 0, frame.length, at) === frame.length; at += frame.length) {
    if (frame.compare(header, 16, 24, 8, 16) !== 0) break;
    sum = checksum(sum, frame.subarray(0, 8), littleEndian);
    sum = checksum(sum, frame.subarray(frameHeaderBytes), littleEndian);
    if (sum[0] !== frame.readUInt32BE(16) || sum[1] !== frame.readUInt32BE(20)) break;
    const page = frame.readUInt32BE(0);
    if (page === 0) break;
    open.set(page, at + frameHeaderBytes);
    if (page === 1) openMark ??= frame.readUInt32BE(frameHeaderBytes + markOffset);
    if (frame.readUInt32BE(4) === 0) continue; // the transaction goes on
    for (const [number, offset] of open) pages.set(number, offset);
    open.clear();
    mark ??= openMark;
  }
  return pages.size === 0 ? null : { pageSize, pages, mark };
}

type Sum = readonly [number, number];

function checksum([a, b]: Sum, bytes: Buffer, littleEndian: boolean): Sum {
  let s0 = a;
  let s1 = b;
  for (let i = 0; i < bytes.length; i += 8) {
    s0 = (s0 + (littleEndian ? bytes.readUInt32LE(i) : bytes.readUInt32BE(i)) + s1) >>> 0;
    s1 = (s1 + (littleEndian ? bytes.readUInt32LE(i + 4) : bytes.readUInt32BE(i + 4)) + s0) >>> 0;
  }
  return [s0, s1];
}

/** The header of a database file. */
export interface DatabaseHeader {
  readonly isSqlite: boolean;
  /** It is in the mode that keeps a log beside it: it is open, or was never closed. */
  readonly keepsLog: boolean;
  /** Schema cookie: another one each time Throughline opens the project. */
  readonly mark: number;
  /** How long the file is, by its own account; 0 where it gives none. */
  readonly dueBytes: number;
}

/**
 * Reads the first bytes of a file that nobody in this process has open.
 * @returns null for an empty file
 */
export function readHeader(file: string): DatabaseHeader | null {
  const bytes = Buffer.alloc(100);
  const descriptor = openSync(file, 'r');
  try {
    if (readSync(descriptor, bytes, 0, bytes.length, 0) === 0) return null;
  } finally {
    closeSync(descriptor);
  }
  const isSqlite = bytes.toString('latin1', 0, 16) === 'SQLite format 3\0';
  // 1 stands for 65536. The count of pages holds only if it is of the last change.
  const pageSize = bytes.readUInt16BE(16) === 1 ? 65_536 : bytes.readUInt16BE(16);
  const counts = isSqlite && bytes.readUInt32BE(24) === bytes.readUInt32BE(92);
  return {
    isSqlite,
    keepsLog: bytes[18] === 2,
    mark: bytes.readUInt32BE(markOffset),
    dueBytes: counts ? pageSize * bytes.readUInt32BE(28) : 0,
  };
}

/**
 * Whether everything in a log stands in the file already: without the log, nothing is missing. Nobody in this process
 * has the file open.
 */
export function addsNothing(file: string, logFile: string, log: WriteAheadLog): boolean {
  const inFile = Buffer.alloc(log.pageSize);
  const inLog = Buffer.alloc(log.pageSize);
  const [main, wal] = [openSync(file, 'r'), openSync(logFile, 'r')];
  try {
    for (const [page, offset] of log.pages) {
      readSync(wal, inLog, 0, log.pageSize, offset);
      const length = readSync(main, inFile, 0, log.pageSize, (page - 1) * log.pageSize);
      if (length !== log.pageSize || !inFile.equals(inLog)) return false;
    }
    return true;
  } finally {
    closeSync(main);
    closeSync(wal);
  }
}
