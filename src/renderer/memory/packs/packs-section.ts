import type { OwnSection } from '../parts/own-section.ts';
import { packsTable } from '../saving/tables.ts';
import { PackedFrames } from './packed-frames.tsx';

export const packsSection: OwnSection = {
  title: 'What it saw of the past',
  about:
    'The further back a frame is, the more of them are one. So the model looks at no more in a long story than in a short one.',
  fileName: 'packs',
  table: packsTable,
  View: PackedFrames,
};
