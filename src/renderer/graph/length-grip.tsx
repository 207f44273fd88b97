import { useReactFlow } from '@xyflow/react';
import { type PointerEvent, useRef } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { dispatch, newGesture } from '../state/index.ts';
import { cx } from '../ui/index.ts';
import { chunkWidth } from './scale.ts';
import css from './shot-handles.module.css';

/** Most chunks a shot may have; the contract says the same. */
const maxChunks = 1000;

/** The right edge of a shot: dragging it changes the length, chunk by chunk, as one step to undo. */
export function LengthGrip({ shot }: { readonly shot: ProjectShot }) {
  const { getZoom } = useReactFlow();
  const drag = useRef<{ readonly x: number; readonly chunks: number; readonly gesture: string } | null>(null);
  const move = (event: PointerEvent) => {
    if (!drag.current) return;
    const { x, chunks: before, gesture } = drag.current;
    const moved = Math.round((event.clientX - x) / (getZoom() * chunkWidth));
    const chunks = Math.min(maxChunks, Math.max(1, before + moved));
    if (chunks !== shot.chunks) dispatch({ type: 'edit-shot', id: shot.id, patch: { chunks } }, gesture);
  };
  return (
    <div
      className={cx(css.grip, 'nodrag', 'nopan')}
      title="Drag to change the length"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, chunks: shot.chunks, gesture: newGesture('length') };
      }}
      onPointerMove={move}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerCancel={() => {
        drag.current = null;
      }}
    />
  );
}
