import { createHash } from 'node:crypto';
import type { ThroughlineError } from '../../../shared/errors.ts';

const digestBytes = 32;
/** What a sealed file has besides its content: magic, version (one byte) in front, a SHA-256 of all that at the end. */
export const sealBytes = (magic: string): number => magic.length + 1 + digestBytes;

/** A kind of file that travels through a farm's store, told by its first bytes. */
export interface SealedKind {
  /** In Latin-1. */
  readonly magic: string;
  /** 0 to 255. */
  readonly version: number;
  /** As in "it is no chunk of Throughline". */
  readonly noun: string;
}

/** Magic, version, the parts and a SHA-256 of all that, so that half of a file is never taken for a whole. */
export function seal({ magic, version }: SealedKind, parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat([Buffer.from(magic, 'latin1'), Buffer.of(version), ...parts]);
  return Buffer.concat([content, sha256(content)]);
}

/**
 * What stands between version and digest, as a view.
 * @param leastBytes of it
 * @param refuse makes the error that is thrown for another kind or version, and for a file that is cut short or was altered
 */
export function unseal(
  bytes: Uint8Array,
  { magic, version, noun }: SealedKind,
  leastBytes: number,
  refuse: (what: string) => ThroughlineError,
): Buffer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.toString('latin1', 0, magic.length) !== magic) throw refuse(`it is no ${noun} of Throughline`);
  const given = buffer[magic.length];
  if (given !== version) throw refuse(`it is of version ${given ?? 0}, and this program knows ${version}`);
  const end = buffer.length - digestBytes;
  if (buffer.length < sealBytes(magic) + leastBytes || !sha256(buffer.subarray(0, end)).equals(buffer.subarray(end)))
    throw refuse('it is cut short or was altered');
  return buffer.subarray(magic.length + 1, end);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
