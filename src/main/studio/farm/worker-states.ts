import type { FarmWorkerState } from '../../../shared/api/types.ts';
import type { SeenWorker } from '../../farm/index.ts';

/** A worker speaks each second; after so long it is worth a word that it does not, in milliseconds. */
const silentAfterMs = 5000;
/** Signs of life younger than this are one and the same moment, so that what is shown changes only where something did. */
const momentMs = 3000;

/**
 * Workers as a person is shown them, by name: those that suit and work first.
 * @param suitable name of the queue whose workers can make chunks for this editor; null while that is not known
 */
export function workerStates(seen: readonly SeenWorker[], suitable: string | null): FarmWorkerState[] {
  const states = seen.map(({ id, facts, heardMsAgo }): FarmWorkerState => {
    const state = stateOf(facts, heardMsAgo);
    const { model, queue, deviceClass, secondsAChunk } = facts;
    const models = facts.models ?? [{ name: model, queue, deviceClass, secondsAChunk }];
    const suiting = models.find((one) => one.queue === suitable);
    return {
      id,
      name: facts.name,
      models: models.map(({ name }) => name),
      deviceClass: suiting?.deviceClass ?? deviceClass,
      state,
      making: state === 'lost' || state === 'left' ? null : facts.making,
      made: facts.made,
      secondsAChunk: suiting ? suiting.secondsAChunk : secondsAChunk,
      memoryBytes: facts.memoryBytes,
      heardSecondsAgo: heardMsAgo < momentMs ? 0 : Math.round(heardMsAgo / 1000),
      leaseSeconds: Math.round(Math.max(facts.leaseMs, silentAfterMs) / 1000),
      suits: suiting !== undefined,
    };
  });
  const rank = ({ suits, state }: FarmWorkerState): number =>
    (suits ? 0 : 4) + (state === 'left' ? 2 : state === 'lost' ? 1 : 0);
  return states.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}

function stateOf({ left, leaseMs, making }: SeenWorker['facts'], heardMsAgo: number): FarmWorkerState['state'] {
  if (left) return 'left';
  if (heardMsAgo > Math.max(leaseMs, silentAfterMs)) return 'lost';
  if (heardMsAgo > silentAfterMs) return 'silent';
  return making ? 'working' : 'idle';
}

/** Workers that are lost now and were at work before, by what was seen of them. */
export function newlyLost(before: readonly FarmWorkerState[], now: readonly FarmWorkerState[]): FarmWorkerState[] {
  const known = new Map(before.map((worker) => [worker.id, worker.state]));
  return now.filter(({ id, state }) => {
    const was = known.get(id);
    return state === 'lost' && was !== undefined && was !== 'lost' && was !== 'left';
  });
}
