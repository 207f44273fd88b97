import { useReactFlow, useStore } from '@xyflow/react';
import { Maximize, Minus, Plus, SquarePlus } from 'lucide-react';
import { addShot } from '../actions/shots.ts';
import { IconButton } from '../ui/index.ts';
import css from './graph.module.css';

/** What a new shot dragged into the graph is known by. */
export const newShotType = 'application/x-throughline-new-shot';

/** From afar a whole number says too little. */
function percentOf(zoom: number): number {
  return zoom < 0.05 ? Math.round(zoom * 1000) / 10 : Math.round(zoom * 100);
}

/** A new shot (a press adds it after the selected one, a drag puts it into any place), zoom and fit. */
export function GraphTools({ onFit }: { readonly onFit: () => void }) {
  const { zoomIn, zoomOut, zoomTo } = useReactFlow();
  const percent = useStore((state) => percentOf(state.transform[2]));
  return (
    <div className={css.tools} role="toolbar" aria-label="Graph">
      <IconButton
        small
        label="Add a shot, or drag this to its place"
        keys="N"
        draggable
        onDragStart={(event) => {
          event.dataTransfer.setData(newShotType, '');
          event.dataTransfer.effectAllowed = 'copy';
        }}
        onClick={() => addShot()}
      >
        <SquarePlus size={15} />
      </IconButton>
      <IconButton small label="Zoom out" keys="-" onClick={() => zoomOut()}>
        <Minus size={15} />
      </IconButton>
      <button
        type="button"
        className={css.zoom}
        style={{ border: 0, background: 'none' }}
        onClick={() => zoomTo(1)}
        aria-label={`Zoom ${percent} per cent; back to 100`}
      >
        {percent} %
      </button>
      <IconButton small label="Zoom in" keys="+" onClick={() => zoomIn()}>
        <Plus size={15} />
      </IconButton>
      <IconButton small label="Fit the whole story" keys="Home" onClick={onFit}>
        <Maximize size={14} />
      </IconButton>
    </div>
  );
}
