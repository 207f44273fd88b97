import type { OwnSection } from '../parts/own-section.ts';
import { LongMemory } from './long-memory.tsx';
import { longMemoryTable } from './origins.ts';

export const longMemorySection: OwnSection = {
  title: 'What its long memory holds',
  about:
    'One memory of fixed size goes along the story. Every chunk is squeezed into it by what it finds there, and this is how much of it comes from where, once this chunk is in it. Bars are measured by the longest of their list.',
  fileName: 'long memory',
  table: longMemoryTable,
  View: LongMemory,
};
