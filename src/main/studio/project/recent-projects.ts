import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { z } from 'zod';
import type { RecentProject } from '../../../shared/api/types.ts';
import { readJson, writeJson } from '../json-file.ts';

const most = 12;
/** A picture of a project is small: a few kB of WebP, in base64. */
const largestPicture = 200_000;
const fileSchema = z
  .array(
    z.object({
      file: z.string(),
      title: z.string(),
      openedAt: z.string(),
      picture: z
        .string()
        .startsWith('data:image/webp;base64,')
        .max(largestPicture)
        .nullable()
        .catch(null)
        .default(null),
      model: z.string().max(64).nullable().catch(null).default(null),
    }),
  )
  .catch([]);

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
    const all = fileSchema.parse(readJson(this.#file) ?? []);
    const { picture = null, model = null } = all.find((project) => project.file === file) ?? {};
    const others = all.filter((project) => project.file !== file);
    this.#write([{ file, title, openedAt: new Date().toISOString(), picture, model }, ...others].slice(0, most));
  }

  /**
   * How a project was when it was closed: its name, a picture (a data URL) where it has one, the digest of its model. Never
   * throws.
   */
  update(file: string, title: string, picture: string | null, model: string | null): void {
    const all = fileSchema.parse(readJson(this.#file) ?? []);
    this.#write(
      all.map((project) =>
        project.file === file ? { ...project, title, picture, model: model ?? project.model } : project,
      ),
    );
  }

  #write(projects: z.infer<typeof fileSchema>): void {
    try {
      writeJson(this.#file, projects);
    } catch {}
  }
}

/** A path as people write it: `~` for their own folder. */
export function fromHome(file: string, home = homedir()): string {
  return file.startsWith(`${home}${sep}`) ? `~${file.slice(home.length)}` : file;
}
