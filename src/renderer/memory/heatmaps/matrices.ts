import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { type Scale, scaleOf } from '../parts/value-scale.ts';

/** A row of a heatmap. */
export interface MatrixRow {
  /** From 0. */
  readonly layer: number;
  /** From 0; null for the mean of a layer's heads. */
  readonly head: number | null;
  /** One a column; null where the row has no such frame. */
  readonly values: readonly (number | null)[];
  /** Cells that were kept; one a column. */
  readonly kept: readonly boolean[];
}

/** Layers (or heads) against frames. */
export interface Matrix {
  /** Latent frames, rising. */
  readonly frames: readonly number[];
  readonly rows: readonly MatrixRow[];
  readonly scale: Scale;
}

/** Retrieval scores, [layers][candidates], with the cells whose frame entered that layer's bank marked. */
export function retrievalMatrix(record: MemoryRecord): Matrix {
  const { candidates, scores, bank } = record;
  return {
    frames: candidates,
    rows: scores.map((values, layer) => ({
      layer,
      head: null,
      values,
      kept: candidates.map((frame) => bank[layer]?.includes(frame) ?? false),
    })),
    scale: scaleOf(scores),
  };
}

/**
 * Sparse activation as shares of the denoising steps, 0..1: how often each bank frame was attended.
 * @param expanded layers whose heads are listed below them
 * @returns null where the policy does not select
 */
export function activationMatrix(record: MemoryRecord, expanded: ReadonlySet<number> = new Set()): Matrix | null {
  const { activation } = record;
  if (!activation) return null;
  const frames = [...new Set(activation.pool.flat())].sort((a, b) => a - b);
  const rows = activation.pool.flatMap((pool, layer): MatrixRow[] => {
    const heads = activation.counts[layer] ?? [];
    const spread = (values: readonly number[]): (number | null)[] =>
      frames.map((frame) => {
        const at = pool.indexOf(frame);
        return at < 0 ? null : (values[at] ?? 0);
      });
    const kept = frames.map((frame) => pool.includes(frame));
    const shares = heads.map((counts) => counts.map((count) => count / activation.steps));
    const average = pool.map(
      (_, i) => shares.reduce((sum, values) => sum + (values[i] ?? 0), 0) / Math.max(1, shares.length),
    );
    const whole: MatrixRow = { layer, head: null, values: spread(average), kept };
    if (!expanded.has(layer)) return [whole];
    return [whole, ...shares.map((values, head) => ({ layer, head, values: spread(values), kept }))];
  });
  return { frames, rows, scale: { low: 0, high: 1 } };
}
