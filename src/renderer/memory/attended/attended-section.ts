import type { OwnSection } from '../parts/own-section.ts';
import { attendedTable } from './attended-frames.ts';
import { AttendedGrid } from './attended-grid.tsx';

export const attendedSection: OwnSection = {
  title: 'Layers × memory',
  about:
    'How each layer divided what it looked back at among the frames in memory, in the last denoising step. Mean of its heads and of a few places in the picture.',
  fileName: 'attention',
  table: attendedTable,
  View: AttendedGrid,
};
