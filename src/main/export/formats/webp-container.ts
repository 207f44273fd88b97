import type { PictureSize } from '../geometry.ts';

/** A still WebP file, and how long it is shown. */
export interface WebpFrame {
  readonly still: Uint8Array;
  readonly durationMs: number;
}

/**
 * An animated WebP from still ones (RIFF: `VP8X`, `ANIM`, then an `ANMF` a frame that holds the still's own image chunks).
 * Every frame covers the whole canvas. Source: the WebP container specification, section "Animation".
 */
export function animatedWebp(frames: readonly WebpFrame[], size: PictureSize, loop: boolean): Uint8Array {
  const animationFlag = 0x02;
  const header = Buffer.alloc(10);
  header[0] = animationFlag;
  header.writeUIntLE(size.width - 1, 4, 3);
  header.writeUIntLE(size.height - 1, 7, 3);
  const animation = Buffer.alloc(6); // background colour, then how often it plays: 0 is for ever
  animation.writeUInt16LE(loop ? 0 : 1, 4);
  const body = Buffer.concat([
    Buffer.from('WEBP', 'latin1'),
    chunk('VP8X', header),
    chunk('ANIM', animation),
    ...frames.map((frame) => chunk('ANMF', frameBody(frame, size))),
  ]);
  return chunk('RIFF', body);
}

function frameBody({ still, durationMs }: WebpFrame, size: PictureSize): Buffer {
  const header = Buffer.alloc(16);
  header.writeUIntLE(size.width - 1, 6, 3);
  header.writeUIntLE(size.height - 1, 9, 3);
  header.writeUIntLE(durationMs, 12, 3);
  header[15] = 0x02; // do not blend with the frame before
  return Buffer.concat([header, ...imageChunks(still)]);
}

/** The image chunks of a still file: `ALPH`, `VP8 ` or `VP8L`. */
function imageChunks(still: Uint8Array): Buffer[] {
  const bytes = Buffer.from(still.buffer, still.byteOffset, still.length);
  const chunks: Buffer[] = [];
  for (let at = 12; at + 8 <= bytes.length; ) {
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (['ALPH', 'VP8 ', 'VP8L'].includes(type)) chunks.push(chunk(type, bytes.subarray(at + 8, at + 8 + length)));
    at += 8 + length + (length % 2);
  }
  return chunks;
}

function chunk(type: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}
