import type { OwnSection } from '../parts/own-section.ts';
import { packsTable } from '../saving/tables.ts';
import { PackedFrames } from './packed-frames.tsx';

export const packsSection: OwnSection = {
  title: 'What it saw of the past',
  about:
    'The further back frames lie, the more of them become one. So the model looks at no more in a long story than in a short one.',
  fileName: 'packs',
  table: packsTable,
  View: PackedFrames,
};
