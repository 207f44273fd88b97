import type { MemoryRecord } from '../../shared/memory-record.ts';

/** One remembered frame of a chunk, over all layers. */
export interface RecalledFrame {
  /** Latent frame, counted from the story's root. */
  readonly frame: number;
  /** Mean retrieval score over the layers; null for a frame that was pinned without being a candidate. */
  readonly score: number | null;
  /** Layers that attended to it. */
  readonly layers: number;
  /** Share of (layer that held it, head, step) in which it was activated, 0..1; null where the policy does not select. */
  readonly activated: number | null;
  /** The prompt's words, those that pulled most first: share of the word's attention, 0..1. */
  readonly words: readonly { readonly text: string; readonly pull: number }[];
}

/** What a person calls a picture in memory. */
export function pictureName({ pictures }: Pick<MemoryRecord, 'pictures'>, frame: number): string {
  return pictures.find((picture) => picture.frame === frame)?.name ?? `picture ${-frame}`;
}

/** The frames in the bank of any layer, most widely held and best scored first. */
export function recalledFrames(record: MemoryRecord): RecalledFrame[] {
  const frames = new Set(record.bank.flat());
  return [...frames]
    .map((frame) => ({
      frame,
      score: scoreOf(record, frame),
      layers: record.bank.filter((layer) => layer.includes(frame)).length,
      activated: activationOf(record, frame),
      words: wordsOf(record, frame),
    }))
    .sort((a, b) => b.layers - a.layers || (b.score ?? 0) - (a.score ?? 0) || a.frame - b.frame);
}

function scoreOf(record: MemoryRecord, frame: number): number | null {
  const candidate = record.candidates.indexOf(frame);
  if (candidate < 0 || record.scores.length === 0) return null;
  return record.scores.reduce((sum, layer) => sum + (layer[candidate] ?? 0), 0) / record.scores.length;
}

function activationOf(record: MemoryRecord, frame: number): number | null {
  if (!record.activation) return null;
  const { steps, pool, counts } = record.activation;
  let active = 0;
  let possible = 0;
  for (const [layer, frames] of pool.entries()) {
    const place = frames.indexOf(frame);
    if (place < 0) continue;
    for (const head of counts[layer] ?? []) {
      active += head[place] ?? 0;
      possible += steps;
    }
  }
  return possible > 0 ? active / possible : null;
}

function wordsOf(record: MemoryRecord, frame: number): RecalledFrame['words'] {
  const candidate = record.candidates.indexOf(frame);
  if (candidate < 0) return [];
  return record.words
    .map(({ text }, word) => ({ text, pull: record.pull[word]?.[candidate] ?? 0 }))
    .filter(({ pull }) => pull > 0)
    .sort((a, b) => b.pull - a.pull);
}
