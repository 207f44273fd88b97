import { useReactFlow, useStoreApi } from '@xyflow/react';
import { Plus } from 'lucide-react';
import { type PointerEvent, useState } from 'react';
import type { ShotId } from '../../shared/project/document.ts';
import type { PlacedShot } from '../../shared/project/layout.ts';
import { subtreeOf } from '../../shared/project/tree.ts';
import { insertShot, reconnectShot } from '../actions/shots.ts';
import { useStory } from '../state/index.ts';
import { cx } from '../ui/index.ts';
import { shotEndAt } from './drop.ts';
import { lineOffset, shotInset } from './scale.ts';
import css from './shot-handles.module.css';

/** Flow pixels that a press may stray and still be one. */
const stray = 6;

interface Carried {
  readonly startX: number;
  readonly startY: number;
  /** Flow pixels from where it began. */
  readonly dx: number;
  readonly dy: number;
}

export interface EdgeHandleProps {
  readonly shotId: ShotId;
  readonly parent: ShotId;
}

/**
 * The handle on the line that leads to a shot: a press inserts a shot there; a drag to the end of another shot lets this
 * one, with all that follows, go on from there.
 */
export function EdgeHandle({ shotId, parent }: EdgeHandleProps) {
  const { getZoom, screenToFlowPosition } = useReactFlow();
  const [carried, setCarried] = useState<Carried | null>(null);
  const far = carried !== null && Math.hypot(carried.dx, carried.dy) > stray;
  const flow = useStoreApi();
  const placed = (): Place[] =>
    flow.getState().nodes.map(({ id, position, width = 0 }) => ({ id, width, x: position.x, y: position.y }));
  const own = far ? placed().find(({ id }) => id === shotId) : undefined;
  const targetAt = (event: PointerEvent): Place | null => {
    const { document } = useStory.getState();
    if (!document) return null;
    const { x, y } = screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const out = new Set([parent, ...subtreeOf(document, [shotId])]);
    const others = placed().filter(({ id }) => !out.has(id));
    return shotEndAt(x, y, others);
  };
  const [target, setTarget] = useState<Place | null>(null);
  const end = () => {
    setCarried(null);
    setTarget(null);
  };
  return (
    <>
      <button
        type="button"
        tabIndex={-1}
        className={cx(css.insert, far && css.carried, 'nodrag', 'nopan')}
        aria-label="Insert a shot here"
        data-menu="edge"
        data-of={shotId}
        title="Insert a shot here, or drag this to the shot that shall come before"
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.stopPropagation();
          event.currentTarget.setPointerCapture(event.pointerId);
          setCarried({ startX: event.clientX, startY: event.clientY, dx: 0, dy: 0 });
        }}
        onPointerMove={(event) => {
          if (!carried) return;
          const zoom = getZoom();
          const [dx, dy] = [(event.clientX - carried.startX) / zoom, (event.clientY - carried.startY) / zoom];
          setCarried({ ...carried, dx, dy });
          setTarget(targetAt(event));
        }}
        onPointerUp={() => {
          if (far && target) reconnectShot(shotId, target.id);
        }}
        onPointerCancel={end}
        onClick={(event) => {
          event.stopPropagation(); // a click on the shot would select it too
          if (!far) insertShot(shotId);
          end();
        }}
      >
        <Plus size={12} />
      </button>
      {far && carried && own && <Ghost carried={carried} own={own} target={target} />}
    </>
  );
}

type Place = Pick<PlacedShot, 'id' | 'x' | 'y' | 'width'>;

interface GhostProps {
  readonly carried: Carried;
  readonly own: Place;
  readonly target: Place | null;
}

/** The line as it would be: from the end of the shot under the pointer, or from the pointer. */
function Ghost({ carried, own, target }: GhostProps) {
  const x = target ? target.x + target.width - own.x - 2 * shotInset : carried.dx - shotInset;
  const y = target ? target.y - own.y : carried.dy;
  return (
    <svg className={css.ghost} style={{ left: 0, top: lineOffset }} width={1} height={1} aria-hidden="true">
      <path d={`M${x},${y} L0,0`} />
      {target && <circle cx={x} cy={y} r={6} />}
    </svg>
  );
}
