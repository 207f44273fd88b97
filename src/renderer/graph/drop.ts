import type { ShotId } from '../../shared/project/document.ts';
import type { PlacedShot } from '../../shared/project/layout.ts';
import { laneHeight, shotHeight } from './scale.ts';

/** A place in the story where a shot may be put in. */
export type DropPlace = { readonly before: ShotId } | { readonly after: ShotId };

/** Flow pixels around a boundary that count as on it. */
const reach = 46;

/** The shot whose end lies nearest to a point, within reach. Null: none. */
export function shotEndAt<Node extends Pick<PlacedShot, 'x' | 'y' | 'width'>>(
  x: number,
  y: number,
  nodes: readonly Node[],
): Node | null {
  const distance = (node: Node): number => Math.abs(node.x + node.width - x);
  const near = nodes.filter((node) => distance(node) < reach && y >= node.y && y <= node.y + shotHeight);
  return near.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

/**
 * The boundary under a point: before the shot that begins there, or after the leaf that ends there. Null: none is near,
 * or it would leave `moving` where it is.
 */
export function dropPlaceAt(
  x: number,
  y: number,
  nodes: readonly PlacedShot[],
  isLeaf: (id: ShotId) => boolean,
  moving: { readonly id: ShotId; readonly children: ReadonlySet<ShotId>; readonly parent: ShotId | null } | null,
): DropPlace | null {
  let best: { readonly place: DropPlace; readonly distance: number } | null = null;
  const offer = (place: DropPlace, distance: number) => {
    if (distance < reach && (!best || distance < best.distance)) best = { place, distance };
  };
  for (const node of nodes) {
    if (node.id === moving?.id || y < node.y - (laneHeight - shotHeight) / 2 || y > node.y + shotHeight) continue;
    if (!moving?.children.has(node.id)) offer({ before: node.id }, Math.abs(node.x - x));
    if (isLeaf(node.id) && node.id !== moving?.parent) offer({ after: node.id }, Math.abs(node.x + node.width - x));
  }
  return (best as { readonly place: DropPlace } | null)?.place ?? null;
}
