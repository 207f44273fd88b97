import { Command } from 'commander';
import { ThroughlineError } from '../../shared/errors.ts';
import { footageColumns, measureColumns } from '../../shared/lab/index.ts';
import { exportFormats } from '../export/index.ts';
import { compare } from './compare-command.ts';
import { type CompareFlags, compareOptions } from './compare-options.ts';
import { addDevicesCommand } from './devices-command.ts';
import { exportCommand } from './export-command.ts';
import { type ExportFlags, exportOptions } from './export-options.ts';
import { exitCodes, reportFailure } from './failure.ts';
import { addFarmCommand } from './farm-command.ts';
import { farmOptions } from './farm-options.ts';
import { inspect } from './inspect-command.ts';
import { exitCodeOf, InterruptedError, type Interruptible, onInterrupt } from './interrupt.ts';
import { addModelsCommand } from './models-command.ts';
import { Progress } from './progress.ts';
import { render } from './render-command.ts';
import { type Defaults, type RenderFlags, renderOptions, wholeNumber } from './render-options.ts';
import { requireOptions } from './required-option.ts';
import type { Services } from './services.ts';
import { pictureOptions } from './story-pictures.ts';
import type { Terminal } from './terminal.ts';
import { addWorkerCommand } from './worker-command.ts';

/** Everything the command line touches outside of itself. */
export interface Host {
  readonly terminal: Terminal;
  readonly services: Services;
  readonly interrupts: Interruptible;
  readonly defaults: Defaults;
  readonly version: string;
  /** Show stack traces. */
  readonly debug: boolean;
  /** Ends the process at once. */
  exitNow(code: number): void;
}

const examples = `
Examples:
  A film from a story, and an account of what the model remembered:
    throughline render story.txt --out film.mp4 --report report.json
    throughline inspect report.json

  The same story under every memory, with a table of how well each kept what it should:
    throughline compare story.txt --png sheet.png --csv table.csv

  The second story of a MemFlow script, six chunks a prompt, with a contact sheet:
    throughline render stories.jsonl --story 2 --chunks-per-prompt 6 --out film.mp4 --contact-sheet sheet.png
`;

const storyHelp = `
Stories:
  .txt    a shot a paragraph; "# Title" on a line of its own; [cut], [4 chunks], [seed 7] before or after a prompt
  .jsonl  MemFlow or LongLive prompt scripts: {"prompts": ["...", "..."]}, a story a line
  .json   Scope workflows and timelines, StoryMem stories, or Throughline's own stories (see README)
  .fountain, .fdx   screenplays: scenes, action as shots, dialogue kept apart (docs/imports.md)

Finished chunks are kept in the cache folder under a hash of all that made them. So a render that was stopped with
Ctrl+C goes on where it was when the same command is run again, and an edited story is made anew only from the edit on.
`;

/**
 * Runs one command line and returns the exit code. Never throws.
 * @param args without `node` and the script
 */
