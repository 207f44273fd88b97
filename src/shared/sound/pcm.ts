/** Bytes of a sample of one channel: sounds are kept as signed 16-bit numbers, little-endian, channels interleaved. */
export const pcmBytes = 2;

/** Samples that are asked for at a time: 1.37 seconds. */
export const blockSamples = 65_536;

/** As they are kept. What is louder than full scale is cut off. */
export function toPcm(channels: readonly Float32Array[]): Uint8Array {
  const length = channels[0]?.length ?? 0;
  const bytes = new Uint8Array(length * channels.length * pcmBytes);
  const view = new DataView(bytes.buffer);
  for (let i = 0, at = 0; i < length; i++) {
    for (const channel of channels) {
      view.setInt16(at, Math.max(-32_768, Math.min(32_767, Math.round((channel[i] as number) * 32_767))), true);
      at += pcmBytes;
    }
  }
  return bytes;
}

/** Samples of each channel, -1 to 1. */
export function fromPcm(bytes: Uint8Array, channels: number): Float32Array<ArrayBuffer>[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Math.floor(bytes.length / (channels * pcmBytes));
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(length);
    for (let i = 0; i < length; i++) samples[i] = view.getInt16((i * channels + channel) * pcmBytes, true) / 32_767;
    return samples;
  });
}
