import { useReactFlow, useStore } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import type { GraphLayout } from '../../shared/project/layout.ts';
import { type Area, viewAfterResize } from './keep-in-view.ts';

/** Keeps the story in sight while the pane changes its size: what was in the middle stays there. */
export function useKeepInView(layout: GraphLayout): void {
  const { getViewport, setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const before = useRef<{ readonly width: number; readonly height: number } | null>(null);
  useEffect(() => {
    const was = before.current;
    before.current = { width, height };
    if (!was || was.width === 0 || was.height === 0 || width === 0 || height === 0 || layout.nodes.length === 0) return;
    const story: Area = { left: 0, top: 0, right: layout.width, bottom: layout.height };
    const view = getViewport();
    const next = viewAfterResize(view, was, { width, height }, story);
    if (next.x !== view.x || next.y !== view.y) void setViewport(next);
  }, [width, height, layout, getViewport, setViewport]);
}
