import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import type { FrameLabel } from '../line/line.ts';
import { heatColour } from '../parts/heat-colour.ts';
import { useTip } from '../parts/tip.tsx';
import { useSize } from '../parts/use-size.ts';
import { shade } from '../parts/value-scale.ts';
import css from './heat-grid.module.css';
import type { Matrix } from './matrices.ts';

export interface HeatGridProps {
  readonly matrix: Matrix;
  /** One a column. */
  readonly labels: readonly FrameLabel[];
  /** The view in a sentence, for those who cannot see it. */
  readonly summary: string;
  readonly rowName: (row: number) => string;
  /** Exact values of one cell. */
  readonly explain: (row: number, column: number) => ReactNode;
  /** Outline the cells that were kept. */
  readonly outlineKept: boolean;
  readonly selectedFrame: number | null;
  readonly onSelectFrame: (frame: number) => void;
  /** A click on a row's name. */
  readonly onRow?: (row: number) => void;
}

const gutter = 52;
const gap = 1;
/** Widest a column gets; more would read as a bar chart. */
const widestColumn = 44;
/** From this width on a column has its frame's picture above it. */
const pictureWidth = 22;
/** Height of a row by how many there are. */
function heightOfRow(rows: number): number {
  return rows <= 10 ? 16 : rows <= 40 ? 12 : 8;
}

