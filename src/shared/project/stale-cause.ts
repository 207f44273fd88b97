import type { ProjectShot } from './document.ts';
import type { ShotChunk } from './plan.ts';

/** A chunk of a path as it is planned now, and whose it is. */
export interface PathChunk {
  readonly shot: ProjectShot;
  /** Its shot's place on the path, counted from 0. */
  readonly shotIndex: number;
  readonly chunk: ShotChunk;
}

export interface StaleCause extends PathChunk {
  /** What stood there when the stale result was made; null where nothing did: the story was shorter. */
  readonly madeKey: string | null;
}

/**
 * The first chunk on the way to a stale result that is planned otherwise than it was when that was made: the edit that
 * made it stale. Null where all of it is as it was.
 * @param path up to and with the stale chunk, root first
 * @param made keys of the chunks up to and with the stale result, root first, by their place in the story
 */
export function staleCause(path: readonly PathChunk[], made: ReadonlyMap<number, string>): StaleCause | null {
  for (const [index, place] of path.entries()) {
    const madeKey = made.get(index) ?? null;
    if (madeKey !== place.chunk.key) return { ...place, madeKey };
  }
  return null;
}
