import { type KeyboardEvent, type RefObject, useEffectEvent, useLayoutEffect, useState } from 'react';
import { selectChunk, setPlayhead } from '../../state/index.ts';
import { type CutLine, chunkSpan } from '../line/line.ts';
import type { FlowRow } from './frame-lives.ts';

/** A piece of a frame's life that the keyboard stands on. */
export interface FlowCursor {
  /** Among the rows shown. */
  readonly row: number;
  /** In the cut. */
  readonly chunk: number;
}

/** Goes to a chunk: selected, with the playhead at its beginning. */
export function goToChunk(line: CutLine, chunkIndex: number): void {
  const chunk = line.chunks[chunkIndex];
  if (!chunk) return;
  setPlayhead(chunkSpan(line, chunkIndex).first);
  selectChunk({ shotId: chunk.shotId, indexInShot: chunk.indexInShot });
}

interface Options {
  readonly rows: readonly FlowRow[];
  readonly line: CutLine;
  readonly start: number;
  /** Shows the exact values of a piece. */
  readonly onMove: (cursor: FlowCursor, element: Element) => void;
  readonly view: RefObject<Element | null>;
}

/** Arrow keys over the bank flow: up and down its rows, left and right its chunks; Enter goes there. */
export function useFlowCursor({ rows, line, start, onMove, view }: Options) {
  const [cursor, setCursor] = useState<FlowCursor | null>(null);
  const show = useEffectEvent(onMove);
  const move = (next: FlowCursor) => setCursor(next);
  // The piece is drawn before it can be measured.
  useLayoutEffect(() => {
    const element = cursor && view.current?.querySelector(`[data-cell="${cursor.row}/${cursor.chunk}"]`);
    if (element) show(cursor, element);
  }, [cursor, view]);
  const first = (): FlowCursor => ({ row: 0, chunk: start });
  const onKeyDown = (event: KeyboardEvent) => {
    const { row, chunk } = cursor ?? first();
    const target: Record<string, FlowCursor> = {
      ArrowUp: { row: Math.max(0, row - 1), chunk },
      ArrowDown: { row: Math.min(rows.length - 1, row + 1), chunk },
      ArrowLeft: { row, chunk: Math.max(0, chunk - 1) },
      ArrowRight: { row, chunk: Math.min(line.chunks.length - 1, chunk + 1) },
    };
    const next = target[event.key];
    if (next) move(next);
    else if (event.key === 'Enter') goToChunk(line, chunk);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { cursor, onKeyDown, begin: () => move(first()), end: () => setCursor(null) };
}
