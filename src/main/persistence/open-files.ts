import { type FileId, fileIdOf, isSameFile } from '../files/index.ts';

interface OpenFile {
  /** As it was called when it was opened. */
  readonly file: string;
  readonly id: FileId;
}

const openFiles = new Set<OpenFile>();

/** Notes that this process has a project file open. Returns what ends that; idempotent. */
export function enterOpenFile(file: string): () => void {
  const id = fileIdOf(file);
  if (!id) return () => {};
  const entry = { file, id };
  openFiles.add(entry);
  return () => void openFiles.delete(entry);
}

/**
 * The name under which this process has a file open already, compared by device and inode: a hard link, a link or a
 * file that was renamed meanwhile is found as well. Null: it is not open here.
 *
 * Whoever wants to read any file of a person's asks first: on Linux and macOS, closing a second descriptor on a file
 * drops the locks of all others in the process.
 */
export function openFileLike(file: string): string | null {
  const id = fileIdOf(file);
  for (const open of openFiles) if (isSameFile(open.id, id)) return open.file;
  return null;
}
