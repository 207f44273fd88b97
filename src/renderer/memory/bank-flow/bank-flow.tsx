import { useMemo, useRef, useState } from 'react';
import { useSelection } from '../../state/index.ts';
import { Button } from '../../ui/index.ts';
import { type CutLine, chunkAtPixelFrame, chunkSpan, labelFrame, lineFrameCount, lineShots } from '../line/line.ts';
import { Absent, Legend, LegendSign } from '../parts/section.tsx';
import { useTip } from '../parts/tip.tsx';
import { useSize } from '../parts/use-size.ts';
import css from './bank-flow.module.css';
import { goToChunk, useFlowCursor } from './flow-cursor.ts';
import { FlowDetails } from './flow-details.tsx';
import { FlowLife, flowGutter, flowRowHeight } from './flow-life.tsx';
import { type FlowRow, recalledRows } from './frame-lives.ts';

export interface BankFlowProps {
  readonly rows: readonly FlowRow[];
  readonly line: CutLine;
  readonly selectedFrame: number | null;
  readonly selectedChunk: number;
}

/** Height of the line of shot numbers. */
const head = 18;
/** Rows drawn at most before the person asks for all. */
const rowsShown = 60;

/** Each remembered frame's life over the cut: when it entered, when banks held it, when it was forgotten. */
export function BankFlow({ rows, line, selectedFrame, selectedChunk }: BankFlowProps) {
  const [everything, setEverything] = useState(false);
  const [box, { width }] = useSize<HTMLDivElement>();
  const svg = useRef<SVGSVGElement>(null);
  const tip = useTip();
  const recalled = useMemo(() => recalledRows(rows), [rows]);
  const shown = everything ? rows : recalled.slice(0, rowsShown);
  const explain = (row: FlowRow, chunk: number) => <FlowDetails row={row} chunk={chunk} line={line} />;
  const cursor = useFlowCursor({
    rows: shown,
    line,
    start: selectedChunk,
    view: svg,
    onMove: ({ row, chunk }, element) => {
      if (shown[row]) tip.show(element.getBoundingClientRect(), explain(shown[row], chunk));
    },
  });
  if (rows.length === 0) return <Absent>Nothing has entered memory along this cut yet.</Absent>;
  const frames = lineFrameCount(line);
  const scale = Math.max(0, width - flowGutter) / Math.max(1, frames);
  const height = head + shown.length * flowRowHeight;
  const chunkAt = (event: React.PointerEvent | React.MouseEvent) => {
    const x = event.clientX - (svg.current?.getBoundingClientRect().left ?? 0) - flowGutter;
    return x < 0 ? null : chunkAtPixelFrame(line, Math.floor(x / scale));
  };
  return (
    <>
      <div
        ref={box}
        className={css.flow}
        role="application"
        aria-roledescription="chart"
        aria-label={`Bank flow: ${rows.length} frames entered memory along this cut, ${recalled.length} of them were recalled. Arrow keys read it, Enter goes to a chunk.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk the chart
        tabIndex={0}
        onKeyDown={cursor.onKeyDown}
        onFocus={(event) => event.currentTarget.matches(':focus-visible') && cursor.begin()}
        onBlur={() => {
          cursor.end();
          tip.hide();
        }}
      >
        {shown.length === 0 && <Absent>{rows.length} frames entered memory, and none was recalled.</Absent>}
        {width > 0 && shown.length > 0 && (
          <svg
            ref={svg}
            width={width}
            height={height}
            className={css.svg}
            aria-hidden="true"
            onClick={(event) => {
              const chunk = chunkAt(event);
              if (chunk) goToChunk(line, chunk.chunkIndex);
            }}
            onPointerMove={(event) => {
              const chunk = chunkAt(event);
              const row =
                shown[
                  Math.floor((event.clientY - event.currentTarget.getBoundingClientRect().top - head) / flowRowHeight)
                ];
              if (!chunk || !row) return tip.hide();
              const cell = new DOMRect(event.clientX, event.clientY - 8, 0, 16);
              tip.show(cell, explain(row, chunk.chunkIndex));
            }}
            onPointerLeave={tip.hide}
          >
            <Shots line={line} scale={scale} height={height} selectedChunk={selectedChunk} />
            {shown.map((row, i) => (
              <FlowLife
                key={row.frame}
                index={i}
                y={head + i * flowRowHeight}
                label={labelFrame(line, row.frame)}
                selected={row.frame === selectedFrame}
                cursorChunk={cursor.cursor?.row === i ? cursor.cursor.chunk : null}
                {...{ row, line, scale }}
              />
            ))}
            <Playhead scale={scale} height={height} frames={frames} />
          </svg>
        )}
      </div>
      <Legend of="layers holding it" low="few" high="all">
        <LegendSign sign={<i className={css.signWaiting} />}>in memory, not recalled</LegendSign>
        <LegendSign sign={<i className={css.signView} />}>in view anyway</LegendSign>
        <LegendSign sign={<b className={css.signEnd}>×</b>}>forgotten</LegendSign>
      </Legend>
      {rows.length > recalled.length && (
        <Button
          small
          look="plain"
          className={css.more}
          data-export="skip"
          aria-pressed={everything}
          onClick={() => setEverything(!everything)}
        >
          {everything
            ? 'Show recalled frames only'
            : `Show all ${rows.length} frames (${rows.length - recalled.length} never recalled)`}
        </Button>
      )}
    </>
  );
}

interface ShotsProps {
  readonly line: CutLine;
  readonly scale: number;
  readonly height: number;
  readonly selectedChunk: number;
}

/** Shot boundaries with their numbers, and the selected chunk as a band. */
function Shots({ line, scale, height, selectedChunk }: ShotsProps) {
  const chunk = chunkSpan(line, selectedChunk);
  return (
    <>
      <rect className={css.now} x={flowGutter + chunk.first * scale} width={chunk.count * scale} height={height} />
      {lineShots(line).map((shot) => (
        <g key={shot.shotId} className={css.shot}>
          <line x1={flowGutter + shot.first * scale} x2={flowGutter + shot.first * scale} y2={height} />
          {shot.count * scale > 12 && (
            <text x={flowGutter + shot.first * scale + 4} y={11}>
              {shot.shotIndex + 1}
            </text>
          )}
        </g>
      ))}
    </>
  );
}

function Playhead({
  scale,
  height,
  frames,
}: {
  readonly scale: number;
  readonly height: number;
  readonly frames: number;
}) {
  const frame = useSelection((state) => state.playheadFrame);
  if (frame >= frames) return null;
  const x = flowGutter + frame * scale;
  return <line className={css.playhead} x1={x} x2={x} y2={height} />;
}
