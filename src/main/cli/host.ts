import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { EngineClient } from '../engine/client.ts';
import { importedModels } from '../studio/settings/app-folders.ts';
import type { Host } from './program.ts';
import { processTerminal } from './terminal.ts';

/** The repository's, later the package's, root. */
const root = join(import.meta.dirname, '../../..');

/** The real thing: this process, this terminal, the engine in a process of its own. */
export function processHost(): Host {
  const folders = envPaths('throughline', { suffix: '' });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    terminal: processTerminal(),
    services: {
      startEngine: (settings) => EngineClient.start(settings),
      devices: (query, how) => EngineClient.devices(query, how),
    },
    interrupts: process,
    defaults: {
      modelFolder: join(root, 'resources/models/animatic'),
      cacheFolder: folders.cache,
      modelsFolder: importedModels(),
    },
    version: String(version),
    debug: Boolean(process.env.THROUGHLINE_DEBUG),
    exitNow: (code) => process.exit(code),
  };
}
