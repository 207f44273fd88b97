import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ThroughlineError, throwIfCancelled } from '../../shared/errors.ts';
import {
  type ArtifactStore,
  Artifacts,
  openArtifactStore,
  parseQueueAddress,
  queueNameOf,
  StoredPictures,
  startFarmWorker,
  sweepLeftovers,
  type WorkerEvent,
  type WorkerModel,
  WorkerPictures,
  watchFarm,
} from '../farm/index.ts';
import { previewImage } from '../studio/project/content/pictures.ts';
import { queueOption, storeOption } from './farm-options.ts';
import type { Progress } from './progress.ts';
import { type Defaults, engineOptions, group, modelFolderOf, wholeNumber } from './render-options.ts';
import { required } from './required-option.ts';
import type { Services } from './services.ts';
import type { EngineFlags } from './story-engine.ts';
import type { Terminal } from './terminal.ts';
import { type KnownModel, WorkerEngine } from './worker-engine.ts';

interface WorkerFlags extends Omit<EngineFlags, 'model'> {
  /** Names or folders. */
  readonly model?: readonly string[];
  readonly allModels?: boolean;
  readonly queue: string;
  readonly store: string;
  /** Seconds. */
  readonly lease: number;
  readonly name?: string;
  readonly quiet?: boolean;
}

interface WorkerHost {
  readonly terminal: Terminal;
  readonly services: Pick<Services, 'startEngine'>;
  readonly defaults: Defaults;
}

/** Seconds without a sign of life after which a worker counts as dead. */
const usualLease = 30;
const longestName = 60;

const help = `
A worker takes work for its own models and device only, and never loads or runs anything that it is sent. Of several models one is
loaded at a time; it gives way after a minute where another is wanted, and at once where it has nothing to do. Ctrl+C or SIGTERM
makes it finish the chunk in hand and give the rest back. Put the queue's password into THROUGHLINE_QUEUE_PASSWORD, or into a
file that THROUGHLINE_QUEUE_PASSWORD_FILE names: an address on the command line is seen by everybody on the machine. The keys
of a bucket stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.

  throughline worker --queue redis://127.0.0.1:6379 --store /shared/farm
  throughline render story.txt --out film.mp4 --farm redis://127.0.0.1:6379 --store /shared/farm
`;

/** `throughline worker`. */
export function addWorkerCommand<H extends WorkerHost>(
  program: Command,
  host: H,
  interruptibly: (
    host: H,
    quiet: boolean,
    what: string,
    stoppedText: string,
    work: (progress: Progress, signal: AbortSignal) => Promise<void>,
  ) => Promise<void>,
): void {
  const command = program
    .command('worker')
    .description('make chunks for others: take work from a queue, leave results in a store')
    .addHelpText('after', help)
    .action((flags: WorkerFlags) =>
      interruptibly(host, flags.quiet ?? false, 'The worker', 'Stopped.', (progress, signal) =>
        work(flags, host, progress, signal),
      ),
    );
  const farm = group('Farm:', [
    required(queueOption()),
    required(storeOption()),
    new Option('--lease <seconds>', 'how long a worker that shows no sign of life keeps its work')
      .argParser(wholeNumber(1, 3600))
      .default(usualLease),
    new Option('--name <name>', 'by which others know this worker (default: its machine and process)').argParser(
      workerName,
    ),
  ]);
  const models = group('Models:', [
    new Option(
      '--model <name or folder>',
      'a model to make chunks with; may be given again (default: the built-in one)',
    ).argParser((value: string, before: readonly string[] = []) => [...before, modelFolderOf(value, host.defaults)]),
    new Option('--all-models', 'the built-in model and every imported one'),
  ]);
  const machine = engineOptions(host.defaults).filter(({ long }) => long !== '--model');
  for (const option of [...farm, ...models, ...machine]) command.addOption(option);
}

/** The models that were named, and those of this machine where all are wanted. */
async function foldersOf({ model = [], allModels }: WorkerFlags, defaults: Defaults): Promise<string[]> {
  if (!allModels) return model.length > 0 ? [...new Set(model)] : [defaults.modelFolder];
  const { listModels } = await import('../engine/models.ts');
  const ready = listModels(defaults.modelsFolder).filter(({ state }) => state.kind === 'ready');
  return [...new Set([...model, defaults.modelFolder, ...ready.map(({ path }) => path)])];
}

async function work(
  flags: WorkerFlags,
  { terminal, services, defaults }: WorkerHost,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const say = (text: string): void => {
    if (!flags.quiet) terminal.err(`${text}\n`);
  };
  const address = parseQueueAddress(flags.queue);
  const results = await openArtifactStore(flags.store);
  // Before a folder is created and a model loaded for a queue that does not answer.
  (await watchFarm(address)).dispose();
  await results.check();
  const pictures = new WorkerPictures(new StoredPictures(results));
  const engine = new WorkerEngine({ flags, services, pictureOf: pictures.pictureOf, say });
  try {
    const folders = await foldersOf(flags, defaults);
    const known = await engine.know(folders, (folder) =>
      progress.stage(folders.length === 1 ? 'loading the model' : `loading ${folder}`),
    );
    progress.clear();
    throwIfCancelled(signal, 'The worker');
    const worker = await startFarmWorker({
      address,
      ...(flags.name === undefined ? {} : { name: flags.name }),
      models: distinct(known.map((model) => workerModel(model, results, engine))),
      pictures,
      leaseMs: flags.lease * 1000,
      onEvent: (event) => {
        if (event.kind === 'ended') engine.shrink();
        const text = line(event);
        if (text !== null) say(text);
      },
    });
    // What others left that were killed; nothing waits for it.
    void sweepLeftovers(results).catch(() => {});
    const names = known.map(({ info, deviceClass }) => `${info.name} on ${deviceClass}`);
    say(`Working for ${address.place} with ${names.join(', ')}; results go to ${results.place}.`);
    let lost: ThroughlineError | null;
    try {
      lost = await Promise.race([aborted(signal).then(() => null), worker.outOfModels]);
    } finally {
      await worker.leave();
    }
    if (lost) throw lost;
    say('Left; what was not finished is in the queue.');
  } finally {
    await engine.dispose();
  }
}

function workerModel(
  { folder, info, deviceClass, store }: KnownModel,
  results: ArtifactStore,
  engine: WorkerEngine,
): WorkerModel {
  const identity = { model: info, deviceClass };
  return {
    ...{ identity, name: info.name, store, artifacts: new Artifacts(results, identity) },
    engine: () => engine.with(folder),
    engineDied: () => engine.drop(),
    drawPreview: (frames, frameCount) => previewImage(frames, frameCount, info.video),
  };
}

/** Of models that make the same the first. */
function distinct(models: readonly WorkerModel[]): WorkerModel[] {
  return [...new Map([...models].reverse().map((model) => [queueNameOf(model.identity), model])).values()].reverse();
}

function workerName(text: string): string {
  const name = text.trim();
  if (name !== '' && name.length <= longestName && !/\p{Cc}/u.test(name)) return name;
  throw new InvalidArgumentError(`It has 1 to ${longestName} characters on one line.`);
}

function line(event: WorkerEvent): string | null {
  switch (event.kind) {
    case 'chunk':
      return `chunk ${event.chunkIndex + 1}, ${event.key.slice(0, 12)}: ${event.source}`;
    case 'note':
      return `Note: ${event.text}`;
    case 'ended':
      return event.how === 'done' ? null : `run ${event.run.id.slice(0, 12)}: ${event.how}`;
    case 'began':
      return null;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
