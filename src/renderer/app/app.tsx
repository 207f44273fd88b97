import { useEffect } from 'react';
import { useStudio } from '../state/index.ts';
import { TooltipProvider } from '../ui/index.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { Dialogs } from './dialogs/index.tsx';
import { Editor } from './editor.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { FileDrop } from './file-drop.tsx';
import css from './shell.module.css';
import { StartScreen } from './start-screen.tsx';
import { Toaster } from './toaster.tsx';
import { useClipboard } from './use-clipboard.ts';
import { useDesktopCommands } from './use-desktop-commands.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useSwitchGuard } from './use-switch-guard.ts';
import { useTheme } from './use-theme.ts';

/** The window: a project, or the way to one; and whatever lies over it. */
export function App() {
  useClipboard();
  useShortcuts();
  useTheme();
  useDesktopCommands();
  useSwitchGuard();
  const known = useStudio((state) => state.known);
  const project = useStudio((state) => state.project?.id);
  const title = useStudio((state) => state.document?.title);
  useEffect(() => {
    document.title = title === undefined ? 'Throughline' : `${title} · Throughline`;
  }, [title]);
  return (
    <TooltipProvider delayDuration={450} skipDelayDuration={200}>
      <ErrorBoundary what="the window">
        {project !== undefined ? <Editor key={project} /> : <BeforeProject known={known} />}
      </ErrorBoundary>
      <Dialogs />
      <FileDrop />
      <Toaster />
    </TooltipProvider>
  );
}

/** The way to a project, once it is known that none is open. */
function BeforeProject({ known }: { readonly known: boolean }) {
  return (
    <div className={css.shell}>
      <ConnectionBanner />
      {known && <StartScreen />}
    </div>
  );
}
