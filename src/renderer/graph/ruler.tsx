import { useStore, useViewport } from '@xyflow/react';
import type { PointerEvent } from 'react';
import { setPlayhead, useSelection } from '../state/index.ts';
import css from './graph.module.css';
import { chunkWidth, frameOfX, type TimeScale, tickLabel, tickStep, xOfFrame } from './scale.ts';

/** Screen pixels between labels, at least. */
const minTickPixels = 76;

/** Story time along the top; pressing on it moves the playhead. */
export function Ruler({ scale }: { readonly scale: TimeScale }) {
  const { x, zoom } = useViewport();
  const width = useStore((state) => state.width);
  const playhead = useSelection((state) => state.playheadFrame);
  const pixelsPerSec = (chunkWidth * zoom * scale.fps) / (scale.chunkFrames * 4);
  const step = tickStep(pixelsPerSec, minTickPixels);
  const firstSec = Math.max(0, Math.floor(frameOfX(-x / zoom, scale) / scale.fps / step) * step);
  const ticks: number[] = [];
  for (let sec = firstSec; ticks.length < 200; sec += step) {
    if (screenX(sec * scale.fps) > width) break;
    ticks.push(sec);
  }
  function screenX(frame: number): number {
    return xOfFrame(frame, scale) * zoom + x;
  }
  const scrub = (event: PointerEvent<HTMLElement>) => {
    if (event.type === 'pointermove' && !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const left = event.currentTarget.getBoundingClientRect().left;
    setPlayhead(frameOfX((event.clientX - left - x) / zoom, scale));
  };
  const head = screenX(playhead);
  return (
    <>
      <div className={css.ruler} onPointerDown={scrub} onPointerMove={scrub} aria-hidden="true">
        {ticks.map((sec) => (
          <span key={sec} className={css.tick} style={{ transform: `translateX(${screenX(sec * scale.fps)}px)` }}>
            {tickLabel(sec)}
          </span>
        ))}
        <i className={css.playheadKnob} style={{ transform: `translateX(${head}px)` }} />
      </div>
      <i className={css.playhead} style={{ transform: `translateX(${head}px)` }} />
    </>
  );
}
