import { type Command, Option } from 'commander';
import { ThroughlineError } from '../../shared/errors.ts';
import type { FrameSize } from '../../shared/frame-size.ts';
import type { ImportChoices, ImportedModel, InstalledModel, ModelProgress } from '../../shared/models.ts';
import type { Progress } from './progress.ts';
import { wholeNumber } from './render-options.ts';
import { sizeOption } from './size-option.ts';
import type { Terminal } from './terminal.ts';

/** Reading gigabytes of weights is loaded only where it is asked for. */
const models = (): Promise<typeof import('../engine/models.ts')> => import('../engine/models.ts');
const jobs = (): Promise<typeof import('../model-jobs/index.ts')> => import('../model-jobs/index.ts');

interface ImportFlags {
  readonly name?: string;
  readonly like?: string;
  readonly lora?: string;
  readonly loraAlpha?: number;
  readonly memoryModel?: string;
  readonly ema?: boolean;
  readonly heads?: number;
  readonly text?: 'int4' | 'int8' | 'fp16';
  readonly size?: FrameSize;
  readonly quiet?: boolean;
}

interface GetFlags extends ImportFlags {
  readonly file?: string[];
  readonly have?: string[];
  readonly keep?: boolean;
}

interface ModelsHost {
  readonly terminal: Terminal;
  readonly defaults: { readonly modelsFolder: string };
}
type Interruptibly<H> = (
  host: H,
  quiet: boolean,
  what: string,
  stoppedText: string,
  work: (progress: Progress, signal: AbortSignal) => Promise<void>,
) => Promise<void>;

const importHelp = `
Give the generator, the text encoder, its tokenizer.json and a decoder, as files or as the folders they are in (a Hugging
Face cache, a ComfyUI models folder). What each file is is told by its content. An import that was stopped goes on where
it was when the same command is run again.

  throughline models import ~/Downloads/wan --lora lora.pt --like memflow --name memflow
  throughline render story.txt --out film.mp4 --model memflow
`;

const getHelp = `
What is fetched is of one commit, checked against the digests that the Hub states, and goes on where it stopped when the
same command is run again. HF_ENDPOINT, HF_TOKEN and the token of a login count; files that are in a Hugging Face cache are
not fetched again.

  throughline models get memflow
  throughline models get gdhe17/Self-Forcing --file checkpoints/self_forcing_dmd.pt --like self-forcing --name sf
  throughline models get memflow --have ~/ComfyUI/models/text_encoders ~/ComfyUI/models/vae
`;

/** `throughline models list | get | import | check | remove`. */
export function addModelsCommand<H extends ModelsHost>(
  program: Command,
  host: H,
  interruptibly: Interruptibly<H>,
): void {
  const { terminal } = host;
  const { modelsFolder } = host.defaults;
  const command = program.command('models').description('models on this machine: list, get, import, check, remove');

  command
    .command('list')
    .description('the imported models')
    .action(async () => {
      const found = (await models()).listModels(modelsFolder);
      terminal.out(
        found.length === 0
          ? `No model is imported yet (${modelsFolder}). The built-in one needs none.\n`
          : found.map((model) => `${line(model)}\n`).join(''),
      );
    });

  importOptions(
    command
      .command('get')
      .description('fetch published weights from the Hugging Face Hub and make a model of them')
      .argument(
        '<what>',
        'memflow, longlive, self-forcing, causal-forcing or reward-forcing; or owner/name, owner/name@revision',
      )
      .option('--file <paths...>', 'of that repository; all weights it holds unless said')
      .option('--have <paths...>', 'parts that are on this machine already: they are not fetched')
      .option('--keep', 'keep what was fetched after it was imported'),
  )
    .addHelpText('after', getHelp)
    .action((what: string, flags: GetFlags) =>
      interruptibly(
        host,
        flags.quiet ?? false,
        'The download',
        'Stopped. The same command goes on with it.',
        (progress, signal) => getting(what, flags, host, progress, signal),
      ),
    );

  importOptions(
    command
      .command('import')
      .description('make a model of published weights that you have')
      .argument('<paths...>', 'files and folders that hold its parts'),
  )
    .addHelpText('after', importHelp)
    .action((paths: string[], flags: ImportFlags) =>
      interruptibly(
        host,
        flags.quiet ?? false,
        'The import',
        'Stopped. The same command goes on with it.',
        (progress, signal) => importing(paths, flags, host, progress, signal),
      ),
    );

  command
    .command('check')
    .description('open a model as the engine would and read every byte of it')
    .argument('<model>', 'its name, or a model folder')
    .action(async (name: string) => {
      const { path, changed, wide } = (await models()).checkModel(modelsFolder, name);
      const kept = wide === 0 ? '' : `; ${wide} tensors are in fp32`;
      if (changed === null) terminal.out(`${path} can be opened; no digests were written down for it${kept}.\n`);
      else if (changed.length === 0) terminal.out(`${path} is as it was imported${kept}.\n`);
      else
        throw new ThroughlineError(
          'model-inconsistent',
          `${path} is not as it was imported: ${changed.join(', ')} changed.`,
          'Remove it and import it again.',
        );
    });

  command
    .command('remove')
    .description('delete an imported model, or an import that was stopped')
    .argument('<model>', 'its name')
    .action(async (name: string) => {
      const { path, sizeBytes } = (await models()).removeModel(modelsFolder, name);
      terminal.out(`Removed ${path} (${gigabytes(sizeBytes)}).\n`);
    });
}

