import { pictureLimits } from '../../shared/assets/asset.ts';
import { ThroughlineError } from '../../shared/errors.ts';

/** What stands at the beginning of a picture's file. */
export interface PictureKind {
  readonly type: 'PNG' | 'JPEG' | 'WebP';
  /** As the pixels lie in the file, before it is turned. */
  readonly width: number;
  readonly height: number;
  /** How it is turned to be seen upright: EXIF's numbers, 1 to 8; 1 is as it lies. */
  readonly orientation: number;
  /** Where in the file that stands, two bytes, and whether the smaller comes first; null where it does not. */
  readonly orientationAt: { readonly at: number; readonly little: boolean } | null;
}

/** Kinds of pictures that people have and that are not read, by what they begin with. */
const others: readonly (readonly [name: string, offset: number, text: string])[] = [
  ['a GIF', 0, 'GIF8'],
  ['a BMP', 0, 'BM'],
  ['a TIFF', 0, 'II*\0'],
  ['a TIFF', 0, 'MM\0*'],
  ['an AVIF picture', 4, 'ftypavif'],
  ['a HEIC picture', 4, 'ftyphei'],
  ['a HEIC picture', 4, 'ftypmif1'],
  ['a Photoshop file', 0, '8BPS'],
  ['an SVG drawing', 0, '<svg'],
  ['an SVG drawing', 0, '<?xml'],
  ['a PDF', 0, '%PDF'],
];

/**
 * Looks at the beginning of a file; nothing is decoded.
 * @param name of the file, for the sentence
 * @throws ThroughlineError `bad-input` where it is no picture that can be read, is broken, or has too many pixels
 */
export function pictureKind(bytes: Uint8Array, name: string): PictureKind {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let kind: PictureKind | null = null;
  try {
    kind = ofPng(view) ?? ofJpeg(view) ?? ofWebp(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // read beyond its end
    throw refused(`"${name}" is broken: it ends where its size should stand.`, 'Save it again, or choose another.');
  }
  if (!kind) {
    const what = others.find(([, offset, start]) => textAt(view, offset, start.length) === start)?.[0];
    throw refused(
      `"${name}" is ${what ?? 'no picture that can be read'}.`,
      'A picture can be a PNG, JPEG or WebP file.',
    );
  }
  const { width, height } = kind;
  const { side, pixels, smallest } = pictureLimits;
  if (Math.min(width, height) < smallest)
    throw refused(`"${name}" is ${width}x${height} pixels: too small.`, `Each side needs ${smallest} pixels at least.`);
  if (Math.max(width, height) > side || width * height > pixels)
    throw refused(
      `"${name}" is ${width}x${height} pixels: too large.`,
      `A picture may have up to ${pixels / 1e6} million pixels, and ${side} on a side. Make it smaller.`,
    );
  return kind;
}

function refused(message: string, hint: string): ThroughlineError {
  return new ThroughlineError('bad-input', message, hint);
}

function textAt(view: DataView, offset: number, length: number): string {
  if (offset + length > view.byteLength) return '';
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + offset, length));
}

type Turned = Pick<PictureKind, 'orientation' | 'orientationAt'>;
const asItLies: Turned = { orientation: 1, orientationAt: null };

function ofPng(view: DataView): PictureKind | null {
  if (textAt(view, 0, 8) !== '\x89PNG\r\n\x1a\n' || textAt(view, 12, 4) !== 'IHDR') return null;
  return { type: 'PNG', width: view.getUint32(16), height: view.getUint32(20), ...asItLies };
}

function ofJpeg(view: DataView): PictureKind | null {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let turned: Turned = asItLies;
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++; // filled up
      continue;
    }
    const length = view.getUint16(at + 2);
    if (length < 2) return null;
    if (marker === 0xe1 && textAt(view, at + 4, 6) === 'Exif\0\0') turned = exifOrientation(view, at + 10);
    // Every frame header but the tables that have numbers among them.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { type: 'JPEG', height: view.getUint16(at + 5), width: view.getUint16(at + 7), ...turned };
    if (marker === 0xda) return null;
    at += 2 + length;
  }
}

/** @param start of the TIFF block */
function exifOrientation(view: DataView, start: number): Turned {
  const little = textAt(view, start, 2) === 'II';
  const directory = start + view.getUint32(start + 4, little);
  const count = view.getUint16(directory, little);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (view.getUint16(entry, little) !== 0x0112) continue;
    const value = view.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? { orientation: value, orientationAt: { at: entry + 8, little } } : asItLies;
  }
  return asItLies;
}

function ofWebp(view: DataView): PictureKind | null {
  if (textAt(view, 0, 4) !== 'RIFF' || textAt(view, 8, 4) !== 'WEBP') return null;
  const said = (width: number, height: number): PictureKind => ({ type: 'WebP', width, height, ...asItLies });
  switch (textAt(view, 12, 4)) {
    case 'VP8 ':
      return said(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return said(1 + (bits & 0x3fff), 1 + ((bits >> 14) & 0x3fff));
    }
    case 'VP8X': {
      const three = (at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
      return said(1 + three(24), 1 + three(27));
    }
    default:
      return null;
  }
}
