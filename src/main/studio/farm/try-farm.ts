import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { FarmPlace, FarmTrial, FarmWorkerState } from '../../../shared/api/types.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import { type BucketKeys, openArtifactStore, type QueueAddress, watchFarm } from '../../farm/index.ts';
import { shownError } from '../shown-error.ts';
import { toldInEditor } from './farm-words.ts';
import { workerStates } from './worker-states.ts';

type Finding = FarmTrial['findings'][number];

/** A name in the store for this machine: trying again leaves nothing behind. */
const trialName = `trials/${createHash('sha256').update(hostname()).digest('hex').slice(0, 16)}.trial`;
const trialBytes = 64;

/**
 * Looks whether a farm can be used from here: its queue, its store, and who works there. Leaves one small file in the store.
 * @param keys of a bucket, instead of those of the environment
 * @param model the one that is loaded; null while none is
 * @param suitable name of the queue of those who have it on the right kind of device
 */
export async function tryFarm(
  { store }: FarmPlace,
  address: QueueAddress,
  keys: BucketKeys | null,
  model: ModelInfo | null,
  suitable: string | null,
): Promise<FarmTrial> {
  const findings: Finding[] = [];
  const look = async (what: () => Promise<Finding[]>): Promise<void> => {
    try {
      findings.push(...(await what()));
    } catch (error) {
      const { message, hint } = shownError(toldInEditor(error));
      findings.push({ ok: false, message, hint });
    }
  };
  let workers: readonly FarmWorkerState[] | null = null;
  await look(async () => {
    const watch = await watchFarm(address);
    try {
      workers = workerStates(await watch.workers(), suitable);
      const found: Finding = { ok: true, message: `The queue at ${address.place} answers.`, hint: '' };
      return watch.note === null ? [found] : [found, { ok: false, message: watch.note, hint: '' }];
    } finally {
      watch.dispose();
    }
  });
  await look(async () => [await tryStore(store, keys)]);
  if (workers) findings.push(workersFinding(workers, model));
  return { findings };
}

/** Writes something small and reads it again. */
async function tryStore(text: string, keys: BucketKeys | null): Promise<Finding> {
  const store = await openArtifactStore(text, keys);
  await store.check();
  const bytes = randomBytes(trialBytes);
  await store.put(trialName, bytes, true);
  const read = await store.get(trialName);
  if (!read || !bytes.equals(read))
    throw new ThroughlineError(
      'farm',
      `What was written to ${store.place} is not what is read there.`,
      'See whether the store is one that keeps its files, and whether its disk is full.',
    );
  return { ok: true, message: `${store.place} can be written to and read.`, hint: '' };
}

function workersFinding(workers: readonly FarmWorkerState[], model: ModelInfo | null): Finding {
  const there = workers.filter(({ state }) => state !== 'left' && state !== 'lost');
  const start = 'Start one with: throughline worker --queue … --store …';
  if (there.length === 0) return { ok: false, message: 'No worker listens to this queue.', hint: start };
  if (!model)
    return {
      ok: true,
      message: `${counted(there.length, 'worker')} there. Which of them suit is known once a model is loaded.`,
      hint: '',
    };
  const suit = there.filter(({ suits }) => suits);
  if (suit.length > 0)
    return {
      ok: true,
      message: `${counted(suit.length, 'worker')} with ${model.name}: ${namesOf(suit)}.`,
      hint: '',
    };
  const others = [...new Set(there.map((worker) => `${worker.models.join(', ')} on ${worker.deviceClass}`))].slice(
    0,
    3,
  );
  return {
    ok: false,
    message: `No worker has ${model.name} on this kind of device. Those there have ${others.join(', ')}.`,
    hint: 'Choose another kind of device, or start a worker with this model.',
  };
}

function namesOf(workers: readonly FarmWorkerState[]): string {
  const names = workers.slice(0, 4).map(({ name }) => name);
  return workers.length > names.length
    ? `${names.join(', ')} and ${workers.length - names.length} more`
    : names.join(', ');
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
