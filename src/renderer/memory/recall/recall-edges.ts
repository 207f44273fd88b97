import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { isPicture } from '../../../shared/pictures.ts';
import { layersHolding, meanScore } from '../film-strip/remembered-frames.ts';
import { chunkOfFrame } from '../line/line.ts';

/** A chunk remembering an earlier one. */
export interface RecallEdge {
  readonly fromChunk: number;
  readonly toChunk: number;
  /** Remembered latent frames of `fromChunk`. */
  readonly frames: readonly number[];
  /** Retrieval score, mean of layers, added over the frames; null where the memory scores nothing. */
  readonly score: number | null;
  /** Share of layers whose bank held one of the frames, 0..1. */
  readonly fraction: number;
  /** For thickness, 0..1: the score against the strongest edge into the same chunk. */
  readonly weight: number;
}

/** From the chunks whose frames sat in this chunk's bank, to it; strongest first. */
export function recallEdges(record: MemoryRecord): RecallEdge[] {
  const byChunk = new Map<number, number[]>();
  for (const frame of new Set(record.bank.flat())) {
    if (isPicture(frame)) continue; // it comes from no shot
    const chunk = chunkOfFrame(frame, record.frames);
    byChunk.set(chunk, [...(byChunk.get(chunk) ?? []), frame]);
  }
  const layers = Math.max(1, record.bank.length);
  const edges = [...byChunk].map(([fromChunk, frames]) => ({
    fromChunk,
    toChunk: record.chunkIndex,
    frames: frames.sort((a, b) => a - b),
    score: added(frames.flatMap((frame) => meanScore(record, frame) ?? [])),
    fraction: new Set(frames.flatMap((frame) => layersHolding(record, frame))).size / layers,
  }));
  const strongest = Math.max(0, ...edges.map(({ score }) => score ?? 0));
  return edges
    .map((edge) => ({ ...edge, weight: strongest > 0 ? Math.max(0, edge.score ?? 0) / strongest : edge.fraction }))
    .sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.fromChunk - b.fromChunk);
}

function added(scores: readonly number[]): number | null {
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0);
}

/** The edges of a whole cut, in story order. Chunks without a record have none. */
export function recallEdgesOf(records: readonly (MemoryRecord | null)[]): RecallEdge[] {
  return records.flatMap((record) => (record ? recallEdges(record) : []));
}
