import { BaseEdge, type EdgeProps } from '@xyflow/react';
import { memo } from 'react';
import { shotInset } from './scale.ts';
import type { StoryFlowEdge } from './use-flow.ts';

/** Radius of the turns of a branch, in flow pixels. */
const turn = 5;

/** The line from a shot to what follows it: straight on, or down to another lane as in a commit graph. */
export const StoryEdge = memo(function StoryEdge({
  id,
  sourceX,
  sourceY,
  targetX,
  targetY,
  data,
}: EdgeProps<StoryFlowEdge>) {
  const from = sourceX - shotInset;
  const to = targetX + shotInset;
  const middle = (from + to) / 2;
  const down = targetY > sourceY ? 1 : -1;
  const path =
    Math.abs(targetY - sourceY) < 1
      ? `M${from},${sourceY} H${to}`
      : `M${from},${sourceY} H${middle - turn} Q${middle},${sourceY} ${middle},${sourceY + down * turn}` +
        ` V${targetY - down * turn} Q${middle},${targetY} ${middle + turn},${targetY} H${to}`;
  return (
    <BaseEdge
      id={id}
      path={path}
      interactionWidth={0}
      style={{ stroke: data?.inCut ? 'var(--text-3)' : 'var(--line-strong)', strokeWidth: data?.inCut ? 2 : 1.5 }}
    />
  );
});
