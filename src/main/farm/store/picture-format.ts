import { ThroughlineError } from '../../../shared/errors.ts';
import type { FrameSize } from '../../../shared/frame-size.ts';
import { type SealedKind, seal, sealBytes, unseal } from './sealed-file.ts';

/** Which picture, as what: the middle of it, cut and scaled to this size. */
export interface WantedPicture extends FrameSize {
  /** SHA-256 of the file as a project keeps it, as recipes name it. */
  readonly asset: string;
}

const kind: SealedKind = { magic: 'TLPICT', version: 1, noun: 'picture' };
const digestBytes = 32;
/** The asset's digest, width and height (4 bytes each, little-endian). */
const fixedBytes = digestBytes + 8;

/** How large the file of a picture of this size is, in bytes. */
export function pictureFileBytes({ width, height }: FrameSize): number {
  return sealBytes(kind.magic) + fixedBytes + width * height * 3;
}

/**
 * A picture as it travels: decoded, as an engine takes it, so that workers decode nothing that somebody sent.
 * @param pixels RGB, [height, width, 3]
 */
export function encodePicture({ asset, width, height }: WantedPicture, pixels: Uint8Array): Uint8Array {
  if (pixels.length !== width * height * 3) throw new Error('a picture of another size');
  const fixed = Buffer.alloc(fixedBytes);
  fixed.write(asset, 'hex');
  fixed.writeUInt32LE(width, digestBytes);
  fixed.writeUInt32LE(height, digestBytes + 4);
  return seal(kind, [fixed, pixels]);
}

/**
 * @param place where it came from, for errors
 * @returns RGB, [height, width, 3]
 * @throws ThroughlineError `bad-artifact` naming what is wrong
 */
export function decodePicture(bytes: Uint8Array, wanted: WantedPicture, place: string): Uint8Array {
  const refuse = (what: string): ThroughlineError => refusedPicture(place, what);
  const content = unseal(bytes, kind, fixedBytes, refuse);
  if (content.toString('hex', 0, digestBytes) !== wanted.asset) throw refuse('it is another picture');
  const [width, height] = [content.readUInt32LE(digestBytes), content.readUInt32LE(digestBytes + 4)];
  if (width !== wanted.width || height !== wanted.height)
    throw refuse(`it is cut to ${width}x${height}, and this model looks at ${wanted.width}x${wanted.height}`);
  if (bytes.length !== pictureFileBytes(wanted)) throw refuse('its lengths contradict each other');
  return new Uint8Array(content.subarray(fixedBytes));
}

export function refusedPicture(place: string, what: string): ThroughlineError {
  return new ThroughlineError(
    'bad-artifact',
    `A picture from the farm was refused (${place}): ${what}.`,
    'Whoever wants the film brings it again. If this comes again, see who else writes to the store.',
  );
}
