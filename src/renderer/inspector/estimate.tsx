import { useMemo } from 'react';
import type { ShotId } from '../../shared/project/document.ts';
import { costWords } from '../app/words.ts';
import { useCost } from '../state/cost.ts';
import { useStory } from '../state/index.ts';
import css from './inspector.module.css';

/** What generating this shot would cost, before it is started. */
export function Estimate({ shotId }: { readonly shotId: ShotId }) {
  const plan = useStory((state) => state.plan);
  const state = useStory((story) => story.statuses.get(shotId)?.state);
  const changed = useMemo(() => ({ plan, state }), [plan, state]);
  const cost = useCost([shotId], changed);
  return cost && <p className={css.estimate}>To make: {costWords(cost)}</p>;
}
