import { memoryChoice } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { mean } from '../parts/value-scale.ts';

/** What a frame was to this chunk. `banned` frames are never scored; `new` is the frame that the chunk itself adds to memory. */
export type FrameRole = 'sink' | 'window' | 'bank' | 'dropped' | 'banned' | 'new';

export interface FilmStripEntry {
  /** Latent frame, counted from the root. */
  readonly frame: number;
  readonly role: FrameRole;
  /** The name it is pinned under; null if it is not. */
  readonly pinned: string | null;
  readonly banned: boolean;
  /** Retrieval score, mean of layers; null for a frame that was not scored. */
  readonly score: number | null;
  /** Layers whose bank held it, from 0. */
  readonly layers: readonly number[];
}

/** Layers (from 0) whose bank held a frame for this chunk. */
export function layersHolding(record: MemoryRecord, frame: number): number[] {
  return record.bank.flatMap((frames, layer) => (frames.includes(frame) ? [layer] : []));
}

/** Score of a frame, mean of layers; null if it was no candidate. */
export function meanScore(record: MemoryRecord, frame: number): number | null {
  const at = record.candidates.indexOf(frame);
  if (at < 0 || record.scores.length === 0) return null;
  return mean(record.scores.map((row) => row[at] ?? 0));
}

/** Whether its memory keeps anything besides the beginning and the frames just before. */
export function usesBank({ settings }: MemoryRecord): boolean {
  return memoryChoice(settings).recalls;
}

/**
 * Every frame the chunk could see or might have seen. First the bank, then what was passed over, each by score, as it
 * reads; then what is banned; then sink, window, and the frame it adds.
 */
export function filmStrip(record: MemoryRecord): FilmStripEntry[] {
  const { settings, sink, window, bank, candidates, prototype } = record;
  const entry = (frame: number, role: FrameRole): FilmStripEntry => ({
    frame,
    role,
    pinned: settings.pins.find((pin) => pin.frame === frame)?.name ?? null,
    banned: settings.bans.includes(frame),
    score: meanScore(record, frame),
    layers: layersHolding(record, frame),
  });
  const inBank = [...new Set(bank.flat())];
  const elsewhere = new Set([...inBank, ...sink, ...window]);
  const banned = settings.bans.filter((frame) => !elsewhere.has(frame));
  const dropped = candidates.filter((frame) => !elsewhere.has(frame) && !banned.includes(frame));
  const byScore = (a: FilmStripEntry, b: FilmStripEntry): number =>
    (b.score ?? 0) - (a.score ?? 0) || b.layers.length - a.layers.length || a.frame - b.frame;
  return [
    ...inBank.map((frame) => entry(frame, 'bank')).sort(byScore),
    ...[...new Set(dropped)].map((frame) => entry(frame, 'dropped')).sort(byScore),
    ...[...new Set(banned)].sort((a, b) => a - b).map((frame) => entry(frame, 'banned')),
    ...sink.map((frame) => entry(frame, 'sink')),
    ...window.map((frame) => entry(frame, 'window')),
    ...(prototype === null ? [] : [entry(prototype, 'new')]),
  ];
}
