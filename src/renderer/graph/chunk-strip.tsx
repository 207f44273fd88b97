import { memo } from 'react';
import type { ShotId } from '../../shared/project/document.ts';
import type { ChunkStatus, ShotStatus } from '../../shared/project/status.ts';
import { goToChunk } from '../actions/shots.ts';
import { thumbUrl, useSelection, useStudio } from '../state/index.ts';
import { cx, FirstFrame } from '../ui/index.ts';
import css from './shot-node.module.css';
import { phaseFraction, statusWords } from './status-words.ts';

export interface ChunkStripProps {
  readonly shotId: ShotId;
  readonly status: ShotStatus;
}

/** A shot's chunks as pictures, one a chunk, each to be selected. */
export const ChunkStrip = memo(function ChunkStrip({ shotId, status }: ChunkStripProps) {
  const chosen = useSelection(({ chunk }) => (chunk?.shotId === shotId ? chunk.indexInShot : -1));
  return (
    <div className={css.strip}>
      {status.chunks.map((chunk, i) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a chunk is its place in the shot
          key={i}
          type="button"
          tabIndex={-1}
          className={cx(css.chunk, i === chosen && css.chosen)}
          data-state={chunk.state}
          aria-label={`Chunk ${i + 1} of ${status.chunks.length}, ${chunk.state}`}
          aria-pressed={i === chosen}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return;
            goToChunk(shotId, i);
          }}
        >
          {chunk.state === 'generating' ? <Making chunk={chunk} status={status} /> : <Picture chunk={chunk} />}
        </button>
      ))}
    </div>
  );
});

function Picture({ chunk }: { readonly chunk: ChunkStatus }) {
  if (chunk.shown === null) return null;
  return <img src={thumbUrl(chunk.shown)} alt="" loading="lazy" decoding="async" draggable={false} />;
}

/** The chunk being made: its picture as it comes out of the noise, and how far it is. */
function Making({ chunk, status }: { readonly chunk: ChunkStatus; readonly status: ShotStatus }) {
  const preview = useStudio((state) => (chunk.key === null ? undefined : state.previews.get(chunk.key)));
  const video = useStudio((state) => state.model?.video);
  const phase = status.job?.now?.phase;
  const percent = phase ? Math.round(phaseFraction(phase) * 100) : 0;
  return (
    <>
      {preview && video && <FirstFrame src={preview.image} aspect={video.width / video.height} alt="" />}
      <span
        className={css.progress}
        role="progressbar"
        aria-label={statusWords(status)}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <i style={{ width: `${percent}%` }} />
      </span>
    </>
  );
}
