import { type EmaSinkTold, toldSources } from '../../../../shared/memories/ema-sink.ts';

/** Digits of a share: enough to tell one chunk from the next. */
const digits = 4;

/**
 * Where a sink comes from: with n fusings, alpha^n of it is the first chunk's, and of the chunk that was fused i-th
 * (1 - alpha) alpha^(n - i). Chunks are fused in the story's order.
 * @param fused n
 */
export function sinkSources(alpha: number, fused: number, chunkFrames: number): EmaSinkTold {
  const round = (value: number): number => Number(value.toPrecision(digits));
  const told = Math.min(fused, toldSources);
  const newest = Array.from({ length: told }, (_, i) => fused - told + 1 + i);
  const untold = fused - told;
  return {
    of: 'ema-sink',
    alpha,
    sources: [
      { frame: 0, share: round(alpha ** fused) },
      ...newest.map((i) => ({ frame: i * chunkFrames, share: round((1 - alpha) * alpha ** (fused - i)) })),
    ],
    rest: round(alpha ** told - alpha ** (told + untold)),
  };
}
