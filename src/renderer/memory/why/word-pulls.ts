import type { MemoryRecord } from '../../../shared/memory-record.ts';

export interface WordPull {
  readonly text: string;
  /** False: the model does not know the word. */
  readonly known: boolean;
  /** Exact: the share of the word's attention that the frame won, 0..1; shares of all candidates add up to 1. */
  readonly pull: number;
  /** Against an even share (1 / candidates): 1 draws no more than any frame would. */
  readonly lift: number;
  /** For colour, 0..1: 0 at an even share or less. */
  readonly shade: number;
}

/** A colour scale's full end is at least this lift, so that small differences stay pale. */
const fullLift = 2;

/** Whether the record says which words pulled which frames. */
export function hasPulls(record: MemoryRecord): boolean {
  return record.pull.length > 0 && record.candidates.length > 0;
}

/** The prompt's words with how much each drew `frame` in; null where the record does not say. */
export function wordPulls(record: MemoryRecord, frame: number): WordPull[] | null {
  const at = record.candidates.indexOf(frame);
  if (!hasPulls(record) || at < 0) return null;
  const even = 1 / record.candidates.length;
  const most = Math.max(fullLift, largestLift(record));
  return record.words.map(({ text, known }, word) => {
    const pull = record.pull[word]?.[at] ?? 0;
    const lift = pull / even;
    return { text, known, pull, lift, shade: Math.min(1, Math.max(0, (lift - 1) / (most - 1))) };
  });
}

/** The lift at the full end of the colour scale, the same for every frame of a record. */
export function largestLift(record: MemoryRecord): number {
  return Math.max(fullLift, ...record.pull.map((row) => Math.max(0, ...row) * record.candidates.length));
}

export interface FramePull {
  readonly frame: number;
  /** Share of the word's attention, 0..1. */
  readonly pull: number;
  readonly lift: number;
}

/** The frames one word drew in, strongest first. */
export function framesPulledBy(record: MemoryRecord, word: number): FramePull[] {
  return record.candidates
    .map((frame, i) => {
      const pull = record.pull[word]?.[i] ?? 0;
      return { frame, pull, lift: pull * record.candidates.length };
    })
    .sort((a, b) => b.pull - a.pull || a.frame - b.frame);
}
