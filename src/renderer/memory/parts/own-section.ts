import type { ComponentType } from 'react';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import type { CutLine } from '../line/line.ts';
import type { Table } from '../saving/tables.ts';

interface RecordedChunk {
  readonly record: MemoryRecord;
  /** The cut that its frames are labelled by. */
  readonly line: CutLine;
}

/** With the frame that is chosen in all views of the panel. */
export interface ShownChunk extends RecordedChunk {
  readonly selectedFrame: number | null;
  readonly onSelectFrame: (frame: number) => void;
}

/** A section of the panel that only some memories have. */
export interface OwnSection {
  readonly title: string;
  /** What it shows, in a sentence or two. */
  readonly about: string;
  /** End of the names of exported files. */
  readonly fileName: string;
  table(record: MemoryRecord, line: CutLine): Table;
  readonly View: ComponentType<ShownChunk>;
}
