import { HeatGrid } from '../heatmaps/heat-grid.tsx';
import { describeFrame, labelFrame } from '../line/line.ts';
import type { ShownChunk } from '../parts/own-section.ts';
import { Absent, Legend } from '../parts/section.tsx';
import { formatShare } from '../parts/value-scale.ts';
import { attendedMatrix, attendedOf, sharesOfMemory } from './attended-frames.ts';
import css from './attended-grid.module.css';

/** What of its attention each layer gave to each remembered frame. */
export function AttendedGrid({ record, line, selectedFrame, onSelectFrame }: ShownChunk) {
  const told = attendedOf(record);
  if (!told) return <Absent>{whyNothing(record.firstFrame)}</Absent>;
  if (told.frames.length === 0) return <Absent>{whyNothing(0)}</Absent>;
  const matrix = attendedMatrix(told);
  const memory = sharesOfMemory(told);
  const labels = matrix.frames.map((frame) => labelFrame(line, frame));
  const means = matrix.frames.map((_, i) => matrix.rows.reduce((sum, { values }) => sum + (values[i] ?? 0), 0));
  const most = means.indexOf(Math.max(...means));
  const range = [...new Set([Math.min(...memory), Math.max(...memory)].map(formatShare))].join(' to ');
  return (
    <>
      <HeatGrid
        matrix={matrix}
        labels={labels}
        outlineKept={false}
        summary={`Attention of ${matrix.rows.length} layers to ${matrix.frames.length} remembered frames. Most went to ${describeFrame(labelFrame(line, matrix.frames[most] as number))}.`}
        rowName={(row) => `Layer ${row + 1}`}
        explain={(row, column) => (
          <>
            <b>{labels[column] && `Shot ${labels[column].shot}, ${labels[column].timeCode}`}</b>
            <br />
            Layer {row + 1}: {precise(matrix.rows[row]?.values[column] ?? 0)} of what it gave to memory
            <br />
            {precise(told.shares[row]?.[column] ?? 0)} of all its attention
            <br />
            {record.sink.includes(matrix.frames[column] as number) ? 'The beginning' : 'Stands for its whole chunk'}
          </>
        )}
        selectedFrame={selectedFrame}
        onSelectFrame={onSelectFrame}
      />
      <Legend of="part of the layer’s look back" low="none" high={precise(matrix.scale.high)} />
      <p className={css.note}>Layers gave {range} of their attention to memory, and the rest to the chunk itself.</p>
    </>
  );
}

function whyNothing(firstFrame: number): string {
  return firstFrame === 0
    ? 'Nothing: this chunk is the story’s first.'
    : 'What was attended was not written down when this chunk was made. Chunks made now tell it.';
}

/** A share with a digit behind the point where it is small. */
function precise(share: number): string {
  return share < 0.1 ? `${(100 * share).toFixed(1)} %` : formatShare(share);
}
