import {
  getViewportForBounds,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  useStoreApi,
  type Viewport,
  ViewportPortal,
} from '@xyflow/react';
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { ShotId } from '../../shared/project/document.ts';
import type { GraphLayout, PlacedShot } from '../../shared/project/layout.ts';
import { addShot, insertShot, moveShot } from '../actions/shots.ts';
import { selectShots, showCutOf, useReadOnly, useSelection, useStory, useStudio } from '../state/index.ts';
import { onGraphRequest } from '../state/view.ts';
import { Button, EmptyState } from '../ui/index.ts';
import { type DropPlace, dropPlaceAt } from './drop.ts';
import css from './graph.module.css';
import { GraphTools, newShotType } from './graph-tools.tsx';
import { Lanes } from './lanes.tsx';
import { RecallLayer } from './recall-layer.tsx';
import { Ruler } from './ruler.tsx';
import { enlargement, laneHeight, shotHeight, tinyZoom } from './scale.ts';
import { ShotNode } from './shot-node.tsx';
import { StoryEdge } from './story-edge.tsx';
import { StoryMap } from './story-map.tsx';
import { TinyStory } from './tiny-story.tsx';
import { type ShotFlowNode, useCutIds, useFlow, useLayout, useTimeScale } from './use-flow.ts';
import { useGraphKeys } from './use-graph-keys.ts';
import { useKeepInView } from './use-keep-in-view.ts';
import { useReveal } from './use-reveal.ts';

/** The two clicks of a double click lie less than this apart, in milliseconds. */
const doubleClickMs = 800;

/** How long the view moves until it shows everything, in milliseconds. */
const fitMs = 200;

const nodeTypes = { shot: ShotNode };
const edgeTypes = { story: StoryEdge };
/** A story of a thousand shots of three chunks is this small in a narrow pane. */
const leastZoom = 0.002;

/** Room that fitting leaves at the edges, in a pane so high: more above, for the ruler and the recall arcs. */
function fitOptions(height: number) {
  const share = (part: number, least: number, most: number): `${number}px` =>
    `${Math.round(Math.min(most, Math.max(least, height * part)))}px`;
  return {
    padding: { top: share(0.26, 40, 150), right: '50px', bottom: share(0.1, 12, 60), left: '40px' },
    maxZoom: 1.15,
    minZoom: leastZoom,
  } as const;
}

/** The story as a graph over time. */
export function Graph() {
  return (
    <ReactFlowProvider>
      <GraphPane />
    </ReactFlowProvider>
  );
}

