import { isAbsolute, resolve } from 'node:path';

/** Files that are opened with the app: projects, and scripts that become a new project. */
export const openableExtensions = ['throughline', 'jsonl', 'fountain', 'fdx'] as const;

/**
 * The file that a command line asks to open: its last argument that is a file of ours. Switches, and what Chromium adds
 * to a second instance's command line, are left out.
 * @param argv as given to a process: the program first, the app's own folder or script second where it is not packaged
 * @param folder where the command was given, absolute
 * @returns absolute path; null if no file was asked for. It may not exist.
 */
export function fileToOpen(argv: readonly string[], folder: string): string | null {
  const named = argv
    .slice(1)
    .filter((argument) => !argument.startsWith('-') && isOpenable(argument))
    .at(-1);
  if (named === undefined) return null;
  return isAbsolute(named) ? named : resolve(folder, named);
}

/** Whether a path ends like a file of ours. */
export function isOpenable(path: string): boolean {
  const ending = path.split('.').at(-1)?.toLowerCase();
  return path.includes('.') && openableExtensions.some((extension) => extension === ending);
}

/**
 * Where everything that is written goes instead of the person's own folders, after `--data=`; undefined where the
 * command line does not say. For tests, and for an app carried about on a stick.
 */
export function dataFolder(argv: readonly string[], folder: string): string | undefined {
  const given = argv.find((argument) => argument.startsWith('--data='))?.slice('--data='.length);
  return given ? resolve(folder, given) : undefined;
}
