import path from 'node:path';
import { ThroughlineError } from '../../shared/errors.ts';

/** Turns an error of the file system into a sentence and a next step. Ours pass through unchanged. */
export function writeError(error: unknown, target: string): ThroughlineError {
  if (error instanceof ThroughlineError) return error;
  const folder = path.dirname(target);
  const name = path.basename(target);
  const failed = (message: string, hint: string) =>
    new ThroughlineError('export-failed', message, hint, { cause: error });
  switch (errnoOf(error)) {
    case 'ENOENT':
      return failed(`The folder ${folder} does not exist.`, 'Create it, or choose another folder.');
    case 'ENOTDIR':
      return failed(`${folder} is a file, not a folder.`, 'Choose another folder.');
    case 'EISDIR':
      return failed(`There is a folder named ${name} in ${folder}.`, 'Choose another file name.');
    case 'ELOOP':
      return failed(`The links that lead to ${target} go round in a circle.`, 'Choose another folder.');
    case 'EROFS':
      return failed(`The disk that holds ${folder} can only be read.`, 'Choose a folder on another disk.');
    case 'EACCES':
    case 'EPERM':
      return failed(
        `${name} could not be written in ${folder}: this user may not write there.`,
        'Check the permissions of the folder, or choose another folder.',
      );
    case 'EBUSY':
    case 'ETXTBSY':
      return failed(`${name} in ${folder} is open in another program.`, 'Close it there, or choose another file name.');
    case 'ENOSPC':
    case 'EDQUOT':
      return failed(
        `The disk that holds ${folder} is full, so ${name} was not written.`,
        'Free some space or choose another disk, then try again.',
      );
    case 'EFBIG':
      return failed(
        `${name} is larger than the disk that holds ${folder} allows for one file.`,
        'Choose another disk, or make the film shorter.',
      );
    case 'EIO':
      return failed(`The disk that holds ${folder} does not work properly.`, 'Check the disk, or choose another one.');
    case 'ENAMETOOLONG':
      return failed(`The file name ${name} is too long.`, 'Choose a shorter name.');
    default:
      return failed(
        `${name} could not be written in ${folder}: ${error instanceof Error ? error.message : String(error)}.`,
        'Try again; if it fails again, choose another folder.',
      );
  }
}

/** The system's error code, looked for along the chain of causes: libraries wrap what the disk said. */
export function errnoOf(error: unknown): string | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth++) {
    if ('code' in e && typeof e.code === 'string') return e.code;
  }
  return undefined;
}
