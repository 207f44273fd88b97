import { useReactFlow } from '@xyflow/react';
import { GitBranch } from 'lucide-react';
import { memo, type PointerEvent, useState } from 'react';
import type { ShotId } from '../../shared/project/document.ts';
import { branchAt } from '../actions/shots.ts';
import { cx } from '../ui/index.ts';
import { chunkWidth, laneHeight, shotHeight, shotInset } from './scale.ts';
import css from './shot-handles.module.css';

interface Drag {
  readonly at: number;
  readonly startX: number;
  readonly startY: number;
  /** Flow pixels from where it began. */
  readonly dx: number;
  readonly dy: number;
}

/** Handles at the chunk boundaries of a shot: a click, or a drag to where the branch shall lie, branches there. */
export const BranchHandles = memo(function BranchHandles({
  shotId,
  chunks,
}: {
  readonly shotId: ShotId;
  readonly chunks: number;
}) {
  const { getZoom } = useReactFlow();
  const [drag, setDrag] = useState<Drag | null>(null);
  const move = (event: PointerEvent) => {
    if (!drag) return;
    const zoom = getZoom();
    setDrag({ ...drag, dx: (event.clientX - drag.startX) / zoom, dy: (event.clientY - drag.startY) / zoom });
  };
  return (
    <>
      {Array.from({ length: chunks }, (_, i) => i + 1).map((at) => (
        <button
          key={at}
          type="button"
          tabIndex={-1}
          className={cx(css.boundary, 'nodrag', 'nopan')}
          style={{ left: boundaryX(at, chunks) }}
          aria-label={`Branch after chunk ${at}`}
          title="Branch here (B)"
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.stopPropagation();
            event.currentTarget.setPointerCapture(event.pointerId);
            setDrag({ at, startX: event.clientX, startY: event.clientY, dx: 0, dy: 0 });
          }}
          onPointerMove={move}
          onPointerUp={() => setDrag(null)}
          onPointerCancel={() => setDrag(null)}
          onClick={(event) => {
            event.stopPropagation(); // a click on the shot would select it beside the branch
            branchAt(shotId, at);
          }}
        >
          <GitBranch size={11} />
        </button>
      ))}
      {drag && Math.hypot(drag.dx, drag.dy) > 6 && <Ghost drag={drag} left={boundaryX(drag.at, chunks)} />}
    </>
  );
});

/** Inside the node, which is inset at both ends. */
function boundaryX(at: number, chunks: number): number {
  return at === chunks ? chunks * chunkWidth - 2 * shotInset - 14 : at * chunkWidth - shotInset;
}

function Ghost({ drag, left }: { readonly drag: Drag; readonly left: number }) {
  const y = Math.max(40, drag.dy);
  return (
    <svg className={css.ghost} style={{ left, top: shotHeight - 32 }} width={1} height={1} aria-hidden="true">
      <path d={`M0,0 C0,${y * 0.8} ${drag.dx},${y * 0.4} ${drag.dx},${y}`} />
      <foreignObject x={drag.dx - 50} y={y} width={laneHeight} height={30}>
        <span className={css.ghostLabel}>branch after chunk {drag.at}</span>
      </foreignObject>
    </svg>
  );
}
