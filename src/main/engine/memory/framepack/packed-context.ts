import { geometryOf } from '../../model/config.ts';
import { timeFeatures } from '../../model/schedule.ts';
import type { MadeContext, MemoryFeed, MemoryGraph, MemoryHost } from '../host.ts';
import type { ContextSource, MemoryLayout } from '../module.ts';
import type { FramePack } from '../policy.ts';
import { timeOfChunk } from './framepack-policy.ts';
import { buildPackedGraph, type PackedRates } from './graphs.ts';
import { packedLatents, pooledRope } from './packed-frames.ts';

/**
 * At most, in whole frames: two as they are, and five packs, each a `side` squared of one, a little more where patches reach
 * beyond the edge.
 */
export function attendedFrames({ packSides }: MemoryLayout): number {
  return Math.ceil(3 + 1 / packSides[2] ** 2 + 4 / packSides[4] ** 2);
}

/** What packs are to the generator: keys and values, made of clean latents by a pass of their own. */
export async function packedContext(host: MemoryHost, source: ContextSource): Promise<readonly MadeContext[]> {
  const { packs } = source;
  if (packs.length === 0) return [];
  const { config } = host;
  const { dit } = config;
  const latents = await latentFeeds(host, source);
  const rates = ([2, 4] as const).filter((rate) => packs.some((pack) => pack.rate === rate));
  // As long as the model reads positions by their differences, where a chunk stands makes none.
  const { cos, sin } = pooledRope(packs, geometryOf(config), dit.ropeTheta, source.firstTime - timeOfChunk);
  const dims = [cos.length / (geometryOf(config).headDim / 2), geometryOf(config).headDim / 2];
  const feeds: Record<string, MemoryFeed> = {
    ...latents,
    time_features: { kind: 'floats', values: timeFeatures(0, dit.freqDim), dims: [1, dit.freqDim] },
    cos: { kind: 'floats', values: cos, dims },
    sin: { kind: 'floats', values: sin, dims },
  };
  for (let layer = 0; layer < dit.layers - 1; layer++) {
    feeds[`text_k.${layer}`] = { kind: 'text-key', prompt: source.prompt, layer };
    feeds[`text_v.${layer}`] = { kind: 'text-value', prompt: source.prompt, layer };
  }
  return [await host.makeContext(packedGraph(rates), feeds)];
}

function packedGraph(rates: PackedRates): MemoryGraph {
  const build = buildPackedGraph.bind(null, rates);
  return { name: ['packed', ...rates].join('-'), weights: 'generator', build };
}

/** `latents.r` for every rate that there are packs of, their order kept. */
async function latentFeeds(host: MemoryHost, { packs, latents }: ContextSource): Promise<Record<string, MemoryFeed>> {
  const { latentHeight, latentWidth } = geometryOf(host.config);
  const { channels } = host.config.latent;
  const size = channels * latentHeight * latentWidth;
  const wanted = [...new Set(packs.flatMap(({ frames }) => frames))].sort((a, b) => a - b);
  const values = new Float32Array(wanted.length * size);
  for (const { first, count, at } of runs(wanted)) values.set(await latents(first, count), at * size);
  const placed = (pack: FramePack): number[] => pack.frames.map((frame) => wanted.indexOf(frame));
  const feeds: Record<string, MemoryFeed> = {};
  for (const [rate, side] of new Map(packs.map((pack) => [pack.rate, pack.side]))) {
    const frames = packs.filter((pack) => pack.rate === rate).map(placed);
    const made = packedLatents({ values, channels, height: latentHeight, width: latentWidth }, side, frames);
    feeds[`latents.${rate}`] = { kind: 'floats', values: made.values, dims: made.dims };
  }
  return feeds;
}

/** Frames that follow each other are asked for at once. */
function runs(frames: readonly number[]): { first: number; count: number; at: number }[] {
  const found: { first: number; count: number; at: number }[] = [];
  for (const [at, frame] of frames.entries()) {
    const last = found.at(-1);
    if (last && last.first + last.count === frame) last.count++;
    else found.push({ first: frame, count: 1, at });
  }
  return found;
}
