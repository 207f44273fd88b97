import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Amount, cleanStore, openArtifactStore } from '../farm/index.ts';
import { queueOption, storeOption } from './farm-options.ts';
import { farmStatus } from './farm-status.ts';
import type { Progress } from './progress.ts';
import { required } from './required-option.ts';
import type { Terminal } from './terminal.ts';

interface CleanFlags {
  readonly store: string;
  /** Milliseconds. */
  readonly olderThan: number;
  readonly dryRun?: boolean;
}

interface FarmHost {
  readonly terminal: Terminal;
}

const dayMs = 24 * 3_600_000;
const mostDays = 3650;

const help = `
Takes chunks of films and pictures out of the store that nobody asked for in that time, and what workers left that were killed.
Only files of Throughline are touched. What is taken away and wanted again is made or brought again.

  throughline farm clean --store /shared/farm --older-than 30d --dry-run
`;

/** `throughline farm`. */
export function addFarmCommand<H extends FarmHost>(
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
  const farm = program.command('farm').description('see who works on a farm, and look after what it has made');
  farm
    .command('status')
    .description('say which workers there are, with which models, and what each does')
    .addOption(required(queueOption()))
    .action(({ queue }: { readonly queue: string }) =>
      interruptibly(host, false, 'Looking', 'Stopped.', async () => host.terminal.out(await farmStatus(queue))),
    );
  farm
    .command('clean')
    .description('take away what nobody asked for')
    .addOption(required(storeOption()))
    .addOption(
      required(new Option('--older-than <days>', 'not asked for in so many days, such as 30d').argParser(daysAsMs)),
    )
    .addOption(new Option('--dry-run', 'say what would be taken away, and leave it'))
    .addHelpText('after', help)
    .action(({ store: place, olderThan, dryRun = false }: CleanFlags) =>
      interruptibly(host, false, 'Cleaning', 'Stopped; what was taken away is gone.', async (progress, signal) => {
        const store = await openArtifactStore(place);
        progress.stage('looking at the store');
        const { chunks, pictures, leftovers, kept, strangers } = await cleanStore(store, {
          olderThanMs: olderThan,
          dryRun,
          signal,
        });
        progress.clear();
        host.terminal.out(
          `${[
            `${dryRun ? 'Would take away' : 'Took away'} ${words(chunks, 'chunk')}${pictures.count === 0 ? '' : `, ${words(pictures, 'picture')}`} and ${words(leftovers, 'leftover')} of killed workers.`,
            `${words(kept, 'file')} ${kept.count === 1 ? 'stays' : 'stay'} in ${store.place}.`,
            ...(strangers === 0 ? [] : [`Files that are not Throughline's, which are left alone: ${strangers}.`]),
          ].join('\n')}\n`,
        );
      }),
    );
}

function words({ count, bytes }: Amount, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'} (${(bytes / 1e6).toFixed(1)} MB)`;
}

function daysAsMs(value: string): number {
  const days = Number(/^(\d{1,4})d$/.exec(value)?.[1]);
  if (!(days >= 1 && days <= mostDays)) throw new InvalidArgumentError(`It takes days, 1d to ${mostDays}d.`);
  return days * dayMs;
}
