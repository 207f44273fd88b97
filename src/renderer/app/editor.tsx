import { Lock } from 'lucide-react';
import { useRef } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { menuFor } from '../actions/menus.ts';
import { Graph } from '../graph/graph.tsx';
import { Inspector } from '../inspector/inspector.tsx';
import { Player, usePlayer } from '../player/index.ts';
import { useReadOnly, useStudio } from '../state/index.ts';
import { useLayer } from '../state/layers.ts';
import { setPaneSize, useView } from '../state/view.ts';
import { ContextMenu } from '../ui/index.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { FindBar } from './find-bar.tsx';
import { QueueDrawer } from './queue-drawer.tsx';
import css from './shell.module.css';
import { StoryModelBar } from './story-model-bar.tsx';
import { TopBar } from './top-bar.tsx';

/** Least sizes of panes, in pixels: on the smallest window there is (720 x 450) all of them have room. */
const least = { main: 260, inspector: 240, graph: 90, player: 130 };

/** A project that is open: the graph, the player below it, the inspector beside them. The borders between them move. */
export function Editor() {
  const title = useStudio((state) => state.document?.title);
  const { inspectorHidden, playerHidden, playerLarge, queueOpen } = useView();
  // What is presented hides the rest, also from keys and screen readers.
  const presenting = usePlayer((state) => state.presenting);
  // Only where they begin: from there on the panels know their own sizes. What a person sets is kept, and nothing else:
  // the next window begins with a size of its own.
  const { inspectorWidth, playerHeight } = useView.getState();
  const width = useRef(inspectorWidth);
  const height = useRef(playerHeight);
  return (
    <ContextMenu entriesFor={menuFor}>
      <div className={css.shell}>
        <TopBar inert={presenting} />
        <ConnectionBanner />
        <ReadOnly />
        <StoryModelBar />
        <Group
          orientation="horizontal"
          className={css.work}
          onLayoutChanged={(_, by) => by.isUserInteraction && setPaneSize('inspectorWidth', width.current)}
        >
          <Panel id="main" minSize={least.main}>
            <main className={css.main}>
              <h1 className="visually-hidden">{title}</h1>
              <Group
                orientation="vertical"
                onLayoutChanged={(_, by) => by.isUserInteraction && setPaneSize('playerHeight', height.current)}
              >
                <Panel id="graph" className={css.pane} minSize={least.graph}>
                  <div className={css.pane} inert={presenting}>
                    <ErrorBoundary what="the graph">
                      <Graph />
                    </ErrorBoundary>
                  </div>
                </Panel>
                {!playerHidden && (
                  <>
                    <Separator className={css.separator} aria-label="Height of the player" />
                    <Panel
                      id="player"
                      className={css.pane}
                      defaultSize={playerHeight}
                      minSize={least.player}
                      groupResizeBehavior="preserve-pixel-size"
                      onResize={({ inPixels }) => {
                        height.current = inPixels;
                      }}
                    >
                      <div className={css.stage} data-pane="player" data-large={playerLarge || undefined}>
                        <ErrorBoundary what="the player">
                          <Player />
                        </ErrorBoundary>
                      </div>
                    </Panel>
                  </>
                )}
              </Group>
              {playerLarge && <LargePlayer />}
              {queueOpen && <QueueDrawer />}
              <FindBar />
            </main>
          </Panel>
          {!inspectorHidden && (
            <>
              <Separator className={css.separator} aria-label="Width of the inspector" />
              <Panel
                id="inspector"
                className={css.pane}
                defaultSize={inspectorWidth}
                minSize={least.inspector}
                groupResizeBehavior="preserve-pixel-size"
                onResize={({ inPixels }) => {
                  width.current = inPixels;
                }}
              >
                <aside inert={presenting} className={css.inspector} data-pane="inspector" aria-label="Inspector">
                  <ErrorBoundary what="the inspector">
                    <Inspector />
                  </ErrorBoundary>
                </aside>
              </Panel>
            </>
          )}
        </Group>
      </div>
    </ContextMenu>
  );
}

/** What a newer Throughline wrote is looked at and exported; what would change it is greyed. */
function ReadOnly() {
  const readOnly = useReadOnly();
  if (!readOnly) return null;
  return (
    <div className={css.banner} data-tone="held" role="status">
      <Lock size={14} aria-hidden="true" />
      <span>
        <strong>Read only.</strong> {readOnly.message} {readOnly.hint}
      </span>
    </div>
  );
}

/** Lets Escape put the enlarged player back. */
function LargePlayer() {
  useLayer(() => useView.setState({ playerLarge: false }));
  return null;
}
