// Entry of the process that fetches and imports models: a child of the studio, so that gigabytes do not hold it up.
import { createBirpc } from 'birpc';
import { CancelledError } from '../../shared/errors.ts';
import { outcomeOf } from '../../shared/outcome.ts';
import { parentPort } from '../engine/parent-port.ts';
import type { TaskFunctions, TaskOwner } from './protocol.ts';
import { runTask } from './run-task.ts';

/** Progress is told this often at most, in milliseconds. */
const progressEveryMs = 200;

// Ctrl+C in a terminal reaches the whole group; the owner decides what stops, and when.
process.on('SIGINT', () => {});

const port = parentPort();
const stopping = new AbortController();
let toldAt = 0;
let toldFile = '';

const rpc = createBirpc<TaskOwner, TaskFunctions>(
  {
    run: (task, modelsFolder) =>
      outcomeOf('The import', () =>
        runTask(task, {
          modelsFolder,
          signal: stopping.signal,
          onProgress: (progress) => {
            const file = 'file' in progress ? `${progress.stage} ${progress.file}` : progress.stage;
            if (file === toldFile && performance.now() - toldAt < progressEveryMs) return;
            toldFile = file;
            toldAt = performance.now();
            rpc.onProgress(progress);
          },
        }),
      ),
    cancel: () => stopping.abort(new CancelledError('The import')),
  },
  {
    post: (message) => port.post(message),
    on: (listener) => port.on(listener),
    eventNames: ['onProgress'],
    timeout: -1,
  },
);
