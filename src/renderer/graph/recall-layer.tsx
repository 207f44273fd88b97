import { useStore, ViewportPortal } from '@xyflow/react';
import { useMemo, useState } from 'react';
import type { PlacedShot } from '../../shared/project/layout.ts';
import { goToChunk } from '../actions/shots.ts';
import { type GraphRecallEdge, useRecallEdges } from '../memory/index.ts';
import { useStory } from '../state/index.ts';
import css from './graph.module.css';
import { labelsWithRoom } from './recall-labels.ts';
import { chunkWidth, shotInset } from './scale.ts';

/** Flow pixels below a shot's top where arcs end: above its prompt, which stays readable. */
const arcEnd = 2;
/** Labels are drawn on this many of the strongest edges at most. */
const maxLabels = 6;
/** Of a label, in pixels on the screen. */
const labelSize = 11;
/** Screen pixels around an arc that count as on it. */
const reach = 10;

/** Arcs from a chunk back to the frames it remembered; the thicker, the more it drew on that frame. */
export function RecallLayer({
  nodes,
  chunkFrames,
}: {
  readonly nodes: readonly PlacedShot[];
  readonly chunkFrames: number;
}) {
  const edges = useRecallEdges();
  // From afar labels are drawn larger, in a few steps.
  const enlarged = useStore(({ transform: [, , zoom] }) => Math.max(1, Math.round(4 / zoom) / 4));
  const [hovered, setHovered] = useState<string | null>(null);
  const arcs = useMemo(() => placeArcs(edges, nodes, chunkFrames), [edges, nodes, chunkFrames]);
  if (arcs.length === 0) return null;
  const size = labelSize * enlarged;
  const under = arcs.find(({ key }) => key === hovered);
  const scored = arcs.flatMap(({ weight, ...arc }) => (weight === null ? [] : [{ ...arc, weight }]));
  const labelled = under ? [] : labelsWithRoom(scored, size, maxLabels);
  return (
    <ViewportPortal>
      <svg className={css.recall} width={1} height={1} aria-hidden="true" data-hovered={under ? '' : undefined}>
        {arcs.map(({ key, path, edge: { share } }) => (
          <path
            key={key}
            d={path}
            data-under={key === hovered || undefined}
            strokeWidth={0.75 + 4.5 * share}
            opacity={0.25 + 0.7 * share}
          />
        ))}
        {labelled.map(({ key, weight, x, y }) => (
          <text key={key} x={x} y={y} style={{ fontSize: size }}>
            {weight.toFixed(2)}
          </text>
        ))}
        {under && <Exactly edge={under.edge} x={under.x} y={under.y} size={size} />}
      </svg>
      {/* Below the shots, so that no arc takes a press from them. */}
      <svg className={css.recallReach} width={1} height={1} aria-hidden="true">
        {arcs.map(({ key, path, edge: { from } }) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the Memory tab has the same by keyboard
          <path
            key={key}
            d={path}
            strokeWidth={reach * enlarged}
            data-recall={key}
            onPointerEnter={() => setHovered(key)}
            onPointerLeave={() => setHovered(null)}
            onClick={() => goToChunk(from.shotId, from.indexInShot)}
          />
        ))}
      </svg>
    </ViewportPortal>
  );
}

/** The exact value of an edge, and what it leads from and to. */
function Exactly(props: {
  readonly edge: GraphRecallEdge;
  readonly x: number;
  readonly y: number;
  readonly size: number;
}) {
  const { edge, x, y, size } = props;
  const numberOf = useStory(({ plan }) => plan?.firstChunkIndex);
  const chunk = ({ shotId, indexInShot }: GraphRecallEdge['to']) => (numberOf?.(shotId) ?? 0) + indexInShot + 1;
  return (
    <text x={x} y={y} style={{ fontSize: size }}>
      {edge.weight !== null && <tspan className={css.exact}>{edge.weight.toFixed(4)}</tspan>}
      <tspan x={x} dy={edge.weight === null ? 0 : '1.4em'}>
        chunk {chunk(edge.from)} in chunk {chunk(edge.to)}, {Math.round(edge.layers * 100)} % of layers
      </tspan>
    </text>
  );
}

interface Arc {
  readonly key: string;
  readonly path: string;
  readonly edge: GraphRecallEdge;
  /** Score: the greater, the sooner it is labelled; null where there is none to tell. */
  readonly weight: number | null;
  /** Where its label stands. */
  readonly x: number;
  readonly y: number;
}

function placeArcs(edges: readonly GraphRecallEdge[], nodes: readonly PlacedShot[], chunkFrames: number): Arc[] {
  const placed = new Map(nodes.map((node) => [node.id, node]));
  return edges.flatMap((edge): Arc[] => {
    const { from, to, weight } = edge;
    const source = placed.get(from.shotId);
    const target = placed.get(to.shotId);
    if (!source || !target) return [];
    const inner = chunkWidth - 2 * shotInset;
    const x1 = source.x + from.indexInShot * chunkWidth + shotInset + ((from.frame + 0.5) / chunkFrames) * inner;
    const x2 = target.x + (to.indexInShot + 0.5) * chunkWidth;
    const y1 = source.y + arcEnd;
    const y2 = target.y + arcEnd;
    const top = Math.min(y1, y2) - Math.min(150, 34 + Math.abs(x2 - x1) * 0.13);
    return [
      {
        key: `${from.chunkKey}/${from.frame}/${to.chunkKey}`,
        path: `M${x1},${y1} C${x1},${top} ${x2},${top} ${x2},${y2}`,
        edge,
        weight,
        x: (x1 + x2) / 2,
        y: (y1 + y2) / 8 + top * 0.75,
      },
    ];
  });
}