/** A heatmap of layers against frames. Arrow keys walk its cells, Enter selects a cell's frame. */
export function HeatGrid(props: HeatGridProps) {
  const { matrix, labels, summary, rowName, explain, outlineKept, selectedFrame, onSelectFrame, onRow } = props;
  const [box, { width }] = useSize<HTMLDivElement>();
  const [cell, setCell] = useState<{ readonly row: number; readonly column: number } | null>(null);
  const grid = useRef<SVGGElement>(null);
  const tip = useTip();
  const columns = matrix.frames.length;
  const columnWidth = Math.min(widestColumn, Math.max(3, (width - gutter) / Math.max(1, columns)));
  const rowHeight = heightOfRow(matrix.rows.length);
  const pictures = columnWidth >= pictureWidth;
  const top = pictures ? columnWidth * 0.6 + 4 : 0;
  const bottom = 18;
  const height = top + matrix.rows.length * rowHeight + bottom;

  const showCell = (row: number, column: number, element: Element | null) => {
    setCell({ row, column });
    if (element) tip.show(element.getBoundingClientRect(), explain(row, column));
  };
  const hide = () => {
    setCell(null);
    tip.hide();
  };
  const rectOf = (row: number, column: number) =>
    grid.current?.querySelector(`[data-row="${row}"][data-column="${column}"]`) ?? null;
  const walk = (event: KeyboardEvent) => {
    const { row, column } = cell ?? { row: 0, column: 0 };
    if (event.key === 'Enter' || event.key === ' ') {
      if (matrix.frames[column] !== undefined) onSelectFrame(matrix.frames[column]);
    } else {
      const [rowStep, columnStep] = steps[event.key] ?? [0, 0];
      if (rowStep === 0 && columnStep === 0) return;
      const nextRow = clamp(row + rowStep, matrix.rows.length);
      const nextColumn = clamp(column + columnStep, columns);
      showCell(nextRow, nextColumn, rectOf(nextRow, nextColumn));
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={box} className={css.box}>
      {width > 0 && (
        <div
          className={css.keys}
          role="application"
          aria-roledescription="heatmap"
          aria-label={`${summary} Arrow keys read its cells.`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk the cells
          tabIndex={0}
          onKeyDown={walk}
          onFocus={(event) => {
            if (event.currentTarget.matches(':focus-visible')) showCell(0, 0, rectOf(0, 0));
          }}
          onBlur={hide}
        >
          <svg
            width={width}
            height={height}
            aria-hidden="true"
            className={css.svg}
            onPointerMove={(event) => {
              const { row, column } = placeOf(event.target);
              if (row !== null && column !== null) showCell(row, column, event.target as Element);
              else hide();
            }}
            onPointerLeave={hide}
            onClick={(event) => {
              const { row, column } = placeOf(event.target);
              const frame = column === null ? undefined : matrix.frames[column];
              if (frame !== undefined) onSelectFrame(frame);
              else if (row !== null) onRow?.(row);
            }}
          >
            {pictures &&
              labels.map((label, column) => (
                <image
                  key={label.frame}
                  href={label.picture ?? undefined}
                  x={gutter + column * columnWidth}
                  width={columnWidth - gap}
                  height={columnWidth * 0.6}
                  preserveAspectRatio="xMidYMid slice"
                  opacity={selectedFrame === null || selectedFrame === label.frame ? 1 : 0.55}
                  data-column={column}
                  data-menu="frame"
                  data-frame={label.frame}
                />
              ))}
            <g ref={grid} transform={`translate(0 ${top})`}>
              {matrix.rows.map((row, r) => (
                <Row
                  key={`${row.layer}-${row.head}`}
                  {...{ row, r, rowHeight, columnWidth, matrix, outlineKept }}
                  name={rowName(r)}
                  labelled={rowHeight >= 12 || r === 0 || r === matrix.rows.length - 1}
                  onRow={onRow}
                />
              ))}
              {cell && (
                <rect
                  className={css.cursor}
                  x={gutter + cell.column * columnWidth}
                  y={cell.row * rowHeight}
                  width={columnWidth - gap}
                  height={rowHeight - gap}
                />
              )}
            </g>
            <ShotMarks labels={labels} columnWidth={columnWidth} y={height - bottom} top={top} />
          </svg>
        </div>
      )}
    </div>
  );
}

const steps: Record<string, readonly [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** What of the grid an event hit: a cell has both, a column's picture a column, a row's name a row. */
function placeOf(target: EventTarget): { readonly row: number | null; readonly column: number | null } {
  const { row, column } = (target as SVGElement).dataset;
  return { row: row === undefined ? null : Number(row), column: column === undefined ? null : Number(column) };
}

function clamp(index: number, count: number): number {
  return Math.min(Math.max(0, index), Math.max(0, count - 1));
}

interface RowProps {
  readonly row: Matrix['rows'][number];
  readonly r: number;
  readonly rowHeight: number;
  readonly columnWidth: number;
  readonly matrix: Matrix;
  readonly outlineKept: boolean;
  readonly name: string;
  readonly labelled: boolean;
  readonly onRow: ((row: number) => void) | undefined;
}

function Row({ row, r, rowHeight, columnWidth, matrix, outlineKept, name, labelled, onRow }: RowProps) {
  const y = r * rowHeight;
  const inset = columnWidth > 8 ? 1 : 0.5;
  return (
    <g>
      {labelled && (
        <text
          className={onRow && row.head === null ? css.rowButton : css.rowName}
          x={row.head === null ? 0 : 12}
          y={y + rowHeight / 2}
          dy="0.34em"
          data-row={r}
        >
          {name}
        </text>
      )}
      {row.values.map((value, column) => {
        const x = gutter + column * columnWidth;
        const size = { x, y, width: Math.max(1, columnWidth - gap), height: rowHeight - gap };
        const frame = matrix.frames[column];
        return (
          <rect
            key={frame}
            {...size}
            data-row={r}
            data-column={column}
            className={value === null ? css.absent : undefined}
            style={value === null ? undefined : { fill: heatColour(shade(matrix.scale, value)) }}
          />
        );
      })}
      {outlineKept &&
        row.kept.map(
          (kept, column) =>
            kept && (
              <g key={matrix.frames[column]} className={css.kept}>
                {[inset, inset + 1.5].map((edge) => (
                  <rect
                    key={edge}
                    x={gutter + column * columnWidth + edge}
                    y={y + edge}
                    width={Math.max(1, columnWidth - gap - 2 * edge)}
                    height={Math.max(1, rowHeight - gap - 2 * edge)}
                  />
                ))}
              </g>
            ),
        )}
    </g>
  );
}

/** Below the columns: which shot the frames belong to. */
function ShotMarks(props: {
  readonly labels: readonly FrameLabel[];
  readonly columnWidth: number;
  readonly y: number;
  readonly top: number;
}) {
  const { labels, columnWidth, y, top } = props;
  const runs: { readonly shot: number | null; readonly former: boolean; readonly from: number; to: number }[] = [];
  labels.forEach(({ chunk }, column) => {
    const shot = chunk && chunk.shotIndex >= 0 ? chunk.shotIndex : null;
    const former = chunk?.former ?? false;
    const last = runs.at(-1);
    if (last && last.shot === shot && last.former === former) last.to = column;
    else runs.push({ shot, former, from: column, to: column });
  });
  return runs.map(({ shot, former, from, to }) => {
    const x = gutter + from * columnWidth;
    const width = (to - from + 1) * columnWidth - gap;
    const text = axisName(shot, former, width);
    return (
      <g key={from} className={css.shot}>
        {from > 0 && <line x1={x - gap / 2} x2={x - gap / 2} y1={top} y2={y + 4} />}
        {width > 7 && (
          <text x={x + width / 2} y={y + 13}>
            {text}
          </text>
        )}
      </g>
    );
  });
}

/** Pixels that a shot's number takes with a word before it. */
const wordWidth = 44;

/** What stands below a shot's frames. A prime marks an older result, of what stands in that shot's place now. */
function axisName(shot: number | null, former: boolean, width: number): string {
  if (shot === null) return width > wordWidth ? 'deleted' : '?';
  if (former) return width > wordWidth ? `once ${shot + 1}` : `${shot + 1}′`;
  return width > wordWidth ? `shot ${shot + 1}` : `${shot + 1}`;
}
