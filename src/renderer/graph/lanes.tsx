import { useViewport } from '@xyflow/react';
import type { GraphLayout } from '../../shared/project/layout.ts';
import { setActiveCut, useSelection } from '../state/index.ts';
import { openDialog } from '../state/view.ts';
import { cx } from '../ui/index.ts';
import css from './graph.module.css';
import { laneHeight, shotHeight } from './scale.ts';

/** From this zoom down lanes lie too close together for their names. */
const namesZoom = 0.28;
/** Pixels that a name needs above its lane's shots. */
const nameHeight = 18;

/** The cuts' names, each above its lane and always in sight; pressing one makes that cut the active one. */
export function Lanes({ layout }: { readonly layout: GraphLayout }) {
  const { x, y, zoom } = useViewport();
  const leaf = useSelection((state) => state.leaf);
  if (zoom < namesZoom) return null;
  const startOf = new Map<number, number>();
  for (const node of layout.nodes) startOf.set(node.y, Math.min(startOf.get(node.y) ?? Infinity, node.x));
  return (
    <div className={css.lanes}>
      {layout.lanes.map((lane) => {
        const left = Math.max(10, (startOf.get(lane.y) ?? 0) * zoom + x + 5 * zoom);
        const top = Math.min((lane.y - (laneHeight - shotHeight) / 2) * zoom, lane.y * zoom - nameHeight) + y;
        return (
          <button
            key={lane.leaf}
            type="button"
            data-menu="cut"
            data-leaf={lane.leaf}
            tabIndex={-1}
            className={cx(css.lane, lane.leaf === leaf && css.activeLane)}
            style={{ transform: `translate(${left}px, ${top}px)` }}
            title="Show this cut; double click to name it"
            onClick={() => setActiveCut(lane.leaf)}
            onDoubleClick={() => openDialog({ kind: 'name-cut', leaf: lane.leaf })}
          >
            {lane.name}
          </button>
        );
      })}
    </div>
  );
}
