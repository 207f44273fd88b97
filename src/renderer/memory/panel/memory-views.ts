import type { MemoryMode } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { usesBank } from '../film-strip/remembered-frames.ts';

/** Sections of the panel that only some memories have something for; the film strip and the flow have for all. */
export type MemoryView = 'retrieval' | 'activation';

/** A memory with a view of its own names it here. */
const viewsOf: Readonly<Record<MemoryMode, readonly MemoryView[]>> = {
  paper: ['retrieval', 'activation'],
  released: ['retrieval', 'activation'],
  mag: [],
};

export function memoryViews(record: MemoryRecord): readonly MemoryView[] {
  return usesBank(record) ? viewsOf[record.settings.mode] : [];
}