export async function runProgram(args: readonly string[], host: Host): Promise<number> {
  const { terminal } = host;
  try {
    await build(host).parseAsync([...args], { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    return reportFailure(error, terminal, host.debug);
  }
}

function build(host: Host): Command {
  const { terminal, defaults } = host;
  const program = new Command('throughline')
    .description('Films from stories, by a streaming video model that remembers. Everything runs on this machine.')
    .version(host.version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', examples)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
      outputError: (text, write) => write(text.replace(/^error: /, `${terminal.paintErr('bad', 'Error:')} `)),
    })
    .showHelpAfterError('  throughline --help says how it is used.')
    .hook('preAction', (_, command) => requireOptions(command));

  const renderCommand = program
    .command('render')
    .description('make a film of a story')
    .argument('<story>', 'the story: .txt, .fountain, .fdx, .jsonl or .json')
    .addHelpText('after', storyHelp)
    .action((storyPath: string, flags: RenderFlags) => renderInterruptibly(storyPath, flags, host));
  for (const option of [...renderOptions(defaults), ...pictureOptions(), ...farmOptions()])
    renderCommand.addOption(option);

  const exporting = program
    .command('export')
    .description('write a story or a project in another format: boards, edits, clips, pictures, scripts')
    .argument('<story or project>', 'a story as for render, or a .throughline project')
    .addHelpText('after', formatHelp())
    .action((path: string, flags: ExportFlags) => exportInterruptibly(path, flags, host));
  for (const option of exportOptions(defaults)) exporting.addOption(option);

  const comparing = program
    .command('compare')
    .description('make a story under several memories and say how they differ')
    .argument('<story>', 'the story, as for render')
    .addHelpText('after', compareHelp)
    .action((path: string, flags: CompareFlags) => compareInterruptibly(path, flags, host));
  for (const option of [...compareOptions(defaults), ...farmOptions()]) comparing.addOption(option);

  program
    .command('inspect')
    .description('print what was remembered, and why, from a report')
    .argument('<report.json>', 'written by: throughline render ... --report report.json')
    .option('--shot <n>', 'only this shot, counted from 1', wholeNumber(1, 10_000))
    .action((path: string, flags: { shot?: number }) => inspect(path, flags.shot, terminal));

  addModelsCommand(program, host, interruptibly);
  addDevicesCommand(program, host);
  addWorkerCommand(program, host, interruptibly);
  addFarmCommand(program, host, interruptibly);
  return program;
}

function compareHelp(): string {
  const lines = [
    ...measureColumns.map(({ title, says }) => `  ${title.padEnd(18)} ${says}`),
    ...footageColumns.map(({ title, says }) => `  ${title.padEnd(18)} With --footage. ${says}`),
  ];
  return `\nMeasures:\n${lines.join('\n')}\n\nPlaces are found by the prompts: a story returns where a place that it left is named again, at the same time of day and from\nas far. LPIPS is not among the measures: it needs published weights, which are not part of Throughline.\n`;
}

function formatHelp(): string {
  const lines = exportFormats.map(({ id, label, ending, needs }) => {
    const model = needs === 'plan' ? ', without loading the model' : '';
    return `  ${id.padEnd(13)} ${label}${ending === '' ? '' : ` (${ending})`}${model}`;
  });
  return `\nFormats:\n${lines.join('\n')}\n\nWhat is missing of a story is made first. Of a project what is stored is written, and nothing is made;\nwith --farm what is missing of the cut is made there first, and kept in the project.\n`;
}

async function exportInterruptibly(path: string, flags: ExportFlags, host: Host): Promise<void> {
  await interruptibly(host, flags.quiet ?? false, 'The export', 'Stopped; nothing was written.', (progress, signal) =>
    exportCommand({ path, flags, terminal: host.terminal, services: host.services, progress, signal }),
  );
}

async function compareInterruptibly(storyPath: string, flags: CompareFlags, host: Host): Promise<void> {
  const stopped = 'Stopped. The same command goes on with the chunks that are finished.';
  await interruptibly(host, flags.quiet ?? false, 'The comparison', stopped, (progress, signal) =>
    compare({ storyPath, flags, terminal: host.terminal, services: host.services, progress, signal }),
  );
}

async function renderInterruptibly(storyPath: string, flags: RenderFlags, host: Host): Promise<void> {
  const stopped = 'Stopped; no film was written. The same command goes on with the chunks that are finished.';
  await interruptibly(host, flags.quiet ?? false, 'The render', stopped, (progress, signal) =>
    render({ storyPath, flags, terminal: host.terminal, services: host.services, progress, signal }),
  );
}

/** Runs work that Ctrl+C stops within a step, and a second Ctrl+C at once. */
async function interruptibly(
  host: Host,
  quiet: boolean,
  what: string,
  stoppedText: string,
  work: (progress: Progress, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const { terminal } = host;
  // Without a place to draw, --quiet also means no line for each chunk.
  const shown = quiet ? { ...terminal, err: () => {}, live: null } : terminal;
  const progress = new Progress(shown);
  const interrupt = onInterrupt(host.interrupts, {
    stopping: (by) => progress.note(`stopping after this step${by === 'SIGINT' ? '; Ctrl+C again stops at once' : ''}`),
    force: (by) => host.exitNow(exitCodeOf(by)),
  });
  try {
    await work(progress, interrupt.signal);
  } catch (error) {
    // A terminal sends Ctrl+C to the engine's process as well, which may be faster to go than we are to ask.
    const stopped = error instanceof ThroughlineError && (error.code === 'cancelled' || error.code === 'engine-died');
    if (interrupt.by === null || !stopped) throw error;
    if (!quiet) terminal.err(`${stoppedText}\n`);
    throw new InterruptedError(what, interrupt.by);
  } finally {
    interrupt.dispose();
  }
}
