// The thread of a project file: SQLite may wait for the disk here, and no window has to.
import { parentPort } from 'node:worker_threads';
import { createBirpc } from 'birpc';
import { ThroughlineError } from '../../shared/errors.ts';
import { type Outcome, outcomeOf } from '../../shared/outcome.ts';
import { ProjectFile } from './project-file.ts';
import type { ProjectFileFunctions, ProjectFileMethod, ProjectFileOwner } from './project-file-client.ts';

if (!parentPort) throw new Error('this file is started by project-file-client.ts');
const port = parentPort;
let project: ProjectFile | null = null;
/** The file is looked for this often, in milliseconds: nobody should be told for long that a file is saved that is gone. */
const lookEveryMs = 2000;
let isLost = false;

const outcome = <T>(work: () => Promise<T> | T): Promise<Outcome<T>> => outcomeOf('The project file', work);

const functions: ProjectFileFunctions = {
  open: (file, newDocument) =>
    outcome(async () => {
      project = await ProjectFile.open(file, newDocument);
      setInterval(look, lookEveryMs).unref();
    }),
  call: (method, args) =>
    outcome(() => {
      if (!project) throw new ThroughlineError('internal', 'The project is not open.', 'Please report this.');
      return (project[method] as (...args: unknown[]) => unknown)(...args);
    }),
};

const owner = createBirpc<ProjectFileOwner, ProjectFileFunctions>(functions, {
  post: (message) => port.postMessage(message),
  on: (listener) => port.on('message', listener),
  eventNames: ['lost'],
  timeout: -1,
});

async function look(): Promise<void> {
  const found = await outcome(() => project?.requireInPlace());
  if (found.ok !== isLost) return; // as it was known to be
  isLost = !found.ok;
  owner.lost(found.ok ? null : found.error);
}

export type { ProjectFileMethod };
