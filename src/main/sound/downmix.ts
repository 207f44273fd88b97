/** Loudness of what is shared between left and right: 3 dB less, so that the sum keeps its power. */
const shared = Math.SQRT1_2;

/**
 * How loud each channel is heard left and right, by the order of channels that WAV and FLAC use: front left and right,
 * centre, low frequencies, back or side pairs (ITU-R BS.775). Low frequencies are left out, as there.
 */
const weights: Readonly<Record<number, readonly (readonly [number, number])[]>> = {
  3: [
    [1, 0],
    [0, 1],
    [shared, shared],
  ],
  4: [
    [1, 0],
    [0, 1],
    [shared, 0],
    [0, shared],
  ],
  5: [
    [1, 0],
    [0, 1],
    [shared, shared],
    [shared, 0],
    [0, shared],
  ],
  6: [
    [1, 0],
    [0, 1],
    [shared, shared],
    [0, 0],
    [shared, 0],
    [0, shared],
  ],
  7: [
    [1, 0],
    [0, 1],
    [shared, shared],
    [0, 0],
    [shared / 2, shared / 2],
    [shared, 0],
    [0, shared],
  ],
  8: [
    [1, 0],
    [0, 1],
    [shared, shared],
    [0, 0],
    [shared, 0],
    [0, shared],
    [shared, 0],
    [0, shared],
  ],
};

/**
 * One or two channels as they are; more mixed down to two. What could come out louder than what went in is lowered as a
 * whole.
 * @param channels samples of each channel, equally many
 */
export function toStereo(channels: readonly Float32Array[]): Float32Array[] {
  const of = weights[channels.length];
  if (!of) return channels.slice(0, 2);
  const loudest = of.reduce((sum, [left]) => sum + left, 0);
  const length = channels[0]?.length ?? 0;
  return [0, 1].map((side) => {
    const mixed = new Float32Array(length);
    for (const [c, channel] of channels.entries()) {
      const weight = (of[c]?.[side] ?? 0) / loudest;
      if (weight === 0) continue;
      for (let i = 0; i < length; i++) mixed[i] = (mixed[i] as number) + (channel[i] as number) * weight;
    }
    return mixed;
  });
}
