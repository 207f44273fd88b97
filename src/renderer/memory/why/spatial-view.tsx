import { useEffect, useRef } from 'react';
import { type FrameLabel, titleFrame } from '../line/line.ts';
import { FramePicture } from '../parts/frame-picture.tsx';
import { peakPlace, type SpatialMap } from './attention-map.ts';
import css from './spatial-view.module.css';

export interface SpatialViewProps {
  readonly label: FrameLabel;
  readonly map: SpatialMap | null;
  /** Draw where the prompt looked over the picture. */
  readonly overlay: boolean;
}

/** Darkness over what was not looked at, 0..255. */
const shadow = 185;
/** Shares of the peak between which the shadow lifts. */
const lifts = { from: 0.3, to: 0.85 };

/** The recalled frame, lit where the prompt looked and dark elsewhere: its colours stay true where it matters. */
export function SpatialView({ label, map, overlay }: SpatialViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current && map) drawSpotlight(canvas.current, map);
  }, [map]);
  const text = map
    ? `The prompt looked most at its ${peakPlace(map)}.`
    : 'Where the prompt looked in it was not recorded.';
  return (
    <div className={css.view} role="img" aria-label={`${titleFrame(label)}, ${label.timeCode}. ${text}`}>
      <FramePicture label={label} />
      {map && <canvas ref={canvas} className={css.overlay} style={{ opacity: overlay ? 1 : 0 }} />}
    </div>
  );
}

/** One pixel a token; the style sheet stretches it smoothly. Cells are stretched over the frame's own range. */
function drawSpotlight(canvas: HTMLCanvasElement, { rows, columns, values }: SpatialMap): void {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  if (!context) return;
  const image = context.createImageData(columns, rows);
  const least = Math.min(...values);
  const range = Math.max(1e-6, 1 - least);
  for (const [i, value] of values.entries()) {
    const place = ((value - least) / range - lifts.from) / (lifts.to - lifts.from);
    const lit = Math.min(1, Math.max(0, place));
    const smooth = lit * lit * (3 - 2 * lit);
    image.data.set([4, 10, 12, Math.round(shadow * (1 - smooth))], 4 * i);
  }
  context.putImageData(image, 0, 0);
}
