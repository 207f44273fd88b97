import { type PointerEvent, useRef } from 'react';
import css from './shell.module.css';

export interface SplitterProps {
  readonly label: string;
  /** The edge of its pane that it moves. */
  readonly edge: 'left' | 'top';
  /** Pixels. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly onChange: (pixels: number) => void;
}

/** Pixels that an arrow key moves it. */
const keyStep = 24;

/** The edge of a pane, to be dragged or moved with arrow keys. */
export function Splitter({ label, edge, value, min, max, onChange }: SplitterProps) {
  const start = useRef<{ readonly at: number; readonly value: number } | null>(null);
  const along = (event: PointerEvent) => (edge === 'left' ? event.clientX : event.clientY);
  const set = (pixels: number) => onChange(Math.round(Math.min(max, Math.max(min, pixels))));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved; this is the window splitter pattern
    <div
      className={css.splitter}
      data-edge={edge}
      role="separator"
      aria-label={label}
      aria-orientation={edge === 'left' ? 'vertical' : 'horizontal'}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { at: along(event), value };
      }}
      onPointerMove={(event) => start.current && set(start.current.value + start.current.at - along(event))}
      onPointerUp={() => {
        start.current = null;
      }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') set(value + keyStep);
        else if (event.key === 'ArrowRight' || event.key === 'ArrowDown') set(value - keyStep);
        else return;
        event.preventDefault();
      }}
    />
  );
}
