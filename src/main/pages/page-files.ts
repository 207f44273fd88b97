import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import mime from 'mime/lite';

/** A file of the page. */
export interface PageFile {
  readonly bytes: Uint8Array;
  /** For a `Content-Type` header. */
  readonly type: string;
  /** Whether its name changes with its content, so that it may be kept for ever. */
  readonly immutable: boolean;
}

/** Where the build puts what it names by content. */
const namedByContent = '/assets/';

/**
 * The names of a URL path's parts, decoded; null for a path that is not plainly one below its root: one with `..`, a
 * backslash, a drive, a second layer of encoding, an empty or a hidden name, or bytes that are no text.
 * @param pathname as in a URL, beginning with `/`
 */
export function pathParts(pathname: string): readonly string[] | null {
  if (!pathname.startsWith('/')) return null;
  const parts: string[] = [];
  for (const encoded of pathname.slice(1).split('/')) {
    let part: string;
    try {
      part = decodeURIComponent(encoded);
    } catch {
      return null;
    }
    // A name that still has a percent sign could be decoded again by someone further on.
    if (part === '' || part.startsWith('.') || /[\\/:%\0]/.test(part)) return null;
    parts.push(part);
  }
  return parts;
}

/**
 * Reads one file of the page's folder; the page itself at `/`. Both hosts serve the page with it.
 * @param root absolute
 * @param pathname as in a URL
 * @returns null where there is no such file, or it is not plainly within `root`, links followed
 */
export async function readPageFile(root: string, pathname: string): Promise<PageFile | null> {
  const parts = pathParts(pathname === '/' ? '/index.html' : pathname);
  const type = contentType(parts?.at(-1) ?? '');
  if (!parts || type === null) return null;
  try {
    const base = await realpath(root);
    const file = await realpath(join(base, ...parts));
    if (!file.startsWith(base + sep)) return null;
    if (!(await stat(file)).isFile()) return null;
    return { bytes: await readFile(file), type, immutable: pathname.startsWith(namedByContent) };
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

/** By the name's ending; null for one that nobody knows. */
function contentType(name: string): string | null {
  const type = mime.getType(name);
  if (type === null || !name.includes('.')) return null;
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

function isAbsence(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG';
}
