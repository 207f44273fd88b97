import type { ShotStateName } from '../../shared/project/status.ts';

/** What a shot's state looks like where there is room for a colour only. */
export const stateColors: Record<ShotStateName, string> = {
  empty: 'var(--line-strong)',
  fresh: 'var(--fresh)',
  partial: 'color-mix(in oklab, var(--fresh), var(--line-strong))',
  generating: 'var(--making)',
  queued: 'var(--queued)',
  stale: 'var(--stale)',
  held: 'var(--held)',
  failed: 'var(--failed)',
};
