import type { OwnSection } from '../parts/own-section.ts';
import { sinkTable } from './sink-sources.ts';
import { SinkSources } from './sink-sources-view.tsx';

export const sinkSection: OwnSection = {
  title: 'What its sink is made of',
  about:
    'The sink begins as the story’s first chunk. Whatever leaves the window is blended into it, a little each time: this is how much of it came from where, before this chunk.',
  fileName: 'sink',
  table: sinkTable,
  View: SinkSources,
};
