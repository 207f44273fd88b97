import type { CSSProperties, RefObject } from 'react';
import { keptResult } from '../../shared/labels.ts';
import { timeCode } from '../../shared/timing.ts';
import type { CutLine, LineChunk } from '../memory/index.ts';
import { type ChunkAvailability, chunkAtPixelFrame, isAwaited } from '../memory/line/line.ts';
import { useLivePreview, useSelection } from '../state/index.ts';
import { FirstFrame } from '../ui/index.ts';
import { Guides } from './guides/guides.tsx';
import css from './picture.module.css';
import { usePresentation } from './present/presentation.ts';
import { usePlayer } from './transport.ts';

export interface PictureProps {
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly line: CutLine;
  /** Width by height. */
  readonly aspect: number;
}

/** The film's picture; a card where nothing is made yet. */
export function Picture({ canvas, line, aspect }: PictureProps) {
  const frame = useSelection((state) => state.playheadFrame);
  const waiting = usePlayer((state) => state.waiting);
  const unreadable = usePlayer((state) => state.unreadable);
  const chunk = chunkAtPixelFrame(line, frame);
  const presenting = usePlayer((state) => state.presenting);
  const black = usePresentation((state) => state.black) && presenting;
  const missing = chunk?.key === null;
  return (
    <div className={css.monitor} style={{ '--aspect': aspect } as CSSProperties}>
      <div className={css.frame}>
        <canvas
          ref={canvas}
          className={css.canvas}
          role="img"
          aria-label={
            chunk ? `Frame at ${timeCode(frame / line.fps)}, shot ${chunk.shotIndex + 1}: ${chunk.prompt}` : 'No frame'
          }
        />
        <Guides aspect={aspect} presenting={presenting} />
        {(missing || unreadable) && chunk && <Card chunk={chunk} unreadable={unreadable} aspect={aspect} />}
        {!presenting && !missing && chunk && chunk.availability !== 'fresh' && (
          <span className={css.badge} data-kind={chunk.availability}>
            {chunk.availability === 'held' ? keptResult : 'stale'}
          </span>
        )}
        {black && <div className={css.black} role="img" aria-label="Black: the end of the cut" />}
        <div role="status">{waiting && <span className={css.waiting}>{waitingText(line, frame)}</span>}</div>
      </div>
    </div>
  );
}

/** Says why the film stands although it runs. */
function waitingText(line: CutLine, frame: number): string {
  const here = chunkAtPixelFrame(line, frame);
  const next = here && (line.chunks[here.chunkIndex + 1] ?? here);
  return (next && isAwaited(next.availability)) || (here && isAwaited(here.availability))
    ? 'Waiting for the next chunk to be made'
    : 'Reading pictures';
}

interface CardProps {
  readonly chunk: LineChunk;
  readonly unreadable: boolean;
  readonly aspect: number;
}

const notYet: Partial<Record<ChunkAvailability, string>> = { coming: 'Being made', queued: 'Waiting to be made' };

/** What stands in for a chunk without pictures: as much of it as has come out of the noise, else its words. */
function Card({ chunk, unreadable, aspect }: CardProps) {
  const preview = useLivePreview(chunk);
  if (preview && !unreadable) {
    return (
      <>
        <FirstFrame src={preview.image} aspect={aspect} alt={`Being made: ${chunk.prompt}`} />
        <span className={css.badge} data-kind="coming">
          being made
        </span>
      </>
    );
  }
  return (
    <div className={css.card}>
      <p className={css.state}>
        {unreadable ? 'Its pictures could not be read' : (notYet[chunk.availability] ?? 'Not generated yet')}
      </p>
      <p className={css.prompt}>{chunk.prompt || 'This shot has no prompt yet.'}</p>
      <p className={css.place}>
        Shot {chunk.shotIndex + 1}, chunk {chunk.indexInShot + 1} of {chunk.chunksInShot}
      </p>
    </div>
  );
}
