import type { Edge, Node } from '@xyflow/react';
import { useMemo, useRef } from 'react';
import type { ProjectDocument, ShotId } from '../../shared/project/document.ts';
import { type GraphLayout, layoutGraph, type PlacedShot } from '../../shared/project/layout.ts';
import { useSelection, useStory, useStudio } from '../state/index.ts';
import { chunkWidth, laneHeight, lineOffset, shotHeight, type TimeScale } from './scale.ts';

export type ShotFlowNode = Node<{ readonly inCut: boolean; readonly number: number }, 'shot'>;
export type StoryFlowEdge = Edge<{ readonly inCut: boolean }, 'story'>;

const assumedScale: TimeScale = { fps: 8, chunkFrames: 3 };

/** How time lies in the graph: the model's, or a likely one until there is a model. */
export function useTimeScale(): TimeScale {
  const model = useStudio((state) => state.model);
  return useMemo(() => (model ? { fps: model.video.fps, chunkFrames: model.chunkFrames } : assumedScale), [model]);
}

/** The graph laid out; x is in flow pixels. The same object until something moves or a lane is called otherwise. */
export function useLayout(): GraphLayout {
  return useStory(({ document }) => layoutOf(document));
}

const nothing: GraphLayout = { nodes: [], lanes: [], width: 0, height: 0 };
let laidOut: { readonly document: ProjectDocument | null; readonly shape: string; readonly layout: GraphLayout } = {
  ...{ document: null, shape: '', layout: nothing },
};

/** Whoever types changes the document at every key, and its layout at none: nothing is to be drawn again for that. */
function layoutOf(document: ProjectDocument | null): GraphLayout {
  if (laidOut.document === document) return laidOut.layout;
  const layout = document ? layoutGraph(document, { chunkSec: 1, pixelsPerSec: chunkWidth, laneHeight }) : nothing;
  const places = layout.nodes.map(({ id, x, y, width, number }) => `${id} ${x} ${y} ${width} ${number}`);
  const parents = document?.shots.map(({ parent }) => parent) ?? [];
  const shape = [...places, ...parents, ...layout.lanes.map(({ leaf, name }) => `${leaf} ${name}`)].join();
  laidOut = { document, shape, layout: shape === laidOut.shape ? laidOut.layout : layout };
  return laidOut.layout;
}

/** Shots of the active cut. */
export function useCutIds(): ReadonlySet<ShotId> {
  const leaf = useSelection((state) => state.leaf);
  // As text, so that the set stays the same while only prompts change.
  const ids = useStory(
    (state) =>
      state.cuts
        .find((cut) => cut.leaf === leaf)
        ?.shots.map(({ id }) => id)
        .join(' ') ?? '',
  );
  return useMemo(() => new Set(ids.split(' ')), [ids]);
}

/**
 * Nodes and edges for React Flow. A node that did not change is the same object as before, so that it is not drawn
 * again; sizes and handles are given, so that nothing needs to be measured and nodes out of sight can have edges.
 */
export function useFlow(layout: GraphLayout, cutIds: ReadonlySet<ShotId>) {
  const shotIds = useSelection((state) => state.shotIds);
  const old = useRef(new Map<string, ShotFlowNode>());
  const nodes = useMemo(() => {
    const next = new Map<string, ShotFlowNode>();
    for (const { id, x, y, width, number } of layout.nodes) {
      const selected = shotIds.has(id);
      const inCut = cutIds.has(id);
      const before = old.current.get(id);
      const same =
        before &&
        before.position.x === x &&
        before.position.y === y &&
        before.width === width &&
        before.selected === selected &&
        before.data.number === number &&
        before.data.inCut === inCut;
      next.set(id, same ? before : flowNode({ id, x, y, width, number }, selected, inCut));
    }
    old.current = next;
    return [...next.values()];
  }, [layout, shotIds, cutIds]);
  const edges = useMemo(() => {
    const { byId } = useStory.getState();
    return layout.nodes.flatMap(({ id }): StoryFlowEdge[] => {
      const parent = byId.get(id)?.parent;
      if (parent === null || parent === undefined) return [];
      const data = { inCut: cutIds.has(id) };
      return [{ id: `to-${id}`, type: 'story', source: parent, target: id, data, focusable: false, selectable: false }];
    });
  }, [layout, cutIds]);
  return { nodes, edges };
}

function flowNode(
  { id, x, y, width, number }: Pick<PlacedShot, 'id' | 'x' | 'y' | 'width' | 'number'>,
  selected: boolean,
  inCut: boolean,
): ShotFlowNode {
  const handle = { y: lineOffset, width: 1, height: 1 };
  return {
    id,
    type: 'shot',
    position: { x, y },
    width,
    height: shotHeight,
    measured: { width, height: shotHeight },
    handles: [
      { ...handle, type: 'target', position: 'left' as never, x: 0 },
      { ...handle, type: 'source', position: 'right' as never, x: width },
    ],
    selected,
    data: { inCut, number },
  };
}
