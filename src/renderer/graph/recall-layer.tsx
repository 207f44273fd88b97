import { useStore, ViewportPortal } from '@xyflow/react';
import { useMemo } from 'react';
import type { PlacedShot } from '../../shared/project/layout.ts';
import { useRecallEdges } from '../memory/index.ts';
import css from './graph.module.css';
import { chunkWidth, shotInset } from './scale.ts';

/** Flow pixels below a shot's top where arcs end: above its prompt, which stays readable. */
const arcEnd = 2;
/** Labels are drawn on this many of the strongest edges at most. */
const maxLabels = 6;
/** Of a label, in pixels. */
const labelSize = 11;

/** Arcs from a chunk back to the frames it remembered; the thicker, the more it drew on that frame. */
export function RecallLayer({
  nodes,
  chunkFrames,
}: {
  readonly nodes: readonly PlacedShot[];
  readonly chunkFrames: number;
}) {
  const edges = useRecallEdges();
  // From afar labels are drawn larger, in a few steps, and fewer of them.
  const enlarged = useStore(({ transform: [, , zoom] }) => Math.max(1, Math.round(3.4 / zoom) / 4));
  const arcs = useMemo(() => {
    const placed = new Map(nodes.map((node) => [node.id, node]));
    return edges.flatMap(({ from, to, weight, share }) => {
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
          weight,
          share,
          labelX: (x1 + x2) / 2,
          labelY: (y1 + y2) / 8 + top * 0.75,
        },
      ];
    });
  }, [edges, nodes, chunkFrames]);
  if (arcs.length === 0) return null;
  const labelled = [...arcs].sort((a, b) => b.weight - a.weight).slice(0, Math.ceil(maxLabels / enlarged ** 2));
  return (
    <ViewportPortal>
      <svg className={css.recall} width={1} height={1} aria-hidden="true">
        {arcs.map(({ key, path, share }) => (
          <path key={key} d={path} strokeWidth={0.75 + 4.5 * share} opacity={0.25 + 0.7 * share} />
        ))}
        {labelled.map(({ key, weight, labelX, labelY }) => (
          <text key={key} x={labelX} y={labelY} style={{ fontSize: labelSize * enlarged }}>
            {weight.toFixed(2)}
          </text>
        ))}
      </svg>
    </ViewportPortal>
  );
}
