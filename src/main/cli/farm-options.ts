import { Option } from 'commander';
import { ThroughlineError } from '../../shared/errors.ts';
import { group } from './render-options.ts';

/** Where a farm is, and what of it is wanted. */
export interface FarmFlags {
  readonly farm?: string;
  readonly store?: string;
  readonly farmDevice?: string;
}

const storeWords = 'a folder that all machines see, or s3://bucket/prefix?endpoint=http://host:port';

export function storeOption(): Option {
  return new Option('--store <place>', `where the machines of a farm leave what they made: ${storeWords}`);
}

export function queueOption(): Option {
  return new Option('--queue <redis://host:6379>', 'the queue, on Redis or Valkey');
}

/** Of commands that may have chunks made elsewhere. */
export function farmOptions(): Option[] {
  return group('Farm (docs/farm.md):', [
    new Option('--farm <redis://host:6379>', 'have chunks made by the workers of this queue, not here'),
    storeOption(),
    new Option(
      '--farm-device <class>',
      'which workers, as they name their devices (default: like this machine)',
    ).argParser((value) => value.toLowerCase()),
  ]);
}

/** @throws ThroughlineError `bad-input` for half of a farm */
export function farmOf({
  farm,
  store,
  farmDevice,
}: FarmFlags): { readonly queue: string; readonly store: string } | null {
  if (farm !== undefined && store !== undefined) return { queue: farm, store };
  if (farm !== undefined)
    throw new ThroughlineError('bad-input', '--farm needs --store.', `Say where the results lie: ${storeWords}.`);
  const left = store === undefined ? farmDevice : store;
  if (left === undefined) return null;
  throw new ThroughlineError(
    'bad-input',
    `${store === undefined ? '--farm-device' : '--store'} is of use only with --farm.`,
    'Say which queue: --farm redis://host:6379.',
  );
}
