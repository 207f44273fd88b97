import { useEffect } from 'react';
import { menuFor } from '../actions/menus.ts';
import { Graph } from '../graph/graph.tsx';
import { Inspector } from '../inspector/inspector.tsx';

import { Player } from '../player/index.ts';
import { useStudio } from '../state/index.ts';
import { setPaneSize, useView } from '../state/view.ts';
import { ContextMenu, TooltipProvider } from '../ui/index.ts';
import { Dialogs } from './dialogs/index.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { FileDrop } from './file-drop.tsx';
import { QueueDrawer } from './queue-drawer.tsx';
import css from './shell.module.css';
import { Splitter } from './splitter.tsx';
import { StartScreen } from './start-screen.tsx';
import { Toaster } from './toaster.tsx';
import { TopBar } from './top-bar.tsx';
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
        {project !== undefined ? <Editor key={project} /> : known ? <StartScreen /> : <Waiting />}
      </ErrorBoundary>
      <Dialogs />
      <FileDrop />
      <Toaster />
    </TooltipProvider>
  );
}

function Editor() {
  const title = useStudio((state) => state.document?.title);
  const { inspectorWidth, playerHeight, inspectorHidden, playerHidden, queueOpen } = useView();
  return (
    <ContextMenu entriesFor={menuFor}>
      <div className={css.shell}>
        <TopBar />
        <Connection />
        <div className={css.work}>
          <main className={css.main}>
            <h1 className="visually-hidden">{title}</h1>
            <ErrorBoundary what="the graph">
              <Graph />
            </ErrorBoundary>
            <div className={css.player} style={{ height: playerHeight }} hidden={playerHidden} data-pane="player">
              <Splitter
                label="Height of the player"
                edge="top"
                value={playerHeight}
                min={120}
                max={640}
                onChange={(pixels) => setPaneSize('playerHeight', pixels)}
              />
              <ErrorBoundary what="the player">
                <Player />
              </ErrorBoundary>
            </div>
          </main>
          <aside
            className={css.inspector}
            style={{ width: inspectorWidth }}
            hidden={inspectorHidden && !queueOpen}
            data-pane="inspector"
            aria-label="Inspector"
          >
            <Splitter
              label="Width of the inspector"
              edge="left"
              value={inspectorWidth}
              min={280}
              max={720}
              onChange={(pixels) => setPaneSize('inspectorWidth', pixels)}
            />
            <ErrorBoundary what="the inspector">{queueOpen ? <QueueDrawer /> : <Inspector />}</ErrorBoundary>
          </aside>
        </div>
      </div>
    </ContextMenu>
  );
}

function Connection() {
  const connection = useStudio((state) => state.connection);
  if (connection !== 'lost') return null;
  return (
    <div className={css.banner} role="alert">
      The studio does not answer. What you saw as saved is saved; trying again…
    </div>
  );
}

function Waiting() {
  const lost = useStudio((state) => state.connection === 'lost');
  if (!lost) return null;
  return (
    <div className={css.banner} role="alert">
      The studio does not answer. Is Throughline still running? Trying again…
    </div>
  );
}
