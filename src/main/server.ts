#!/usr/bin/env node
/**
 * The browser host: the editor in a browser on this machine.
 *
 *   node src/main/server.ts [--port 4620] [--no-open] [project.throughline]
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BrowserHost } from './server/browser-host.ts';
import { openInBrowser } from './server/open-browser.ts';
import { versions } from './studio/project/versions.ts';
import { appFolders } from './studio/settings/app-folders.ts';
import { shownError } from './studio/shown-error.ts';
import { Studio } from './studio/studio.ts';

const pagesFolder = join(import.meta.dirname, '../../out/renderer');
const usage = `Usage: throughline-web [--port <number>] [--no-open] [project or script]

  --port <number>   where to listen; any free port unless given
  --no-open         do not open a browser, only print the link
  --model <folder>  the model, unless the settings name one
  --data <folder>   keep settings, projects, films and caches in this folder
`;

interface Flags {
  readonly port: number;
  readonly open: boolean;
  /** Why the desktop app could not be opened; null where the browser was asked for. */
  readonly because: string | null;
  readonly model: string | undefined;
  readonly data: string | undefined;
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
    throw new Error(`--port ${values.port} is not a port number`);
  const { open, because = null, model, data } = values;
  return { port, open, because, model, data: data === undefined ? data : resolve(data), file: positionals[0] };
}

async function serve({ port, open, because, model, data, file }: Flags): Promise<void> {
  const studio = new Studio({
    ...appFolders(undefined, data),
    ...(model === undefined ? {} : { modelFolder: resolve(model) }),
    host: {
      info: { host: 'browser', versions: versions(), fallbackReason: because, platform: process.platform },
      chooseFile: null,
      reveal: null,
    },
  });
  const printLink = (url: string): void => void process.stdout.write(`Throughline is at ${url}\n`);
  const host = await BrowserHost.start({ studio, pagesFolder, port, onNewLink: printLink });

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await host.close();
    await studio.dispose();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (closing) process.exit(1); // asked twice
      closing = close().then(
        () => process.exit(0),
        (error) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
  }

  process.on('unhandledRejection', (error) => console.error(error));

  await studio.begin(file);
  const link = host.link();
  printLink(link);
  if (open) openInBrowser(link);
}

try {
  await serve(readFlags());
} catch (error) {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const message = inUse ? 'That port is in use; choose another with --port.' : shownError(error).message;
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
