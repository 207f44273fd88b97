import type { ShotId } from '../../shared/project/document.ts';
import type { PlacedShot } from '../../shared/project/layout.ts';
import type { ChunkPlace } from '../state/index.ts';

/** A shot as the arrow keys see it. */
export interface Stop extends PlacedShot {
  readonly parent: ShotId | null;
  readonly chunks: number;
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/**
 * Where an arrow key leads from a chunk: left and right along the story (on to `onward` where it forks), up and down to
 * the chunk at the same time in the nearest lane that has one there. Null: nowhere.
 */
export function step(
  stops: readonly Stop[],
  from: ChunkPlace,
  direction: Direction,
  onward: ReadonlySet<ShotId>,
): ChunkPlace | null {
  const at = stops.find(({ id }) => id === from.shotId);
  if (!at) return null;
  switch (direction) {
    case 'left': {
      if (from.indexInShot > 0) return { ...from, indexInShot: from.indexInShot - 1 };
      const parent = stops.find(({ id }) => id === at.parent);
      return parent ? { shotId: parent.id, indexInShot: parent.chunks - 1 } : null;
    }
    case 'right': {
      if (from.indexInShot < at.chunks - 1) return { ...from, indexInShot: from.indexInShot + 1 };
      const children = stops.filter(({ parent }) => parent === at.id);
      const child = children.find(({ id }) => onward.has(id)) ?? children[0];
      return child ? { shotId: child.id, indexInShot: 0 } : null;
    }
    case 'up':
    case 'down':
      return otherLane(stops, at, from.indexInShot, direction);
  }
}

function otherLane(stops: readonly Stop[], at: Stop, indexInShot: number, direction: 'up' | 'down'): ChunkPlace | null {
  const sign = direction === 'up' ? -1 : 1;
  const chunkSec = at.durationSec / at.chunks;
  const time = at.startSec + (indexInShot + 0.5) * chunkSec;
  let best: { readonly stop: Stop; readonly cost: number } | null = null;
  for (const stop of stops) {
    const lanes = (stop.lane - at.lane) * sign;
    if (lanes <= 0) continue;
    const outside = Math.max(stop.startSec - time, time - (stop.startSec + stop.durationSec), 0);
    const cost = lanes * 1e6 + outside;
    if (!best || cost < best.cost) best = { stop, cost };
  }
  if (!best) return null;
  const { stop } = best;
  const index = Math.floor((time - stop.startSec) / chunkSec);
  return { shotId: stop.id, indexInShot: Math.min(stop.chunks - 1, Math.max(0, index)) };
}
