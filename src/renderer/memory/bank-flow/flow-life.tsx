import { cx } from '../../ui/index.ts';
import { type CutLine, chunkSpan, type FrameLabel } from '../line/line.ts';
import { heatColour } from '../parts/heat-colour.ts';
import css from './bank-flow.module.css';
import type { FlowRow, FlowState } from './frame-lives.ts';

/** Pixels kept for pictures and names, left of the chart. */
export const flowGutter = 96;
export const flowRowHeight = 20;

export interface FlowLifeProps {
  readonly row: FlowRow;
  /** Its place among the rows shown. */
  readonly index: number;
  readonly label: FrameLabel;
  readonly line: CutLine;
  /** Pixels a pixel frame of the film. */
  readonly scale: number;
  readonly y: number;
  readonly selected: boolean;
  /** The chunk the keyboard stands on, in this row. */
  readonly cursorChunk: number | null;
}

/** Letters of a pinned frame's name that fit. */
const nameLetters = 10;

/** One frame's life as a row of the chart. */
export function FlowLife({ row, index, label, line, scale, y, selected, cursorChunk }: FlowLifeProps) {
  const middle = y + flowRowHeight / 2;
  const place = (chunk: number) => {
    const span = chunkSpan(line, chunk);
    return { x: flowGutter + span.first * scale, width: Math.max(1, span.count * scale - 0.5) };
  };
  const entered = place(row.enteredChunk);
  const end = row.evictedChunk === null ? null : place(row.evictedChunk);
  const name = row.pinned ?? `${(label.chunk?.shotIndex ?? 0) + 1} · ${label.timeCode}`;
  return (
    <g className={cx(css.life, selected && css.selected)} data-menu="frame" data-frame={row.frame}>
      {label.picture && (
        <image href={label.picture} x={0} y={y + 2} width={27} height={16} preserveAspectRatio="xMidYMid slice" />
      )}
      <text x={32} y={middle} dy="0.34em">
        {name.length > nameLetters ? `${name.slice(0, nameLetters - 1)}…` : name}
      </text>
      <rect className={css.entered} x={entered.x} y={middle - 4} width={Math.min(3, entered.width)} height={8} rx={1} />
      {row.states.map((state, i) => {
        const chunk = row.enteredChunk + 1 + i;
        const box = boxOf(state);
        return (
          box && (
            <rect
              key={chunk}
              className={css[state.state]}
              {...place(chunk)}
              y={middle - box.height / 2}
              height={box.height}
              style={box.fill === null ? undefined : { fill: box.fill }}
            />
          )
        );
      })}
      {cursorChunk !== null && (
        <rect
          className={css.cursor}
          data-cell={`${index}/${cursorChunk}`}
          {...place(cursorChunk)}
          y={y + 1}
          height={flowRowHeight - 2}
        />
      )}
      {end && (
        <text className={css.end} x={end.x + end.width} y={middle} dy="0.36em">
          ×
        </text>
      )}
    </g>
  );
}

/** Height and colour of a chunk's piece of a life; null draws nothing. */
function boxOf(state: FlowState): { readonly height: number; readonly fill: string | null } | null {
  switch (state.state) {
    case 'bank':
      return { height: 6 + 9 * state.fraction, fill: heatColour(0.35 + 0.65 * state.fraction) };
    case 'window':
    case 'sink':
      return { height: 6, fill: null };
    case 'waiting':
      return { height: 2, fill: null };
    case 'banned':
    case 'gone':
    case 'unknown':
      return null;
  }
}
