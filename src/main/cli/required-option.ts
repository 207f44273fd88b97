import type { Command, Option } from 'commander';

const wanted = new WeakSet<Option>();

/**
 * An option without which a command does not run. Commander's own mandatory options are looked at before all else, so that
 * `--outt film.mp4` would be told of as a missing --out; {@link requireOptions} looks once every word was understood.
 */
export function required(option: Option): Option {
  wanted.add(option);
  return option;
}

/** Ends the command, with a sentence that names the option, where one is missing. */
export function requireOptions(command: Command): void {
  const missing = command.options.find(
    (option) => wanted.has(option) && command.getOptionValue(option.attributeName()) === undefined,
  );
  if (missing) command.error(`error: required option '${missing.flags}' not specified`);
}
