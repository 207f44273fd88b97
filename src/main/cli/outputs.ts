import { randomBytes } from 'node:crypto';
import { access, constants, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { ThroughlineError } from '../../shared/errors.ts';

interface OutputPaths {
  readonly out: string;
  readonly report?: string;
  readonly contactSheet?: string;
}

const endings = { out: '.mp4', report: '.json', contactSheet: '.png' } as const;
const optionNames = { out: '--out', report: '--report', contactSheet: '--contact-sheet' } as const;

/**
 * Finds, before any work, what would make writing the results fail at its end: a wrong ending, a folder that is not
 * there or read-only, two results in one file, a result over the story. Throws `bad-input`.
 */
export async function checkOutputs(paths: OutputPaths, storyPath: string): Promise<void> {
  const taken = new Map([[resolve(storyPath), 'the story']]);
  for (const name of ['out', 'report', 'contactSheet'] as const) {
    const path = paths[name];
    if (path === undefined) continue;
    const option = optionNames[name];
    if (extname(path).toLowerCase() !== endings[name]) {
      throw new ThroughlineError(
        'bad-input',
        `${option} takes a name ending in ${endings[name]}, not ${path}`,
        'Change the ending.',
      );
    }
    const owner = taken.get(resolve(path));
    if (owner)
      throw new ThroughlineError('bad-input', `${option} would overwrite ${owner}: ${path}`, 'Give it another name.');
    taken.set(resolve(path), `what ${option} names`);
    await checkFolder(dirname(resolve(path)), option);
  }
}

async function checkFolder(folder: string, option: string): Promise<void> {
  try {
    if (!(await stat(folder)).isDirectory()) throw new Error('not a folder');
  } catch (cause) {
    throw new ThroughlineError('bad-input', `${option}: there is no folder ${folder}`, 'Make the folder first.', {
      cause,
    });
  }
  try {
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new ThroughlineError('bad-input', `${option}: may not write in ${folder}`, 'Choose another folder.', {
      cause,
    });
  }
}

/** Writes a value as JSON, whole or not at all. Throws `export-failed`. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(`${JSON.stringify(value)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ThroughlineError('export-failed', `Could not write ${path}: ${reason}`, 'Is the disk full?', { cause });
  }
}
