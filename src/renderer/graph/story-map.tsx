import { MiniMap, useStore } from '@xyflow/react';
import { useMemo } from 'react';
import type { ShotStateName } from '../../shared/project/status.ts';
import { useStory } from '../state/index.ts';

const colors: Record<ShotStateName, string> = {
  empty: 'var(--line-strong)',
  fresh: 'var(--fresh)',
  partial: 'color-mix(in oklab, var(--fresh), var(--line-strong))',
  generating: 'var(--making)',
  queued: 'var(--queued)',
  stale: 'var(--stale)',
  held: 'var(--held)',
  failed: 'var(--failed)',
};

/** In a smaller pane the map would cover what it is a map of, in pixels. */
const leastPane = { width: 520, height: 260 };

/** The whole story, small, each shot in the colour of its state. */
export function StoryMap() {
  // One string stands for all states, so that the map is drawn again only when one of them changes.
  const states = useStory((state) => [...state.statuses.values()].map((status) => status.state).join());
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new function makes the map ask for colours again
  const nodeColor = useMemo(
    () => (node: { readonly id: string }) => colors[useStory.getState().statuses.get(node.id)?.state ?? 'empty'],
    [states],
  );
  const hasRoom = useStore(({ width, height }) => width > leastPane.width && height > leastPane.height);
  if (!hasRoom) return null;
  return (
    <MiniMap
      pannable
      zoomable
      ariaLabel="Map of the whole story"
      style={{ width: 168, height: 92 }}
      bgColor="var(--surface)"
      maskColor="color-mix(in oklab, var(--ground), transparent 35%)"
      nodeColor={nodeColor}
      nodeBorderRadius={6}
      offsetScale={2}
    />
  );
}
