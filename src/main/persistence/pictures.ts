/** Whether bytes begin as a WebP picture does and are as long as they say. */
export function isWholeWebp(bytes: Uint8Array | null): boolean {
  if (!bytes || bytes.length < 12) return false;
  const { buffer, byteOffset, byteLength } = bytes;
  const header = Buffer.from(buffer, byteOffset, byteLength);
  const named = header.toString('latin1', 0, 4) === 'RIFF' && header.toString('latin1', 8, 12) === 'WEBP';
  return named && header.readUInt32LE(4) + 8 === byteLength;
}
