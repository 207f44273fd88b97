import type { ByteReader } from './byte-reader.ts';

/** How far into the first frame the tag is looked for. */
const headBytes = 4096;
/** What a decoder adds before the first sample, as LAME's tag counts it. */
const decoderDelay = 529;

/**
 * Samples that an MP3 file begins with and that were not in the recording: LAME and FFmpeg write how many into the tag of
 * the first frame (`Xing` or `Info`, delay 21 bytes after the encoder's name). 0 where there is no such tag.
 */
export async function mp3DelaySamples({ sizeBytes, read }: ByteReader): Promise<number> {
  const start = await read(0, Math.min(10, sizeBytes));
  // An ID3v2 tag comes before the first frame; its size counts seven bits a byte.
  const isTagged = start.length === 10 && latin1(start.subarray(0, 3)) === 'ID3';
  const [a = 0, b = 0, c = 0, d = 0] = start.subarray(6);
  const tagBytes = isTagged ? 10 + ((a & 127) << 21) + ((b & 127) << 14) + ((c & 127) << 7) + (d & 127) : 0;
  if (tagBytes >= sizeBytes) return 0;
  const head = await read(tagBytes, Math.min(sizeBytes, tagBytes + headBytes));
  const text = latin1(head);
  const at = Math.max(text.indexOf('Xing'), text.indexOf('Info'));
  const encoder = at < 0 ? '' : text.slice(at + 120, at + 124);
  const [high = 0, low = 0] = head.subarray(at + 141);
  return encoder === 'LAME' || encoder === 'Lavc' || encoder === 'Lavf' ? ((high << 4) | (low >> 4)) + decoderDelay : 0;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
