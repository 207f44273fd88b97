import { useReactFlow, ViewportPortal } from '@xyflow/react';
import { type MouseEvent, useMemo } from 'react';
import type { GraphLayout } from '../../shared/project/layout.ts';
import type { ShotStateName } from '../../shared/project/status.ts';
import { goToChunk } from '../actions/shots.ts';
import { useSelection, useStory } from '../state/index.ts';
import { chunkWidth, shotHeight } from './scale.ts';
import { stateColors } from './state-colors.ts';
import { boxOf, pathsByState } from './story-paths.ts';

/** A story from very far: a thousand shots are a few drawings, one for each state, and no elements of their own. */
export function TinyStory({ layout }: { readonly layout: GraphLayout }) {
  const { screenToFlowPosition } = useReactFlow();
  const selected = useSelection((state) => state.shotIds);
  // One string stands for all states, so that it is drawn again only when one of them changes.
  const states = useStory((state) => layout.nodes.map(({ id }) => state.statuses.get(id)?.state ?? 'empty').join());
  const paths = useMemo(() => pathsByState(layout, states.split(',') as ShotStateName[]), [layout, states]);
  const chosen = layout.nodes
    .filter(({ id }) => selected.has(id))
    .map(boxOf)
    .join('');
  const onClick = (event: MouseEvent) => {
    const { x, y } = screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const shot = layout.nodes.find(
      (node) => x >= node.x && x < node.x + node.width && y >= node.y && y <= node.y + shotHeight,
    );
    if (shot) goToChunk(shot.id, Math.floor((x - shot.x) / chunkWidth));
  };
  return (
    <ViewportPortal>
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: the graph says what it is, and its keys walk from shot to shot */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the graph has keys for it */}
      <svg
        data-tiny=""
        width={Math.max(1, layout.width)}
        height={Math.max(1, layout.height)}
        style={{ position: 'absolute', overflow: 'visible', pointerEvents: 'all' }}
        onClick={onClick}
      >
        {[...paths].map(([state, path]) => (
          <path key={state} d={path} fill={stateColors[state]} />
        ))}
        {chosen && (
          <path d={chosen} fill="none" stroke="var(--selected)" strokeWidth={3} vectorEffect="non-scaling-stroke" />
        )}
      </svg>
    </ViewportPortal>
  );
}
