import { useState } from 'react';
import { memoryChoice, memoryKind } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { Button } from '../../ui/index.ts';
import { type CutLine, describeFrame, labelFrame } from '../line/line.ts';
import { Absent, Legend, LegendSign } from '../parts/section.tsx';
import { formatScore, formatShare } from '../parts/value-scale.ts';
import { HeatGrid } from './heat-grid.tsx';
import css from './heatmaps.module.css';
import { activationMatrix, type Matrix, retrievalMatrix } from './matrices.ts';

export interface HeatmapProps {
  readonly record: MemoryRecord;
  readonly line: CutLine;
  readonly selectedFrame: number | null;
  readonly onSelectFrame: (frame: number) => void;
}

/** Retrieval scores of every layer for every candidate, kept cells outlined. */
export function RetrievalHeatmap({ record, line, selectedFrame, onSelectFrame }: HeatmapProps) {
  const matrix = retrievalMatrix(record);
  if (matrix.frames.length === 0) return <Absent>No frame was a candidate yet.</Absent>;
  const labels = matrix.frames.map((frame) => labelFrame(line, frame));
  const best = bestCell(matrix);
  const paper = memoryKind(record.settings.mode).record.scores === 'share';
  return (
    <>
      <HeatGrid
        matrix={matrix}
        labels={labels}
        outlineKept
        summary={`Retrieval scores of ${matrix.rows.length} layers for ${matrix.frames.length} frames. The highest, ${formatScore(best.value)}, is layer ${best.row + 1} for ${describeFrame(labelFrame(line, best.frame))}.`}
        rowName={(row) => layerName(matrix, row)}
        explain={(row, column) => {
          const value = matrix.rows[row]?.values[column] ?? 0;
          return (
            <>
              <b>{labels[column] && `Shot ${labels[column].shot}, ${labels[column].timeCode}`}</b>
              <br />
              Layer {row + 1}: score {value}
              {paper && `, ${(value * matrix.frames.length).toFixed(2)}× an even share`}
              <br />
              {matrix.rows[row]?.kept[column] ? 'Kept in this layer’s bank' : 'Passed over by this layer'}
            </>
          );
        }}
        selectedFrame={selectedFrame}
        onSelectFrame={onSelectFrame}
      />
      <Legend of="score" low={formatScore(matrix.scale.low)} high={formatScore(matrix.scale.high)}>
        {paper && <span>even share {formatScore(1 / matrix.frames.length)}</span>}
        <LegendSign sign={<span className={css.kept} />}>kept by the layer</LegendSign>
      </Legend>
    </>
  );
}

/** How often each layer, or each of its heads, attended each bank frame over the denoising steps. */
export function ActivationHeatmap({ record, line, selectedFrame, onSelectFrame }: HeatmapProps) {
  const [expanded, setExpanded] = useState<ReadonlySet<number>>(new Set());
  const matrix = activationMatrix(record, expanded);
  if (!matrix) {
    return (
      <Absent>
        Nothing was selected: with the memory “{memoryChoice(record.settings).name}” every head attends to all it is
        given.
      </Absent>
    );
  }
  if (matrix.frames.length === 0) return <Absent>The bank was empty, so there was nothing to activate.</Absent>;
  const labels = matrix.frames.map((frame) => labelFrame(line, frame));
  const layers = record.activation?.pool.length ?? 0;
  const steps = record.activation?.steps ?? 1;
  const heads = record.activation?.counts[0]?.length ?? 0;
  const all = expanded.size === layers;
  const toggle = (row: number) => {
    const layer = matrix.rows[row]?.layer;
    if (layer === undefined) return;
    const next = new Set(expanded);
    if (!next.delete(layer)) next.add(layer);
    setExpanded(next);
  };
  return (
    <>
      <HeatGrid
        matrix={matrix}
        labels={labels}
        outlineKept={false}
        summary={`Share of ${steps} denoising steps in which ${layers} layers of ${heads} heads attended ${matrix.frames.length} bank frames.`}
        rowName={(row) => {
          const { head = null } = matrix.rows[row] ?? {};
          return head === null ? layerName(matrix, row) : `head ${head + 1}`;
        }}
        explain={(row, column) => {
          const { layer = 0, head = null, values } = matrix.rows[row] ?? {};
          const value = values?.[column] ?? null;
          return (
            <>
              <b>{labels[column] && `Shot ${labels[column].shot}, ${labels[column].timeCode}`}</b>
              <br />
              Layer {layer + 1}
              {head === null ? `, mean of ${heads} heads` : `, head ${head + 1}`}
              <br />
              {value === null
                ? 'Not in this layer’s bank'
                : `Attended in ${formatShare(value)} of ${steps} steps${head === null ? '' : ` (${Math.round(value * steps)})`}`}
            </>
          );
        }}
        selectedFrame={selectedFrame}
        onSelectFrame={onSelectFrame}
        onRow={toggle}
      />
      <Legend of="steps" low="none" high="all">
        <LegendSign sign={<span className={css.absent} />}>not in the bank</LegendSign>
      </Legend>
      <Button
        small
        look="plain"
        className={css.more}
        data-export="skip"
        aria-pressed={all}
        onClick={() => setExpanded(all ? new Set() : new Set(Array.from({ length: layers }, (_, layer) => layer)))}
      >
        {all ? 'Show layers only' : `Show the ${heads} heads of every layer`}
      </Button>
    </>
  );
}

/** `Layer 1` for the first row and numbers below it where rows are many. */
function layerName(matrix: Matrix, row: number): string {
  return `Layer ${(matrix.rows[row]?.layer ?? 0) + 1}`;
}

function bestCell(matrix: Matrix): { row: number; frame: number; value: number } {
  let best = { row: 0, frame: matrix.frames[0] ?? 0, value: Number.NEGATIVE_INFINITY };
  for (const [row, { values }] of matrix.rows.entries()) {
    for (const [column, value] of values.entries()) {
      if (value !== null && value > best.value) best = { row, frame: matrix.frames[column] ?? 0, value };
    }
  }
  return best;
}
