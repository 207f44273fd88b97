import { memo } from 'react';
import type { ShotId } from '../../shared/project/document.ts';
import { type ChunkStatus, makingOf, type ShotStatus } from '../../shared/project/status.ts';
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
        <Chunk
          // biome-ignore lint/suspicious/noArrayIndexKey: a chunk is its place in the shot
          key={i}
          shotId={shotId}
          index={i}
          of={status.chunks.length}
          chunk={chunk}
          chosen={i === chosen}
          making={chunk.state === 'generating' ? status : null}
        />
      ))}
    </div>
  );
});

interface ChunkProps {
  readonly shotId: ShotId;
  readonly index: number;
  readonly of: number;
  readonly chunk: ChunkStatus;
  readonly chosen: boolean;
  /** The shot's status while this chunk is being made. */
  readonly making: ShotStatus | null;
}

const Chunk = memo(function Chunk({ shotId, index, of, chunk, chosen, making }: ChunkProps) {
  return (
    <button
      type="button"
      tabIndex={-1}
      className={cx(css.chunk, chosen && css.chosen)}
      data-state={chunk.state}
      data-menu="chunk"
      data-of={shotId}
      data-chunk={index}
      aria-label={`Chunk ${index + 1} of ${of}, ${chunk.state}`}
      aria-pressed={chosen}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        goToChunk(shotId, index);
      }}
    >
      {making ? <Making chunk={chunk} status={making} /> : <Picture chunk={chunk} />}
    </button>
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
  const phase = chunk.key === null ? undefined : makingOf(status.job, chunk.key)?.phase;
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
