import { useEffect, useState } from 'react';
import type { Estimate as Cost } from '../../shared/api/types.ts';
import type { ShotId } from '../../shared/project/document.ts';
import { counted, sizeWords, timeLeft } from '../app/words.ts';
import { api, forProject, useStory } from '../state/index.ts';
import css from './inspector.module.css';

/** Milliseconds of rest before the studio is asked. */
const pauseMs = 500;

/** What generating this shot would cost, before it is started. */
export function Estimate({ shotId }: { readonly shotId: ShotId }) {
  const plan = useStory((state) => state.plan);
  const state = useStory((story) => story.statuses.get(shotId)?.state);
  const [cost, setCost] = useState<Cost | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again whenever the recipe or the state changes
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      // An estimate is only help: without an answer nothing is said.
      api.queue.estimate({ ...forProject(), shotIds: [shotId] }).then(
        (answer) => current && setCost(answer),
        () => current && setCost(null),
      );
    }, pauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [shotId, plan, state]);
  if (!cost || cost.chunks === 0) return null;
  const parts = [
    counted(cost.chunks, 'chunk'),
    cost.seconds === null ? null : `about ${timeLeft(cost.seconds)}`,
    cost.memoryBytes === null ? null : `${sizeWords(cost.memoryBytes)} of memory`,
    cost.diskBytes === null ? null : `${sizeWords(cost.diskBytes)} on disk`,
  ];
  return <p className={css.estimate}>To make: {parts.filter(Boolean).join(', ')}</p>;
}
