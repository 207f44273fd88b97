#!/usr/bin/env node
/**
 * The browser host: the editor in a browser on this machine.
 *
 *   node src/main/server.ts [--port 4620] [--no-open] [project.throughline]
 */
import { join, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { ThroughlineError } from '../shared/errors.ts';
import { PathDoor } from './files/index.ts';
import { BrowserHost } from './server/browser-host.ts';
import { Leaving } from './server/leaving.ts';
import { openInBrowser } from './server/open-browser.ts';
import { versions } from './studio/project/history/versions.ts';
import { fromHome } from './studio/project/recent-projects.ts';
import { appFolders, documentsFolder } from './studio/settings/app-folders.ts';
import { shownError } from './studio/shown-error.ts';
import { Studio } from './studio/studio.ts';

const pagesFolder = join(import.meta.dirname, '../../out/renderer');
const usage = `Usage: throughline-web [--port <number>] [--no-open] [project or script]

  --port <number>   where to listen; any free port unless given
  --no-open         do not open a browser, only print the link
  --model <folder>  the model, unless the settings name one
  --data <folder>   keep settings, projects, films and caches in this folder
  --folder <folder> let the browser use files in this folder too; may be given several times.
                    Without it: your documents, and Throughline's own folders for projects and films
`;

interface Flags {
  readonly port: number;
  readonly open: boolean;
  /** Why the desktop app could not be opened; null where the browser was asked for. */
  readonly because: string | null;
  readonly model: string | undefined;
  readonly data: string | undefined;
  readonly folders: readonly string[];
  readonly file: string | undefined;
}

function readFlags(): Flags {
  const { values, positionals } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      open: { type: 'boolean', default: true },
      because: { type: 'string' },
      model: { type: 'string' },
      data: { type: 'string' },
      folder: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowNegative: true,
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(usage);
    process.exit(0);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new ThroughlineError(
      'bad-input',
      `${values.port} is not the number of a port.`,
      'Give --port a number from 0 to 65535.',
    );
  const { open, because = null } = values;
  if (positionals.length > 1)
    throw new ThroughlineError('bad-input', `One project at a time, not ${positionals.length}.`, 'Name one of them.');
  const [model, data, file] = [values.model, values.data, positionals[0]].map((path) =>
    path === undefined ? path : resolve(path),
  );
  return { port, open, because, model, data, folders: values.folder.map((folder) => resolve(folder)), file };
}

async function serve({ port, open, because, model, data, folders, file }: Flags): Promise<void> {
  const places = appFolders(undefined, data);
  const documents = documentsFolder();
  let recent: () => readonly string[] = () => [];
  const usable = [places.projectsFolder, places.filmsFolder, documents, data, ...folders].filter(
    (folder) => folder !== null && folder !== undefined,
  );
  const paths = new PathDoor({
    folders: [...usable, places.modelFolder, places.modelsFolder, ...(model === undefined ? [] : [model])],
    // A person opened these: here by name, or earlier, or in the desktop app.
    alsoRead: () => [file, ...recent()],
    howToAllow: (folder) => `To allow it, stop Throughline and start it again with: --folder "${folder}"`,
  });
  const studio = new Studio({
    ...places,
    ...(model === undefined ? {} : { modelFolder: model }),
    paths,
    host: {
      info: { host: 'browser', versions: versions(), fallbackReason: because, platform: process.platform },
      chooseFile: null,
      reveal: null,
    },
  });
  recent = () => studio.recent.list().map((project) => project.file);
  const host = await BrowserHost.start({
    studio,
    pagesFolder,
    port,
    onNewLink: (url) =>
      void process.stdout.write(`That link was used. For another browser, or once this one was closed: ${url}\n`),
  });

  const leaving = new Leaving({
    // The pages stay served until nothing can be lost any more.
    close: async (discard) => {
      await studio.dispose({ discard });
      await host.close();
    },
    say: ({ message, hint }) => {
      process.stderr.write(`${message}\n${hint}\nThroughline stays open. Ask again to quit without saving.\n`);
      studio.hub.notice('error', message, hint);
    },
    exit: (code) => process.exit(code),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => leaving.ask());

  process.on('unhandledRejection', (error) => console.error(error));
  // A terminal that was closed, or a pipe that nobody reads, must not end the host when it next says something.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

  await studio.begin(file);
  const link = host.link();
  process.stdout.write(`Throughline is at ${link}\n`);
  process.stdout.write(`It opens and saves files in ${inWords(usable)}; --folder adds one.\n`);
  if (open) openInBrowser(link);
}

try {
  await serve(readFlags());
} catch (error) {
  const { message, hint, exitCode } = howItFailed(error);
  process.stderr.write(`${message}\n${hint === '' ? '' : `  ${hint}\n`}`);
  process.exitCode = exitCode;
}

/** Folders as a person reads them, without those that lie in another. */
function inWords(folders: readonly string[]): string {
  const outer = folders.filter((folder) => !folders.some((other) => folder.startsWith(`${other}${sep}`)));
  return [...new Set(outer)].map((folder) => fromHome(folder)).join(', ');
}

/** What a person is told who started the host in vain: 2 for what it does not understand, 1 for the rest. */
function howItFailed(error: unknown): { readonly message: string; readonly hint: string; readonly exitCode: number } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EADDRINUSE')
    return { message: 'That port is in use.', hint: 'Choose another with --port, or leave it out.', exitCode: 1 };
  if (code === 'EACCES' && (error as NodeJS.ErrnoException).syscall === 'listen')
    return {
      message: 'This user may not listen at that port.',
      hint: 'Choose one above 1023 with --port.',
      exitCode: 1,
    };
  if (code.startsWith('ERR_PARSE_ARGS'))
    return {
      message: (error as Error).message.split('. ')[0] ?? '',
      hint: 'throughline-web --help says how it is used.',
      exitCode: 2,
    };
  const { message, hint, code: kind } = shownError(error);
  return { message, hint, exitCode: kind === 'bad-input' ? 2 : 1 };
}
