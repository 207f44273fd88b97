import { fileURLToPath } from 'node:url';
import { createBirpc } from 'birpc';
import { CancelledError, ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import { Lifeline } from '../../shared/lifeline.ts';
import type { ModelProgress, ModelResults, ModelTask } from '../../shared/models.ts';
import { openOutcome } from '../../shared/outcome.ts';
import { forkEngine, type SpawnEngine } from '../engine/engine-child.ts';
import type { TaskFunctions, TaskOwner } from './protocol.ts';

export interface TaskOptions {
  readonly modelsFolder: string;
  /** How the process is started; forked from this one by default. */
  readonly spawn?: SpawnEngine | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ModelProgress) => void;
}

/** A process that was asked to stop and has not stopped after so long is ended, in milliseconds. What is done is kept. */
const stoppingTimeMs = 10_000;
const keptOutputBytes = 4096;

/** Does a task at models in a process of its own. @throws ThroughlineError, CancelledError */
export async function taskInProcess<T extends ModelTask>(
  task: T,
  { modelsFolder, spawn = forkEngine, signal, onProgress }: TaskOptions,
): Promise<ModelResults[T['kind']]> {
  throwIfCancelled(signal, 'The import');
  const entry = fileURLToPath(
    new URL(`./task-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
  );
  const child = spawn(entry);
  const lifeline = new Lifeline();
  let output = '';
  child.onOutput((text) => {
    output = (output + text).slice(-keptOutputBytes);
  });
  child.onEnd((how) =>
    lifeline.die(
      new ThroughlineError(
        'internal',
        how.kind === 'exited' && how.signal === 'SIGKILL'
          ? 'The process that imports was ended from outside: it may have run out of memory.'
          : 'The process that imports ended before it was done.',
        'Try again: it goes on where it stopped.',
        { cause: new Error(output.trim()) },
      ),
    ),
  );
  const rpc = createBirpc<TaskFunctions, TaskOwner>(
    { onProgress: (progress) => onProgress?.(progress) },
    {
      post: (message) => child.post(message),
      on: (listener) => child.onMessage(listener),
      eventNames: ['cancel'],
      timeout: -1,
    },
  );
  let stopping: NodeJS.Timeout | null = null;
  const cancel = (): void => {
    void rpc.cancel();
    stopping = setTimeout(() => lifeline.die(new CancelledError('The import')), stoppingTimeMs);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const outcome = await lifeline.race(rpc.run(task, modelsFolder));
    return openOutcome(outcome, 'in the process of models') as ModelResults[T['kind']];
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (stopping) clearTimeout(stopping);
    child.kill();
  }
}
