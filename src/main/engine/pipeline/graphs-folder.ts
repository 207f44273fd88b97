import {
  copyFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemError, ThroughlineError } from '../../../shared/errors.ts';
import { makeFolder } from '../../files/index.ts';

/** Folders kept, the one in use among them: as many models and devices as a person goes back and forth between. */
const keptFolders = 8;
/** Bytes that the kept folders may take beside the models: weights that could not be linked and were copied. */
const copiedBudgetBytes = 24 * 1024 ** 3;
/** What our folders are called: digest and device. Nothing else in the parent folder is ours to remove. */
const folderName = /^[0-9a-f]{16}-[a-z]+$/;
const useFile = 'last-use';

/**
 * Makes the folder that graphs are written to, beside the weights: hard links, or copies where the file system will not
 * link. Links are resolved first: a Hugging Face cache is made of symbolic ones, and a hard link to such a link leads nowhere.
 * @throws ThroughlineError `bad-input` where it cannot be written
 */
export function prepareGraphsFolder(folder: string, weightFiles: readonly string[]): void {
  try {
    makeFolder(folder);
    for (const file of weightFiles) {
      const source = realpathSync(file);
      const target = join(folder, basename(file));
      if (existsSync(target) && sameFile(source, target)) continue;
      const partial = `${target}.${process.pid}`;
      try {
        linkSync(source, partial);
      } catch {
        copyWhole(source, partial);
      }
      renameSync(partial, target);
    }
    markUsed(folder);
  } catch (cause) {
    throw (
      systemError(cause) ??
      new ThroughlineError(
        'bad-input',
        `The folder ${folder} cannot be written.`,
        'Check its permissions, or choose another cache folder.',
        { cause },
      )
    );
  }
}

/** Weights are large: half a copy must not stay on a disk that is full. */
function copyWhole(source: string, target: string): void {
  try {
    copyFileSync(source, target);
  } catch (error) {
    rmSync(target, { force: true });
    throw error;
  }
}

/**
 * Removes the folders of models that have not been used for longest, where there are too many of them or their copies of
 * weights take too much. The order is that of use, by a counter, since clocks go wrong. What cannot be removed stays.
 * @param folder the one in use, which is kept
 * @returns names of the folders that were removed
 */
export function collectGraphFolders(
  folder: string,
  limits: { readonly folders: number; readonly copiedBytes: number } = {
    folders: keptFolders,
    copiedBytes: copiedBudgetBytes,
  },
): string[] {
  const parent = dirname(folder);
  const byUse = ourFolders(parent)
    .map((name) => ({ name, use: lastUse(join(parent, name)), copied: copiedBytes(join(parent, name)) }))
    .sort((a, b) => Number(b.name === basename(folder)) - Number(a.name === basename(folder)) || b.use - a.use);
  const removed: string[] = [];
  let bytes = 0;
  for (const [i, { name, copied }] of byUse.entries()) {
    bytes += copied;
    if (i === 0 || (i < limits.folders && bytes <= limits.copiedBytes)) continue;
    bytes -= copied;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
      removed.push(name);
    } catch {
      // Another process may hold it (Windows); a later start removes it.
    }
  }
  return removed;
}

function ourFolders(parent: string): string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && folderName.test(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function markUsed(folder: string): void {
  const parent = dirname(folder);
  const latest = ourFolders(parent).reduce((most, name) => Math.max(most, lastUse(join(parent, name))), 0);
  const partial = join(folder, `${useFile}.${process.pid}`);
  writeFileSync(partial, String(latest + 1));
  renameSync(partial, join(folder, useFile));
}

/** 0 where nothing is known: folders made before uses were counted go first. */
function lastUse(folder: string): number {
  try {
    const use = Number(readFileSync(join(folder, useFile), 'utf8'));
    return Number.isSafeInteger(use) && use > 0 ? use : 0;
  } catch {
    return 0;
  }
}

/** Bytes of files that have no other name: what removing the folder would free. */
function copiedBytes(folder: string): number {
  try {
    return readdirSync(folder)
      .map((name) => statSync(join(folder, name)))
      .reduce((sum, file) => sum + (file.isFile() && file.nlink === 1 ? file.size : 0), 0);
  } catch {
    return 0;
  }
}

function sameFile(a: string, b: string): boolean {
  const [x, y] = [statSync(a), statSync(b)];
  return (x.ino === y.ino && x.dev === y.dev) || (x.size === y.size && x.mtimeMs <= y.mtimeMs);
}
