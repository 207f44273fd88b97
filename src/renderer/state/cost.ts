import { useEffect, useState } from 'react';
import type { Estimate } from '../../shared/api/types.ts';
import type { PolicyName } from '../../shared/memory-settings.ts';
import type { ShotId } from '../../shared/project/document.ts';
import { api } from './client.ts';
import { forProject } from './made-for.ts';

/** Milliseconds of rest before the studio is asked. */
const pauseMs = 500;

/**
 * What generating these shots would cost; null until that is known, and where there is nothing to make.
 * @param changed asked again whenever it is another value
 * @param policies under each of these, for a comparison; as the shots say unless given
 */
export function useCost(
  shotIds: readonly ShotId[],
  changed: unknown,
  policies?: readonly PolicyName[],
): Estimate | null {
  const [cost, setCost] = useState<Estimate | null>(null);
  const asked = JSON.stringify([shotIds, policies]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` is what is asked, and `changed` says when it has another answer
  useEffect(() => {
    if (shotIds.length === 0 || policies?.length === 0) return setCost(null);
    let current = true;
    const timer = setTimeout(() => {
      // An estimate is only help: without an answer nothing is said.
      api.queue
        .estimate({ ...forProject(), shotIds: [...shotIds], ...(policies ? { policies: [...policies] } : {}) })
        .then(
          (answer) => current && setCost(answer),
          () => current && setCost(null),
        );
    }, pauseMs);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [asked, changed]);
  return cost && cost.chunks > 0 ? cost : null;
}
