import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { z } from 'zod';
import type { RecentProject } from '../../../shared/api/types.ts';
import { readJson, writeJson } from '../json-file.ts';

const most = 12;
const fileSchema = z.array(z.object({ file: z.string(), title: z.string(), openedAt: z.string() })).catch([]);

/** Projects opened lately, newest first, in a file of the configuration folder. */
export class RecentProjects {
  readonly #file: string;

  constructor(configFolder: string) {
    this.#file = join(configFolder, 'recent.json');
  }

  list(): RecentProject[] {
    return fileSchema
      .parse(readJson(this.#file) ?? [])
      .map((project) => ({ ...project, place: fromHome(project.file), missing: !existsSync(project.file) }));
  }

  /** Never throws: a list of recent projects is not worth an error. */
  remember(file: string, title: string): void {
    const others = fileSchema.parse(readJson(this.#file) ?? []).filter((project) => project.file !== file);
    try {
      writeJson(this.#file, [{ file, title, openedAt: new Date().toISOString() }, ...others].slice(0, most));
    } catch {}
  }
}

/** A path as people write it: `~` for their own folder. */
export function fromHome(file: string, home = homedir()): string {
  return file.startsWith(`${home}${sep}`) ? `~${file.slice(home.length)}` : file;
}
