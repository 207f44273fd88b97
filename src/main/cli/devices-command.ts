import type { Command } from 'commander';
import { Option } from 'commander';
import { type DeviceFigures, type DeviceReport, shareWords } from '../../shared/devices.ts';
import type { Precision } from '../../shared/render.ts';
import { type Defaults, modelOption, wholeNumber } from './render-options.ts';
import type { Services } from './services.ts';
import type { Terminal } from './terminal.ts';

interface DevicesFlags {
  readonly model: string;
  readonly measure?: boolean;
  readonly precision: Precision;
  readonly threads?: number;
}

interface DevicesHost {
  readonly terminal: Terminal;
  readonly services: Pick<Services, 'devices'>;
  readonly defaults: Defaults;
}

/** `throughline devices`. */
export function addDevicesCommand(program: Command, { terminal, services, defaults }: DevicesHost): void {
  program
    .command('devices')
    .description('what a model can run on here, how fast, and which of it --device auto takes')
    .addOption(modelOption(defaults))
    .addOption(new Option('--measure', 'run a few denoising steps on each device, whatever is known'))
    .addOption(
      new Option('--precision <type>', 'what products are computed in').choices(['fp32', 'fp16']).default('fp32'),
    )
    .addOption(new Option('--threads <n>', 'CPU threads').argParser(wholeNumber(1, 256)))
    .action(async ({ model, measure, precision, threads }: DevicesFlags) => {
      const query = { modelFolder: model, precision, onNotice: (text: string) => terminal.err(`${text}\n`) };
      const report = await services.devices(
        threads === undefined ? query : { ...query, threads },
        measure ? 'again' : 'known',
      );
      terminal.out(`${tableOf(report).join('\n')}\n`);
    });
}

/** Lines of the table, and what follows from it. */
export function tableOf({ devices, chosen, measuredAt }: DeviceReport): string[] {
  const rows = [
    ['device', 'what it is', 'a step', 'differs by', ''],
    ...devices.map((figures) => [
      figures.device,
      figures.label,
      figures.stepMs === null ? '-' : `${figures.stepMs.toFixed(figures.stepMs < 100 ? 1 : 0)} ms`,
      figures.difference === null ? '-' : shareWords(figures.difference),
      noteOf(figures, chosen),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const measured =
    measuredAt === null
      ? 'No steps were measured with this model. throughline devices --measure does so.'
      : `Measured ${measuredAt.slice(0, 16).replace('T', ' ')} UTC. Differences are from the processor's results.`;
  return [...lines, '', measured];
}

function noteOf({ device, problem }: DeviceFigures, chosen: DeviceReport['chosen']): string {
  if (problem !== '') return `not used: ${problem}`;
  return device === chosen ? 'taken by auto' : '';
}
