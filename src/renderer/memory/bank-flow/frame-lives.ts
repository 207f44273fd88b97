import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { chunkOfFrame } from '../line/line.ts';

/** What a remembered frame was to one chunk. `unknown`: the chunk has no record yet. */
export type FlowState =
  | { readonly state: 'bank' /** Share of layers whose bank held it, above 0. */; readonly fraction: number }
  | { readonly state: 'waiting' | 'window' | 'sink' | 'banned' | 'gone' | 'unknown' };

/** One frame's life over a cut. */
export interface FlowRow {
  readonly frame: number;
  /** Chunk that made it. */
  readonly enteredChunk: number;
  /** For each chunk of the cut after that one: [0] is chunk enteredChunk + 1. */
  readonly states: readonly FlowState[];
  /** Chunk after which it was forgotten for good; null if it never was. */
  readonly evictedChunk: number | null;
  /** Last chunk whose bank held it; null if none did. */
  readonly lastBankChunk: number | null;
  /** Chunks whose bank held it. */
  readonly recalls: number;
  readonly pinned: string | null;
}

/**
 * The life of every frame that entered memory along a cut, oldest first.
 * @param records one a chunk, in order; null where a chunk is not made or its record not loaded
 */
export function bankFlow(records: readonly (MemoryRecord | null)[], chunkFrames: number): FlowRow[] {
  const frames = new Set<number>();
  for (const record of records) {
    if (!record) continue;
    if (record.prototype !== null) frames.add(record.prototype);
    for (const frame of [...record.candidates, ...record.bank.flat()]) frames.add(frame);
  }
  return [...frames].sort((a, b) => a - b).map((frame) => life(frame, records, chunkFrames));
}

/** Rows worth showing first: those some bank held, or a person pinned. */
export function recalledRows(rows: readonly FlowRow[]): FlowRow[] {
  return rows.filter((row) => row.recalls > 0 || row.pinned !== null);
}

function life(frame: number, records: readonly (MemoryRecord | null)[], chunkFrames: number): FlowRow {
  const enteredChunk = chunkOfFrame(frame, chunkFrames);
  let evictedChunk: number | null = null;
  let lastBankChunk: number | null = null;
  let recalls = 0;
  let pinned: string | null = null;
  const states: FlowState[] = [];
  for (let chunk = enteredChunk; chunk < records.length; chunk++) {
    const record = records[chunk] ?? null;
    if (chunk > enteredChunk) {
      const state = stateIn(record, frame, evictedChunk !== null);
      states.push(state);
      if (state.state === 'bank') {
        lastBankChunk = chunk;
        recalls++;
      }
    }
    pinned = record?.settings.pins.find((pin) => pin.frame === frame)?.name ?? pinned;
    if (record?.evicted.includes(frame)) evictedChunk ??= chunk;
  }
  return { frame, enteredChunk, states, evictedChunk, lastBankChunk, recalls, pinned };
}

function stateIn(record: MemoryRecord | null, frame: number, evicted: boolean): FlowState {
  if (!record) return { state: evicted ? 'gone' : 'unknown' };
  const holding = record.bank.filter((frames) => frames.includes(frame)).length;
  if (holding > 0) return { state: 'bank', fraction: holding / record.bank.length };
  if (record.window.includes(frame)) return { state: 'window' };
  if (record.sink.includes(frame)) return { state: 'sink' };
  if (evicted) return { state: 'gone' };
  return { state: record.settings.bans.includes(frame) ? 'banned' : 'waiting' };
}
