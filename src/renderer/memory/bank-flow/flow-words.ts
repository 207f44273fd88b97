import { formatShare } from '../parts/value-scale.ts';
import type { FlowState } from './frame-lives.ts';

const stateNames: Record<Exclude<FlowState['state'], 'bank'>, string> = {
  window: 'In view: it came just before',
  sink: 'In view: the beginning always is',
  waiting: 'In memory, not recalled',
  banned: 'Never used, as you asked',
  gone: 'Forgotten',
  unknown: 'Not made yet',
};

/** What a frame was to one chunk, in words. */
export function flowWords(state: FlowState): string {
  return state.state === 'bank' ? `Recalled by ${formatShare(state.fraction)} of layers` : stateNames[state.state];
}
