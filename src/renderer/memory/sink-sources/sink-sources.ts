import { type MemoryTold, toldBy } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import type { CutLine } from '../line/line.ts';
import type { Table } from '../saving/tables.ts';
import { frameCells, frameColumns } from '../saving/tables.ts';

/** What a record of the EMA sink tells. */
export type SinkTold = Extract<MemoryTold, { of: 'ema-sink' }>;

/** What a record tells of where its sink came from; null of other memories, and of a story's first chunk. */
export function sinkToldBy(record: Pick<MemoryRecord, 'told'>): SinkTold | null {
  return toldBy('ema-sink', record);
}

/** The chunks that were blended in last, the newest first: of the beginning there is so much more that it stands by itself. */
export function blended({ sources }: SinkTold): SinkTold['sources'] {
  return sources.slice(1).reverse();
}

/** What of the sink is still the story's beginning, 0..1. */
export function beginningShare({ sources }: SinkTold): number {
  return sources[0]?.share ?? 1;
}

/** One row a chunk by its first frame; the frame is left out of what is not told one by one. */
export function sinkTable(record: MemoryRecord, line: CutLine): Table {
  const told = sinkToldBy(record);
  return {
    columns: [...frameColumns, 'share_of_sink'],
    rows: !told
      ? []
      : [
          ...told.sources.map(({ frame, share }) => [...frameCells(line, frame), share]),
          ...(told.rest > 0 ? [[...frameColumns.map(() => null), told.rest]] : []),
        ],
  };
}
