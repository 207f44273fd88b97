import { type MemoryTold, toldBy } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import type { Matrix } from '../heatmaps/matrices.ts';
import type { CutLine } from '../line/line.ts';
import type { Table } from '../saving/tables.ts';
import { frameCells, frameColumns } from '../saving/tables.ts';

/** What a record of MAG tells. */
export type AttendedTold = Extract<MemoryTold, { of: 'mag' }>;

/** What a record tells of the frames that were attended; null of other memories, and where nothing was told. */
export function attendedOf(record: Pick<MemoryRecord, 'told'>): AttendedTold | null {
  return toldBy('mag', record);
}

/** Of a layer's attention, what went to memory at all, 0..1; the rest went to the chunk itself. One a layer. */
export function sharesOfMemory({ shares }: AttendedTold): number[] {
  return shares.map((row) => row.reduce((sum, share) => sum + share, 0));
}

/** Layers against remembered frames: parts of what the layer gave to memory, so that layers that look back little can be read too. */
export function attendedMatrix(told: AttendedTold): Matrix {
  const memory = sharesOfMemory(told);
  const parts = told.shares.map((row, layer) =>
    row.map((share) => (share === 0 ? 0 : share / (memory[layer] as number))),
  );
  return {
    frames: told.frames,
    rows: parts.map((values, layer) => ({ layer, head: null, values, kept: values.map(() => true) })),
    scale: { low: 0, high: Math.max(0, ...parts.flat()) },
  };
}

/** One row a layer and frame: of all the layer's attention, and of what it gave to memory. */
export function attendedTable(record: MemoryRecord, line: CutLine): Table {
  const told = attendedOf(record);
  const matrix = told && attendedMatrix(told);
  return {
    columns: ['layer', ...frameColumns, 'share_of_attention', 'share_of_memory'],
    rows: (told?.shares ?? []).flatMap((row, layer) =>
      row.map((share, i) => [
        layer + 1,
        ...frameCells(line, told?.frames[i] as number),
        share,
        matrix?.rows[layer]?.values[i] ?? 0,
      ]),
    ),
  };
}