function GraphPane() {
  const layout = useLayout();
  const scale = useTimeScale();
  const cutIds = useCutIds();
  const flow = useFlow(layout, cutIds);
  const { setViewport, screenToFlowPosition } = useReactFlow();
  const layoutNow = useRef(layout);
  layoutNow.current = layout;
  const tiny = useStore(({ transform: [, , zoom] }) => zoom < tinyZoom);
  const flowStore = useStoreApi();
  const [cardless, setCardless] = useState(false);
  // By the layout, not by React Flow's nodes: from very far there are none.
  const showAll = useCallback(() => {
    const { width, height } = flowStore.getState();
    const { padding, maxZoom, minZoom } = fitOptions(height);
    const view = getViewportForBounds(boundsOf(layoutNow.current), width, height, minZoom, maxZoom, padding);
    if (view.zoom >= tinyZoom) return void setViewport(view, { duration: fitMs });
    // On the way to very far hundreds of cards would be drawn that nobody can read: they go first, and the view jumps.
    flushSync(() => setCardless(true));
    void setViewport(view);
    setCardless(false);
  }, [setViewport, flowStore]);
  const onKeyDown = useGraphKeys(layout, showAll);
  const [dragged, setDragged] = useState<{ readonly id: string; readonly x: number; readonly y: number } | null>(null);
  const [place, setPlace] = useState<DropPlace | null>(null);
  const cleared = useRef<{ readonly ids: readonly ShotId[]; readonly at: number } | null>(null);
  const readOnly = useReadOnly() !== null;
  useFitOnOpen(layout, showAll);
  useReveal(layout);
  useKeepInView(layout);

  const nodes = useMemo(
    () =>
      dragged
        ? flow.nodes.map((node) =>
            node.id === dragged.id ? { ...node, position: { x: dragged.x, y: dragged.y }, zIndex: 10 } : node,
          )
        : flow.nodes,
    [flow.nodes, dragged],
  );

  const onNodesChange = useCallback((changes: NodeChange<ShotFlowNode>[]) => {
    const selects = changes.filter((change) => change.type === 'select');
    if (selects.length === 0) return;
    const before = useSelection.getState();
    const shotIds = new Set(before.shotIds);
    for (const { id, selected } of selects) selected ? shotIds.add(id) : shotIds.delete(id);
    const added = selects.findLast(({ selected }) => selected)?.id;
    if (shotIds.size === 0 && before.shotId !== null) cleared.current = { ids: [before.shotId], at: performance.now() };
    useSelection.setState(({ shotId, chunk }) => {
      const last = added ?? (shotId !== null && shotIds.has(shotId) ? shotId : ([...shotIds].at(-1) ?? null));
      return { shotIds, shotId: last, chunk: chunk && chunk.shotId === last ? chunk : null };
    });
    if (added) showCutOf(added);
  }, []);

  const placeOf = (x: number, y: number, movingId: string | null): DropPlace | null => {
    const { children, byId } = useStory.getState();
    const moving =
      movingId === null
        ? null
        : {
            id: movingId,
            children: new Set(children.get(movingId)?.map(({ id }) => id)),
            parent: byId.get(movingId)?.parent ?? null,
          };
    return dropPlaceAt(x, y, layout.nodes, (id) => !children.get(id)?.length, moving);
  };

  const dropNew = {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(newShotType)) return;
      event.preventDefault();
      const { x, y } = screenToFlowPosition({ x: event.clientX, y: event.clientY });
      setPlace(placeOf(x, y, null));
    },
    onDragLeave: () => setPlace(null),
    onDrop: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes(newShotType)) return;
      event.preventDefault();
      event.stopPropagation();
      if (place) 'before' in place ? insertShot(place.before) : addShot(place.after);
      setPlace(null);
    },
  };

  return (
    <div
      className={css.graph}
      data-graph=""
      data-menu="canvas"
      data-pane="graph"
      role="application"
      aria-label="Story graph. Arrows walk from chunk to chunk, Enter writes the prompt, N adds a shot, B branches."
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the graph is one widget with keys of its own
      tabIndex={0}
      onKeyDown={onKeyDown}
      onDoubleClick={(event) => {
        if (!(event.target instanceof Element && event.target.classList.contains('react-flow__pane'))) return;
        // Its first click has taken the selection away, which says where the shot goes.
        if (cleared.current && event.timeStamp - cleared.current.at < doubleClickMs) selectShots(cleared.current.ids);
        addShot();
      }}
      {...dropNew}
    >
      {layout.nodes.length === 0 ? (
        <EmptyState
          text="A story begins with a shot: say what it shows, and generate it."
          action={
            <Button look="making" onClick={() => addShot(null)}>
              Write the first shot
            </Button>
          }
        />
      ) : (
        <ReactFlow<ShotFlowNode>
          nodes={tiny || cardless ? noNodes : nodes}
          edges={(tiny || cardless ? noEdges : flow.edges) as never}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={onNodesChange}
          onlyRenderVisibleElements
          nodesConnectable={false}
          nodesDraggable={!readOnly}
          nodesFocusable={false}
          edgesFocusable={false}
          elevateNodesOnSelect={false}
          disableKeyboardA11y
          deleteKeyCode={null}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={['Control', 'Meta']}
          selectNodesOnDrag={false}
          nodeDragThreshold={6}
          zoomOnDoubleClick={false}
          panOnScroll
          panActivationKeyCode={null}
          minZoom={leastZoom}
          maxZoom={2.5}
          proOptions={{ hideAttribution: true }}
          onNodeDrag={(_event, node) => {
            const { x, y } = node.position;
            setDragged({ id: node.id, x, y });
            setPlace(placeOf(x, y + shotHeight / 2, node.id));
          }}
          onNodeDragStop={(_event, node) => {
            setDragged(null);
            setPlace(null);
            const target = placeOf(node.position.x, node.position.y + shotHeight / 2, node.id);
            if (target) moveShot(node.id, target);
          }}
        >
          <Enlarge />
          {tiny ? <TinyStory layout={layout} /> : <StoryMap layout={layout} />}
          <RecallLayer nodes={layout.nodes} chunkFrames={scale.chunkFrames} />
          {place && <DropMark place={place} nodes={layout.nodes} />}
          <Lanes layout={layout} />
          <Ruler scale={scale} />
          <GraphTools onFit={showAll} />
        </ReactFlow>
      )}
    </div>
  );
}

