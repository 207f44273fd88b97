import type { Beginning } from '../../shared/scene/index.ts';

/** On a card, where there is little room: `cut: kitchen after beach`, `continues`. */
export function beginningWords({ transition, reason }: Beginning): string {
  if (transition === 'continue') return 'continues';
  return reason === null ? 'cut' : `cut: ${reason.replace(/^[^:]*: /, '')}`;
}

/** The same in a sentence, with who decided it. */
export function beginningSentence({ transition, reason }: Beginning): string {
  const what = transition === 'cut' ? 'Begins with a cut' : 'Continues the shot before';
  return reason === null ? `${what}, as set by hand.` : `${what} (automatic: ${reason}).`;
}
