import { createHash } from 'node:crypto';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { FrameSize } from '../../../shared/frame-size.ts';

/** Which picture, as what: the middle of it, cut and scaled to this size. */
export interface WantedPicture extends FrameSize {
  /** SHA-256 of the file as a project keeps it, as recipes name it. */
  readonly asset: string;
}

const magicBytes = Buffer.from('TLPICT', 'latin1');
const formatVersion = 1;
const digestBytes = 32;
/** Magic, version (one byte), the asset's digest, width and height (4 bytes each, little-endian). */
const fixedBytes = magicBytes.length + 1 + digestBytes + 8;

/** How large the file of a picture of this size is, in bytes. */
export function pictureFileBytes({ width, height }: FrameSize): number {
  return fixedBytes + width * height * 3 + digestBytes;
}

/**
 * A picture as it travels: decoded, as an engine takes it, so that workers decode nothing that somebody sent.
 * @param pixels RGB, [height, width, 3]
 */
export function encodePicture({ asset, width, height }: WantedPicture, pixels: Uint8Array): Uint8Array {
  if (pixels.length !== width * height * 3) throw new Error('a picture of another size');
  const fixed = Buffer.alloc(fixedBytes);
  magicBytes.copy(fixed);
  fixed.writeUInt8(formatVersion, magicBytes.length);
  fixed.write(asset, magicBytes.length + 1, 'hex');
  fixed.writeUInt32LE(width, fixedBytes - 8);
  fixed.writeUInt32LE(height, fixedBytes - 4);
  const content = Buffer.concat([fixed, pixels]);
  return Buffer.concat([content, sha256(content)]);
}

/**
 * @param place where it came from, for errors
 * @returns RGB, [height, width, 3]
 * @throws ThroughlineError `bad-artifact` naming what is wrong
 */
export function decodePicture(bytes: Uint8Array, wanted: WantedPicture, place: string): Uint8Array {
  const refuse = (what: string): ThroughlineError => refusedPicture(place, what);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, magicBytes.length).equals(magicBytes)) throw refuse('it is no picture of Throughline');
  const version = buffer[magicBytes.length];
  if (version !== formatVersion)
    throw refuse(`it is of version ${version ?? 0}, and this program knows ${formatVersion}`);
  const end = buffer.length - digestBytes;
  if (end < fixedBytes || !sha256(buffer.subarray(0, end)).equals(buffer.subarray(end)))
    throw refuse('it is cut short or was altered');
  const asset = buffer.toString('hex', magicBytes.length + 1, fixedBytes - 8);
  if (asset !== wanted.asset) throw refuse('it is another picture');
  const [width, height] = [buffer.readUInt32LE(fixedBytes - 8), buffer.readUInt32LE(fixedBytes - 4)];
  if (width !== wanted.width || height !== wanted.height)
    throw refuse(`it is cut to ${width}x${height}, and this model looks at ${wanted.width}x${wanted.height}`);
  if (buffer.length !== pictureFileBytes(wanted)) throw refuse('its lengths contradict each other');
  return new Uint8Array(buffer.subarray(fixedBytes, end));
}

export function refusedPicture(place: string, what: string): ThroughlineError {
  return new ThroughlineError(
    'bad-artifact',
    `A picture from the farm was refused (${place}): ${what}.`,
    'Whoever wants the film brings it again. If this comes again, see who else writes to the store.',
  );
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
