import type { ProjectDocument, ProjectShot, ShotId } from './document.ts';
import { childrenOf, cutsOf } from './tree.ts';

export interface LayoutScale {
  /** Length of a chunk in the film, in seconds. */
  readonly chunkSec: number;
  readonly pixelsPerSec: number;
  readonly laneHeight: number;
}

export interface PlacedShot {
  readonly id: ShotId;
  /** Pixels. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** 0 is the top lane. */
  readonly lane: number;
  /** Its place on its path: 1 is the first shot. */
  readonly number: number;
  readonly startSec: number;
  readonly durationSec: number;
}

export interface GraphLayout {
  readonly nodes: readonly PlacedShot[];
  /** One a cut, in lane order. */
  readonly lanes: readonly { readonly leaf: ShotId; readonly name: string; readonly y: number }[];
  readonly width: number;
  readonly height: number;
}

/**
 * A graph as lanes over time: x is story time to scale, and each cut has the lane in which its own shots lie. The first
 * child goes on in its parent's lane; every other child begins a new lane below all that came before it.
 */
export function layoutGraph(
  document: ProjectDocument,
  { chunkSec, pixelsPerSec, laneHeight }: LayoutScale,
): GraphLayout {
  const children = childrenOf(document);
  const nodes: PlacedShot[] = [];
  let lanes = 0;
  let width = 0;
  type Visit = {
    readonly shot: ProjectShot;
    readonly startSec: number;
    readonly lane: number | null;
    readonly number: number;
  };
  const stack: Visit[] = [...(children.get(null) ?? [])]
    .reverse()
    .map((shot) => ({ shot, startSec: 0, lane: null, number: 1 }));
  for (let visit = stack.pop(); visit; visit = stack.pop()) {
    const { shot, startSec, number } = visit;
    const lane = visit.lane ?? lanes++;
    const durationSec = shot.chunks * chunkSec;
    nodes.push({
      id: shot.id,
      x: startSec * pixelsPerSec,
      y: lane * laneHeight,
      width: durationSec * pixelsPerSec,
      lane,
      number,
      startSec,
      durationSec,
    });
    width = Math.max(width, (startSec + durationSec) * pixelsPerSec);
    for (const [i, child] of [...(children.get(shot.id) ?? []).entries()].reverse()) {
      stack.push({ shot: child, startSec: startSec + durationSec, lane: i === 0 ? lane : null, number: number + 1 });
    }
  }
  const laneOf = new Map(nodes.map(({ id, lane }) => [id, lane]));
  return {
    nodes,
    lanes: cutsOf(document).map(({ leaf, name }) => ({ leaf, name, y: (laneOf.get(leaf) ?? 0) * laneHeight })),
    width,
    height: lanes * laneHeight,
  };
}
