import type { MemoryMode } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { usesBank } from '../film-strip/remembered-frames.ts';

/** Sections of the panel that only some memories have something for. `frames`: whole frames that are remembered or not, and their flow over the cut. */
export type MemoryView = 'frames' | 'retrieval' | 'activation' | 'packs';

/** A memory with a view of its own names it here. */
const viewsOf: Readonly<Record<MemoryMode, readonly MemoryView[]>> = {
  paper: ['frames', 'retrieval', 'activation'],
  released: ['frames', 'retrieval', 'activation'],
  mag: ['frames'],
  framepack: ['packs'],
};

export function memoryViews(record: MemoryRecord): readonly MemoryView[] {
  return usesBank(record) ? viewsOf[record.settings.mode] : ['frames'];
}
