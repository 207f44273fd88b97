import type { MemoryRecord } from '../../../shared/memory-record.ts';
import type { FlowRow, FlowState } from '../bank-flow/frame-lives.ts';
import { meanScore } from '../film-strip/remembered-frames.ts';

/** A stretch of a cut in which a frame was the same to every chunk; a recall is a stretch of its own. */
export interface HistoryEntry {
  readonly firstChunk: number;
  readonly lastChunk: number;
  readonly state: FlowState;
  /** Retrieval scores, mean of layers, of the chunks that scored it: least and largest. Null: none did. */
  readonly scores: { readonly low: number; readonly high: number } | null;
}

/**
 * What became of one frame along a cut, chunk after chunk.
 * @param records one a chunk, in order; null where a chunk is not made or its record not loaded
 */
export function frameHistory(row: FlowRow, records: readonly (MemoryRecord | null)[]): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  row.states.forEach((state, i) => {
    const chunk = row.enteredChunk + 1 + i;
    const record = records[chunk] ?? null;
    const score = record ? meanScore(record, row.frame) : null;
    const last = entries.at(-1);
    if (last && state.state !== 'bank' && last.state.state === state.state) {
      const { low, high } = last.scores ?? { low: score ?? 0, high: score ?? 0 };
      const scores = score === null ? last.scores : { low: Math.min(low, score), high: Math.max(high, score) };
      entries[entries.length - 1] = { ...last, lastChunk: chunk, scores };
    } else {
      entries.push({
        firstChunk: chunk,
        lastChunk: chunk,
        state,
        scores: score === null ? null : { low: score, high: score },
      });
    }
  });
  return entries;
}
