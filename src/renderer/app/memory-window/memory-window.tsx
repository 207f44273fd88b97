import { useEffect } from 'react';
import { menuFor } from '../../actions/menus.ts';
import { MemoryPanel } from '../../memory/index.ts';
import { useActiveCut, useStudio } from '../../state/index.ts';
import { ContextMenu, EmptyState, TooltipProvider } from '../../ui/index.ts';
import { ConnectionBanner } from '../connection-banner.tsx';
import { ErrorBoundary } from '../error-boundary.tsx';
import { Toaster } from '../toaster.tsx';
import { useShortcuts } from '../use-shortcuts.ts';
import { useTheme } from '../use-theme.ts';
import css from './memory-window.module.css';

/** What can be done by key in a window that shows memory alone. */
const ownKeys: ReadonlySet<string> = new Set(['Undo', 'Redo']);

/** A window that shows the memory views of whatever is selected in the editor it was opened from. */
export function MemoryWindow() {
  useTheme();
  useShortcuts(ownKeys);
  const title = useStudio((state) => state.document?.title);
  const cut = useActiveCut();
  useEffect(() => {
    document.title = title === undefined ? 'Memory · Throughline' : `Memory · ${title} · Throughline`;
  }, [title]);
  return (
    <TooltipProvider delayDuration={450} skipDelayDuration={200}>
      <ErrorBoundary what="the memory views">
        <ContextMenu entriesFor={menuFor}>
          <main className={css.window}>
            <h1 className="visually-hidden">Memory{cut ? ` of the cut ${cut.name}` : ''}</h1>
            <ConnectionBanner />
            {title === undefined ? (
              <EmptyState text="No project is open. This window follows the editor." />
            ) : (
              <div className={css.views}>
                <MemoryPanel />
              </div>
            )}
          </main>
        </ContextMenu>
      </ErrorBoundary>
      <Toaster />
    </TooltipProvider>
  );
}
