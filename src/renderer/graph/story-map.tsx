import { MiniMap, useStore } from '@xyflow/react';
import { useMemo } from 'react';
import { useStory } from '../state/index.ts';
import { stateColors } from './state-colors.ts';

/** In a smaller pane the map would cover what it is a map of, in pixels. */
const leastPane = { width: 520, height: 260 };

/** The whole story, small, each shot in the colour of its state. */
export function StoryMap() {
  // One string stands for all states, so that the map is drawn again only when one of them changes.
  const states = useStory((state) => [...state.statuses.values()].map((status) => status.state).join());
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new function makes the map ask for colours again
  const nodeColor = useMemo(
    () => (node: { readonly id: string }) => stateColors[useStory.getState().statuses.get(node.id)?.state ?? 'empty'],
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
