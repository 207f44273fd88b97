import type { MemoryRecord } from '../../../shared/memory-record.ts';

/** Where in a recalled frame the prompt looked. */
export interface SpatialMap {
  readonly frame: number;
  readonly rows: number;
  readonly columns: number;
  /** Largest value: share of the prompt's whole attention that fell on one cell. */
  readonly peak: number;
  /** Of the peak, 0..1, row by row. */
  readonly values: readonly number[];
}

/** The map of a frame; null if the record kept none, or it is damaged. */
export function spatialMap(record: MemoryRecord, frame: number): SpatialMap | null {
  const found = record.spatial.find((map) => map.frame === frame);
  if (!found) return null;
  const bytes = decodeBase64(found.map);
  if (bytes?.length !== found.rows * found.columns) return null;
  const values = Array.from(bytes, (byte) => byte / 255);
  return { frame, rows: found.rows, columns: found.columns, peak: found.peak, values };
}

/** `upper left`, `centre`: where the strongest cell lies, for those who cannot see it. */
export function peakPlace({ rows, columns, values }: SpatialMap): string {
  const at = values.indexOf(Math.max(...values));
  const third = (index: number, count: number): number => Math.min(2, Math.floor((3 * (index + 0.5)) / count));
  const vertical = ['upper', 'middle', 'lower'][third(Math.floor(at / columns), rows)];
  const horizontal = ['left', 'centre', 'right'][third(at % columns, columns)];
  if (vertical === 'middle') return horizontal === 'centre' ? 'centre' : `middle ${horizontal}`;
  return `${vertical} ${horizontal}`;
}

function decodeBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}