function importOptions(command: Command): Command {
  return command
    .option('--name <name>', 'what to call it; the recipe’s name unless said')
    .addOption(new Option('--like <recipe>', 'whose settings it runs with; memflow unless said'))
    .option('--lora <file>', 'a LoRA to merge into the generator; one that lies beside it is merged unless said')
    .option(
      '--lora-alpha <n>',
      'its strength, where the file does not say it; its rank unless said',
      wholeNumber(1, 65_536),
    )
    .option('--memory-model <path>', 'MAG: the second generator, the one that remembers')
    .addOption(
      new Option('--text <type>', 'how the text encoder is stored; int8 unless said').choices(['int4', 'int8', 'fp16']),
    )
    .option('--no-ema', 'not the averaged weights, where a file has both')
    .option('--heads <n>', 'attention heads, where a head is not 128 wide', wholeNumber(1, 1024))
    .addOption(sizeOption('frame size in pixels, multiples of 16; 832x480 unless said'))
    .option('-q, --quiet', 'print nothing but the result');
}

function choices({ name, like, size, lora, loraAlpha, memoryModel, ema, heads, text }: ImportFlags): ImportChoices {
  const recipe = like ?? 'memflow';
  return { recipe, name: name ?? recipe, size, lora, loraAlpha, memoryModel, ema, heads, textType: text };
}

async function importing(
  paths: string[],
  flags: ImportFlags,
  { terminal, defaults }: ModelsHost,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const chosen = choices(flags);
  const { runTask } = await jobs();
  const done = await runTask<'import'>(
    { kind: 'import', paths, ...chosen },
    { modelsFolder: defaults.modelsFolder, signal, onProgress: (at) => progress.stage(progressWords(at)) },
  );
  report(done, chosen.name, terminal);
}

async function getting(
  what: string,
  flags: GetFlags,
  { terminal, defaults }: ModelsHost,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const repository = what.includes('/') ? what : null;
  // A recipe that is got by its own name has its own settings.
  const chosen = choices(repository === null ? { ...flags, like: flags.like ?? what } : flags);
  const { runTask } = await jobs();
  const done = await runTask<'get'>(
    {
      kind: 'get',
      repository,
      files: flags.file ?? [],
      have: flags.have ?? [],
      keep: flags.keep,
      ...chosen,
      ...(repository === null ? { recipe: what } : {}),
    },
    { modelsFolder: defaults.modelsFolder, signal, onProgress: (at) => progress.stage(progressWords(at)) },
  );
  report(done, chosen.name, terminal);
}

function report({ folder, lines, notUsed }: ImportedModel, name: string, terminal: Terminal): void {
  terminal.live?.clear();
  for (const text of [...lines, ...notUsed.map((sentence) => `Not used: ${sentence}`)]) terminal.out(`${text}\n`);
  terminal.out(`Imported to ${folder}.\nUse it: throughline render <story> --out film.mp4 --model ${name}\n`);
}

function progressWords(progress: ModelProgress): string {
  switch (progress.stage) {
    case 'looking':
      return 'looking at the Hub';
    case 'checking':
      return 'reading every byte';
    case 'fetching':
    case 'importing': {
      const { stage, file, doneBytes, ofBytes } = progress;
      return `${stage} ${file}: ${gigabytes(doneBytes)} of about ${gigabytes(ofBytes)}`;
    }
  }
}

function line({ id, sizeBytes, state }: InstalledModel): string {
  const size = gigabytes(sizeBytes).padStart(8);
  switch (state.kind) {
    case 'ready':
      return [
        `${id.padEnd(20)} ${size}  ${state.width}x${state.height}  ${state.memory}  ${state.name}`,
        `  ${state.family}; ${state.types.join(', ')}; ${gigabytes(state.memoryBytes)} of memory on the processor`,
        `  ${[state.licence ? `licence: ${state.licence}` : '', state.inOrder === false ? 'its files changed since they were imported' : ''].filter(Boolean).join('; ')}`,
      ]
        .filter((text) => text.trim() !== '')
        .join('\n');
    case 'unfinished':
      return `${id.padEnd(20)} ${size}  an import that was stopped: import it again, or remove it`;
    case 'unusable':
      return `${id.padEnd(20)} ${size}  cannot be used: ${state.why}`;
  }
}

function gigabytes(bytes: number): string {
  return bytes < 1e7 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
