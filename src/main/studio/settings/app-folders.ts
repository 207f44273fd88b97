import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import type { StudioOptions } from '../studio.ts';

/** The repository's, later the package's, root. */
const root = join(import.meta.dirname, '../../../..');

type Folders = Omit<StudioOptions, 'host' | 'startEngine'>;

/**
 * Where things are on this system.
 * @param resources the folder of models and samples, where a packaged application has it elsewhere
 * @param everything one folder for all that is written, instead of the system's places
 */
export function appFolders(resources = join(root, 'resources'), everything?: string): Folders {
  const { config, cache, data } = envPaths('throughline', { suffix: '' });
  const written =
    everything === undefined
      ? {
          configFolder: config,
          cacheFolder: cache,
          projectsFolder: personal(['Documents'], join(data, 'projects')),
          filmsFolder: personal(['Videos', 'Movies', 'Downloads'], join(data, 'films')),
          modelsFolder: importedModels(),
        }
      : {
          configFolder: join(everything, 'config'),
          cacheFolder: join(everything, 'cache'),
          projectsFolder: join(everything, 'projects'),
          filmsFolder: join(everything, 'films'),
          modelsFolder: join(everything, 'models'),
        };
  return {
    ...written,
    modelFolder: join(resources, 'models/animatic'),
    sampleProjectFolder: join(resources, 'sample-project'),
    sampleStory: join(resources, 'stories/sample.json'),
  };
}

/** Where `throughline models import` puts models. */
export function importedModels(): string {
  return join(envPaths('throughline', { suffix: '' }).data, 'models');
}

/**
 * The person's folder for documents: as their desktop has it, else `~/Documents`; null where there is none, or where
 * they set it to everything they have.
 */
export function documentsFolder(home = homedir(), env: NodeJS.ProcessEnv = process.env): string | null {
  const config = env.XDG_CONFIG_HOME ?? join(home, '.config');
  const named = process.platform === 'linux' ? namedFolder(join(config, 'user-dirs.dirs'), 'DOCUMENTS', home) : null;
  const folder = named ?? join(home, 'Documents');
  return existsSync(folder) && resolve(folder) !== resolve(home) ? folder : null;
}

/** What a desktop's list of folders says (freedesktop.org, xdg-user-dirs). */
function namedFolder(list: string, name: string, home: string): string | null {
  try {
    const [, value] = new RegExp(`^XDG_${name}_DIR="(.*)"`, 'm').exec(readFileSync(list, 'utf8')) ?? [];
    const folder = value?.replace(/^\$HOME(?=\/|$)/, home);
    return folder && isAbsolute(folder) ? folder : null;
  } catch {
    return null;
  }
}

/** A folder of ours in the first of the person's own folders that is there. */
function personal(names: readonly string[], otherwise: string): string {
  const found = names.map((name) => join(homedir(), name)).find(existsSync);
  return found === undefined ? otherwise : join(found, 'Throughline');
}
