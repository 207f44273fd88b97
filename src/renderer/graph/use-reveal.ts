import { useReactFlow, useStoreApi } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import type { GraphLayout } from '../../shared/project/layout.ts';
import { useSelection } from '../state/index.ts';
import { chunkWidth, shotHeight } from './scale.ts';

/** Screen pixels from the pane's edges that count as out of sight. */
const margin = 70;
const moveMs = 180;

/** Moves the view, no further than needed, when what is selected lies out of sight: a new branch, a shot found by name, a step by key. */
export function useReveal(layout: GraphLayout): void {
  const { getViewport, setViewport } = useReactFlow();
  const flow = useStoreApi();
  const shotId = useSelection((state) => state.shotId);
  const index = useSelection((state) =>
    state.chunk?.shotId === state.shotId ? (state.chunk?.indexInShot ?? null) : null,
  );
  const revealed = useRef('');
  useEffect(() => {
    const node = layout.nodes.find(({ id }) => id === shotId);
    const what = `${shotId}/${index}`;
    if (!node || revealed.current === what) return;
    revealed.current = what;
    const { width, height } = flow.getState();
    const { x, y, zoom } = getViewport();
    const from = node.x + (index ?? 0) * chunkWidth;
    const to = index === null ? node.x + node.width : from + chunkWidth;
    const dx = intoView(from * zoom + x, to * zoom + x, margin, width - margin);
    const dy = intoView(node.y * zoom + y, (node.y + shotHeight) * zoom + y, margin, height - margin);
    if (dx !== 0 || dy !== 0) void setViewport({ x: x + dx, y: y + dy, zoom }, { duration: moveMs });
  }, [layout, shotId, index, flow, getViewport, setViewport]);
}

/** How far start..end must move to lie in min..max; its start has precedence where it is longer than that. */
export function intoView(start: number, end: number, min: number, max: number): number {
  if (start < min) return min - start;
  return end > max ? Math.max(max - end, min - start) : 0;
}
