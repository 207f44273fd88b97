import { Handle, type NodeProps, Position, useStore } from '@xyflow/react';
import { Plus } from 'lucide-react';
import { memo } from 'react';
import type { ShotStatus } from '../../shared/project/status.ts';
import { shotTitle } from '../../shared/project/tree.ts';
import { addShot } from '../actions/shots.ts';
import { thumbUrl, useStory } from '../state/index.ts';
import { cx } from '../ui/index.ts';
import { BeginningMark } from './beginning-mark.tsx';
import { BranchHandles } from './branch-handles.tsx';
import { CardTitle } from './card-title.tsx';
import { ChunkStrip } from './chunk-strip.tsx';
import { EdgeHandle } from './edge-handle.tsx';
import farCss from './far-shot.module.css';
import { LengthGrip } from './length-grip.tsx';
import { cardLevel } from './scale.ts';
import handles from './shot-handles.module.css';
import css from './shot-node.module.css';
import { statusWords } from './status-words.ts';
import { TrimMarks } from './trim-marks.tsx';
import type { ShotFlowNode } from './use-flow.ts';

/** One shot in the graph: its prompt, its chunks, its state; from afar what of that can still be seen. */
export const ShotNode = memo(function ShotNode({ id, data, selected }: NodeProps<ShotFlowNode>) {
  const shot = useStory((state) => state.byId.get(id));
  const status = useStory((state) => state.statuses.get(id));
  const isLeaf = useStory((state) => !state.children.get(id)?.length);
  const level = useStore((state) => cardLevel(state.transform[2]));
  if (!shot || !status) return null;
  const far = level === 'picture' || level === 'block';
  const look = far ? farCss : css;
  const names = cx(far ? farCss.far : css.shot, selected && look.selected, !data.inCut && look.aside);
  const told = shot.name.trim() || shot.prompt.trim();
  const title = `${data.number} · ${told || 'no prompt yet'} (${statusWords(status)})`;
  if (far) {
    return (
      <>
        <PlainEnds />
        <div className={names} data-state={status.state} data-shot={id} data-level={level} title={title}>
          {level === 'picture' && <FarPictures status={status} />}
          {level === 'picture' && <b className={farCss.farNumber}>{data.number}</b>}
        </div>
      </>
    );
  }
  return (
    <>
      <Ends />
      <div className={names} data-state={status.state} data-shot={id} data-level={level}>
        <div className={css.head} title={title}>
          <b className={css.number}>{data.number}</b>
          <CardTitle shot={shot} />
        </div>
        <ChunkStrip shotId={id} status={status} />
        <TrimMarks shot={shot} />
        {level === 'whole' && (
          <div className={css.foot}>
            <i className={css.dot} data-state={status.state} />
            <span className={css.state} title={statusWords(status)}>
              {statusWords(status)}
            </span>
            {shot.chunks > 1 && shot.parent !== null && <BeginningMark shotId={id} />}
            {shot.chunks > 2 && status.state !== 'generating' && <span className="numbers">seed {shot.seed}</span>}
          </div>
        )}
        <BranchHandles shotId={id} chunks={shot.chunks} />
        <LengthGrip shot={shot} />
        {shot.parent !== null && <EdgeHandle shotId={id} parent={shot.parent} />}
        {isLeaf && (
          <button
            type="button"
            tabIndex={-1}
            className={cx(handles.add, 'nodrag')}
            aria-label={`Add a shot after ${shotTitle(shot)}`}
            title="Add a shot (N)"
            onClick={(event) => {
              event.stopPropagation();
              addShot(id);
            }}
          >
            <Plus size={14} />
          </button>
        )}
      </div>
    </>
  );
});

/** A picture is about as wide as this many chunks are in the graph. */
const chunksPerPicture = 2;

/** As many pictures as fit whole. */
function FarPictures({ status: { chunks } }: { readonly status: ShotStatus }) {
  const count = Math.max(1, Math.floor(chunks.length / chunksPerPicture));
  const keys = Array.from({ length: count }, (_, i) => chunks[Math.floor(((i + 0.5) * chunks.length) / count)]?.shown);
  return keys.map((key, i) => {
    const place = `${i} ${key}`; // two chunks of one shot may show the same picture
    return (
      key && (
        <img key={place} className={farCss.farPicture} src={thumbUrl(key)} alt="" loading="lazy" draggable={false} />
      )
    );
  });
}

/** Where lines end. React Flow measures them in the page. */
function Ends() {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
}

/**
 * The same for a shot seen from afar, as plain elements: React Flow finds them by these names, and hundreds of its own
 * handles would each follow every move of the view.
 */
function PlainEnds() {
  return (
    <>
      <i className="react-flow__handle react-flow__handle-left target" data-handlepos="left" />
      <i className="react-flow__handle react-flow__handle-right source" data-handlepos="right" />
    </>
  );
}