const noNodes: ShotFlowNode[] = [];
const noEdges: readonly never[] = [];

/** Where the shots lie, without the room below the last lane. */
function boundsOf({ width, height }: GraphLayout) {
  return { x: 0, y: 0, width, height: Math.max(0, height - (laneHeight - shotHeight)) };
}

/** Says to the style sheets how much larger than life texts are written. By itself, so that no zooming draws the graph again. */
function Enlarge() {
  const enlarge = useStore(({ transform: [, , zoom] }) => enlargement(zoom));
  const pane = useStore(({ domNode }) => domNode);
  useEffect(() => pane?.style.setProperty('--enlarge', String(enlarge)), [pane, enlarge]);
  return null;
}

/** Where a dragged shot would go. */
function DropMark({ place, nodes }: { readonly place: DropPlace; readonly nodes: readonly PlacedShot[] }) {
  const id = 'before' in place ? place.before : place.after;
  const node = nodes.find((candidate) => candidate.id === id);
  if (!node) return null;
  const left = 'before' in place ? node.x : node.x + node.width;
  return (
    <ViewportPortal>
      <i className={css.dropMark} style={{ left, top: node.y - 6, height: shotHeight + 12 }} />
    </ViewportPortal>
  );
}

/** Zoom below which a story is not shown whole when it is opened, but from its start at {@link openingZoom}. */
const leastOpeningZoom = 0.4;
const openingZoom = 0.95;

/** Shows the story when a project is opened: all of it where that is readable. And all of it when an action asks. */
function useFitOnOpen(layout: GraphLayout, showAll: () => void): void {
  const empty = layout.nodes.length === 0;
  const project = useStudio((state) => state.project?.id);
  const { getViewport, setViewport, zoomIn, zoomOut, zoomTo } = useReactFlow();
  const remembered = useRef<Viewport | null>(null);
  const flow = useStoreApi();
  const shownProject = useRef<string | undefined>(undefined);
  useEffect(() => {
    // An empty story has no view: with its first shot it gets one.
    if (empty) shownProject.current = undefined;
    if (shownProject.current === project || empty) return;
    shownProject.current = project;
    requestAnimationFrame(() => {
      const { width, height } = flow.getState();
      const bounds = boundsOf(layout);
      if (width / (bounds.width + 120) >= leastOpeningZoom && height / (bounds.height + 120) >= leastOpeningZoom)
        showAll();
      else void setViewport({ x: 40, y: Math.min(190, Math.max(56, height * 0.3)), zoom: openingZoom });
    });
  }, [project, empty, layout, showAll, setViewport, flow]);
  useEffect(
    () =>
      onGraphRequest((request) => {
        if (request === 'fit') showAll();
        else if (request === 'in') void zoomIn();
        else if (request === 'out') void zoomOut();
        else if (request === 'remember') remembered.current = getViewport();
        else if (request === 'restore') {
          if (remembered.current) void setViewport(remembered.current);
        } else void zoomTo(1);
      }),
    [showAll, zoomIn, zoomOut, zoomTo, getViewport, setViewport],
  );
}
