// With the range of each file: a saved picture draws once, before a second file for the same letter is there.
import '@fontsource/inter/400.css';
import '@fontsource/inter/500.css';
import '@fontsource/inter/600.css';
import '@xyflow/react/dist/base.css';
import '../ui/tokens.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { followedEditor, linkSelection } from '../state/memory-link.ts';
import { queries } from '../state/queries.ts';
import { followStory } from '../state/story.ts';
import { followStudio } from '../state/studio.ts';
import { App } from './app.tsx';
import { MemoryWindow } from './memory-window/memory-window.tsx';

followStory();
linkSelection();
void followStudio(new AbortController().signal);

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>{followedEditor === null ? <App /> : <MemoryWindow />}</QueryClientProvider>
    </StrictMode>,
  );
}
