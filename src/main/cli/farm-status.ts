import type { FarmWorkerState } from '../../shared/api/types.ts';
import { parseQueueAddress, watchFarm } from '../farm/index.ts';
import { workerStates } from '../studio/farm/worker-states.ts';

/** Who works on a farm, as a person reads it: a line a worker, and one for all. @throws ThroughlineError `farm`, `bad-input` */
export async function farmStatus(queue: string): Promise<string> {
  const address = parseQueueAddress(queue);
  const watch = await watchFarm(address);
  try {
    const workers = workerStates(await watch.workers(), null);
    const there = workers.filter(({ state }) => state !== 'left' && state !== 'lost').length;
    const head = `${address.place}: ${there === 1 ? '1 worker' : `${there} workers`}\n`;
    return `${head}${workers.map((worker) => `${line(worker)}\n`).join('')}`;
  } finally {
    watch.dispose();
  }
}

function line(worker: FarmWorkerState): string {
  const { name, models, deviceClass, made, secondsAChunk } = worker;
  const speed = secondsAChunk === null ? '' : `, ${secondsAChunk.toFixed(1)} s a chunk`;
  return `${name}: ${models.join(', ')} on ${deviceClass}; ${stateWords(worker)}; ${made} made${speed}`;
}

function stateWords({ state, making, heardSecondsAgo, leaseSeconds }: FarmWorkerState): string {
  switch (state) {
    case 'working':
      return `makes chunk ${(making?.chunkIndex ?? 0) + 1}`;
    case 'idle':
      return 'waits for work';
    case 'silent':
      return `no sign of life for ${heardSecondsAgo} s; after ${leaseSeconds} s others may take its work`;
    case 'lost':
      return 'lost; others may take its work';
    case 'left':
      return 'left';
  }
}
