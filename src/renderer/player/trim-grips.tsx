import { type PointerEvent, useRef } from 'react';
import type { LineShot } from '../memory/line/line.ts';
import { newGesture } from '../state/index.ts';
import css from './shot-strip.module.css';
import { type TrimEdge, trimTo } from './trim.ts';

interface TrimGripsProps {
  readonly shot: LineShot;
  /** Pixels a frame. */
  readonly scale: number;
}

/** The ends of a shot on the strip: dragging one trims the shot frame by frame, as one step to undo. */
export function TrimGrips({ shot, scale }: TrimGripsProps) {
  return (
    <>
      <Grip shot={shot} scale={scale} edge="head" />
      <Grip shot={shot} scale={scale} edge="tail" />
    </>
  );
}

interface Drag {
  readonly x: number;
  /** Frames off at this end when it began. */
  readonly off: number;
  /** Of the strip when it began: it changes as the film gets shorter. */
  readonly scale: number;
  readonly gesture: string;
}

function Grip({ shot, scale, edge }: TrimGripsProps & { readonly edge: TrimEdge }) {
  const drag = useRef<Drag | null>(null);
  const off = shot.part[edge];
  const move = (event: PointerEvent) => {
    event.stopPropagation();
    if (!drag.current) return;
    const { x, off: before, scale: pixels, gesture } = drag.current;
    const moved = Math.round((event.clientX - x) / pixels);
    trimTo(shot, edge, before + (edge === 'head' ? moved : -moved), gesture);
  };
  const end = () => {
    drag.current = null;
  };
  return (
    <span
      className={css.grip}
      data-edge={edge}
      data-trimmed={off > 0 || undefined}
      title={`${words(edge, off)} Drag to trim (${edge === 'head' ? 'Q' : 'W'}).`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { x: event.clientX, off, scale, gesture: newGesture('trim') };
      }}
      onPointerMove={move}
      onPointerUp={end}
      onLostPointerCapture={end}
    />
  );
}

function words(edge: TrimEdge, off: number): string {
  if (off === 0) return '';
  return `${off} ${off === 1 ? 'frame is' : 'frames are'} trimmed off the ${edge === 'head' ? 'beginning' : 'end'}.`;
}
