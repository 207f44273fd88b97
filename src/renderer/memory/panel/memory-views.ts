import type { MemoryMode } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { attendedSection } from '../attended/attended-section.ts';
import { usesBank } from '../film-strip/remembered-frames.ts';
import { longMemorySection } from '../long-memory/long-memory-section.ts';
import { packsSection } from '../packs/packs-section.ts';
import type { OwnSection } from '../parts/own-section.ts';
import { sinkSection } from '../sink-sources/sink-section.ts';

/** Sections of the panel that memories of whole frames share. `frames`: those that are remembered or not, and their flow over the cut. */
export type MemoryView = 'frames' | 'retrieval' | 'activation';

interface MemoryViews {
  readonly shared: readonly MemoryView[];
  /** Sections that the memory brings itself, in order. */
  readonly own: readonly OwnSection[];
}

/** A memory names here what the panel shows of it. */
const viewsOf: Readonly<Record<MemoryMode, MemoryViews>> = {
  paper: { shared: ['frames', 'retrieval', 'activation'], own: [] },
  released: { shared: ['frames', 'retrieval', 'activation'], own: [] },
  mag: { shared: ['frames'], own: [attendedSection] },
  framepack: { shared: [], own: [packsSection] },
  memorypack: { shared: [], own: [longMemorySection, packsSection] },
  'ema-sink': { shared: [], own: [sinkSection] },
};

export function memoryViews(record: MemoryRecord): MemoryViews {
  return usesBank(record) ? viewsOf[record.settings.mode] : { shared: ['frames'], own: [] };
}
