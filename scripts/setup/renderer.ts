import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const built = join(root, 'out/renderer/index.html');
/** What the renderer is made from. */
const sources = ['src/renderer', 'src/shared', 'package-lock.json'];

/** Builds the renderer unless what is built is newer than its sources. Throws an Error saying what went wrong. */
export function ensureRenderer(): void {
  if (existsSync(built) && newestIn(sources.map((path) => join(root, path))) <= statSync(built).mtimeMs) return;
  console.log('Building the editor (once)');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const result = spawnSync(process.execPath, [vite, 'build', 'src/renderer', '--logLevel', 'warn'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (result.status !== 0) throw new Error(`The editor could not be built:\n${result.stdout}${result.stderr}`);
}

/** Time of the newest file in folders and files, in milliseconds since 1970. */
export function newestIn(paths: readonly string[]): number {
  return Math.max(
    ...paths.map((path) => {
      const status = statSync(path);
      return status.isDirectory() ? newestIn(readdirSync(path).map((name) => join(path, name))) : status.mtimeMs;
    }),
    0,
  );
}
