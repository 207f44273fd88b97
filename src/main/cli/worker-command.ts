import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  Artifacts,
  deviceClassOf,
  openArtifactStore,
  parseQueueAddress,
  StoredPictures,
  startFarmWorker,
  sweepLeftovers,
  type WorkerEvent,
  WorkerPictures,
} from '../farm/index.ts';
import { ChunkStore } from '../persistence/index.ts';
import { previewImage } from '../studio/project/pictures.ts';
import { storeOption } from './farm-options.ts';
import type { Progress } from './progress.ts';
import { type Defaults, engineOptions, group, wholeNumber } from './render-options.ts';
import type { OwnedEngine, Services } from './services.ts';
import type { EngineFlags } from './story-engine.ts';
import type { Terminal } from './terminal.ts';

interface WorkerFlags extends EngineFlags {
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
A worker takes work for its own model and device only, and never loads or runs anything that it is sent. Ctrl+C or SIGTERM
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
    new Option('--queue <redis://host:6379>', 'the queue, on Redis or Valkey').makeOptionMandatory(),
    storeOption().makeOptionMandatory(),
    new Option('--lease <seconds>', 'how long a worker that shows no sign of life keeps its work')
      .argParser(wholeNumber(1, 3600))
      .default(usualLease),
    new Option('--name <name>', 'by which others know this worker (default: its machine and process)').argParser(
      workerName,
    ),
  ]);
  for (const option of [...farm, ...engineOptions(host.defaults)]) command.addOption(option);
}

async function work(
  flags: WorkerFlags,
  { terminal, services }: WorkerHost,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const say = (text: string): void => {
    if (!flags.quiet) terminal.err(`${text}\n`);
  };
  const address = parseQueueAddress(flags.queue);
  const results = await openArtifactStore(flags.store);
  await results.check();
  const pictures = new WorkerPictures(new StoredPictures(results));
  let store: ChunkStore | null = null;
  let running: Promise<OwnedEngine> | null = null;
  // Where one device's chunks are kept another's are not: they may have other bits.
  const folder = join(flags.cache, 'farm');
  const engine = (): Promise<OwnedEngine> => {
    running ??= services.startEngine({
      modelFolder: flags.model,
      ...(flags.size ? { frameSize: flags.size } : {}),
      device: flags.device,
      ...(flags.threads ? { threads: flags.threads } : {}),
      kvStorage: flags.kv,
      precision: flags.precision,
      cacheFile: join(folder, `kv-${flags.device}.sqlite`),
      latentsOf: (key) => (store?.has(key) ? store.latents(key) : null),
      pictureOf: pictures.pictureOf,
      onNotice: say,
      signal: new AbortController().signal,
    });
    return running;
  };
  const dropEngine = async (): Promise<void> => {
    const ended = running;
    running = null;
    await ended?.then(
      (one) => one.dispose(),
      () => {},
    );
  };
  try {
    progress.stage('loading the model');
    const { info } = await engine();
    progress.clear();
    const deviceClass = deviceClassOf(info.device, process.arch);
    // What is here is in the farm's store too.
    const own = await ChunkStore.open(join(folder, deviceClass, 'chunks.sqlite'), { isDurable: false });
    store = own;
    const identity = { model: info, deviceClass };
    let turn = own.turn();
    const worker = await startFarmWorker({
      address,
      identity,
      ...(flags.name === undefined ? {} : { name: flags.name }),
      modelName: info.name,
      artifacts: new Artifacts(results, identity),
      store: own,
      pictures,
      engine,
      engineDied: dropEngine,
      leaseMs: flags.lease * 1000,
      drawPreview: (frames, frameCount) => previewImage(frames, frameCount, info.video),
      onEvent: (event) => {
        if (event.kind === 'ended') {
          own.shrinkTo(flags.cacheBudget * 1e9, turn);
          turn = own.turn();
        }
        const text = line(event);
        if (text !== null) say(text);
      },
    });
    // What others left that were killed; nothing waits for it.
    void sweepLeftovers(results).catch(() => {});
    say(`Working for ${address.place} with ${info.name} on ${deviceClass}; results go to ${results.place}.`);
    try {
      await aborted(signal);
    } finally {
      await worker.leave();
    }
    say('Left; what was not finished is in the queue.');
  } finally {
    await dropEngine();
    store?.dispose();
  }
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
