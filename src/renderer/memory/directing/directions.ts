import { type MemoryMode, memoryKind } from '../../../shared/memories/index.ts';
import type { MemoryOverrides } from '../../../shared/memory-settings.ts';

/** What a person has said of one frame. */
export interface Direction {
  /** The name it is always remembered under; null: it is never used. */
  readonly name: string | null;
  /** Shot that says so; null for the whole project. */
  readonly shotId: string | null;
}

interface Directing {
  readonly id: string;
  readonly memory: MemoryOverrides;
}

/**
 * Pins and bans as they hold at the end of a path: what a later shot says of a frame replaces what an earlier one said.
 * @param path shots from the root to the one asked about
 * @returns by latent frame, in frame order
 */
export function directionsAt(project: MemoryOverrides, path: readonly Directing[]): Map<number, Direction> {
  const found = new Map<number, Direction>();
  const add = ({ pins = [], bans = [] }: MemoryOverrides, shotId: string | null): void => {
    for (const { frame, name } of pins) found.set(frame, { name, shotId });
    for (const frame of bans) found.set(frame, { name: null, shotId });
  };
  add(project, null);
  for (const { id, memory } of path) add(memory, id);
  return new Map([...found].sort(([a], [b]) => a - b));
}

/** Whether a chunk was made before its directions were given: the frames on which the two differ. None where its memory heeds no directions. */
export function undoneDirections(
  directions: ReadonlyMap<number, Direction>,
  made: {
    readonly mode: MemoryMode;
    readonly pins: readonly { readonly frame: number }[];
    readonly bans: readonly number[];
  },
  firstFrame: number,
): number[] {
  if (memoryKind(made.mode).notDirected !== null) return [];
  const frames = new Set([...directions.keys(), ...made.pins.map(({ frame }) => frame), ...made.bans]);
  const saidNow = (frame: number): string => {
    const direction = directions.get(frame);
    return direction === undefined ? 'nothing' : direction.name === null ? 'ban' : 'pin';
  };
  const saidThen = (frame: number): string =>
    made.bans.includes(frame) ? 'ban' : made.pins.some((pin) => pin.frame === frame) ? 'pin' : 'nothing';
  return [...frames].filter((frame) => frame < firstFrame && saidNow(frame) !== saidThen(frame)).sort((a, b) => a - b);
}
