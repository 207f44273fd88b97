import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { MediaFile } from '../studio/project/media.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

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
 * Reads one file of the page's folder.
 * @param root absolute
 * @param pathname as in a URL
 * @returns null where there is no such file, or it is not plainly within `root`, links followed
 */
export async function readPageFile(root: string, pathname: string): Promise<MediaFile | null> {
  const parts = pathParts(pathname);
  if (!parts) return null;
  const type = contentTypes[extname(parts.at(-1) ?? '')];
  if (!type) return null;
  try {
    const base = await realpath(root);
    const file = await realpath(join(base, ...parts));
    if (!file.startsWith(base + sep)) return null;
    if (!(await stat(file)).isFile()) return null;
    return { bytes: await readFile(file), type };
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG';
}
