import type { GraphLayout, PlacedShot } from '../../shared/project/layout.ts';
import type { ShotStateName } from '../../shared/project/status.ts';
import { shotHeight, shotInset } from './scale.ts';

/**
 * The shots of each state as one SVG path, in flow pixels: a thousand shots are a few drawings.
 * @param states of the layout's shots, in their order
 */
export function pathsByState(layout: GraphLayout, states: readonly ShotStateName[]): Map<ShotStateName, string> {
  const paths = new Map<ShotStateName, string>();
  for (const [i, node] of layout.nodes.entries()) {
    const state = states[i] ?? 'empty';
    paths.set(state, (paths.get(state) ?? '') + boxOf(node));
  }
  return paths;
}

/** A shot's outline as an SVG path, in flow pixels. */
export function boxOf({ x, y, width }: PlacedShot): string {
  return `M${x + shotInset},${y}h${width - 2 * shotInset}v${shotHeight}h${2 * shotInset - width}z`;
}
