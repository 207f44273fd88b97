/** Weight of the newest measurement in a running mean. */
const newestWeight = 0.3;
/** Before anything was measured: a restore is taken to cost as much as this many replayed chunks. */
const assumedRestoreInChunks = 1;

/** Running means of what moving has cost, in milliseconds. */
export class MoveCosts {
  #restoreMs: number | null = null;
  #replayChunkMs: number | null = null;

  restored(elapsedMs: number): void {
    this.#restoreMs = mix(this.#restoreMs, elapsedMs);
  }

  replayed(chunkMs: number): void {
    this.#replayChunkMs = mix(this.#replayChunkMs, chunkMs);
  }

  /** Cost of a restore, counted in replayed chunks. */
  get restoreInChunks(): number {
    return this.#restoreMs === null || this.#replayChunkMs === null
      ? assumedRestoreInChunks
      : this.#restoreMs / this.#replayChunkMs;
  }
}

export interface MovePlan {
  /** `stay`: go on from the present state. `restore`: read a stored one. `restart`: begin empty. */
  readonly start: 'stay' | 'restore' | 'restart';
  /** Index of the chunk whose state that is; -1 for the empty state. What follows it is replayed. */
  readonly from: number;
}

/**
 * The cheapest way to the end of a line of chunks.
 * @param length chunks in the line
 * @param stored last index with a stored state, -1 if none
 * @param current index the present state stands at, -1 if it is not on the line
 * @param costs null: a stored state is always worth reading
 */
export function planMove({
  length,
  stored,
  current,
  costs,
}: {
  length: number;
  stored: number;
  current: number;
  costs: MoveCosts | null;
}): MovePlan {
  const restore = costs?.restoreInChunks ?? 0;
  const options: (MovePlan & { readonly cost: number })[] = [{ start: 'restart', from: -1, cost: length }];
  if (stored >= 0) options.push({ start: 'restore', from: stored, cost: length - 1 - stored + restore });
  if (current >= 0) options.push({ start: 'stay', from: current, cost: length - 1 - current });
  const [best] = options.sort((a, b) => a.cost - b.cost);
  return { start: (best as MovePlan).start, from: (best as MovePlan).from };
}

function mix(mean: number | null, value: number): number {
  return mean === null ? value : mean + newestWeight * (value - mean);
}
