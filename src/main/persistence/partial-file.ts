import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Partial files of this process so far. */
let made = 0;
/** What SQLite keeps beside a database. */
const besides = ['', '-wal', '-shm', '-journal'];

/**
 * A name for a database that is put together beside `target` and then takes its place. It says which process does so,
 * and what killed processes left there is removed.
 */
export function partialFileFor(target: string): string {
  const { dir, base } = path.parse(target);
  try {
    for (const name of readdirSync(dir || '.')) {
      const rest = name.startsWith(`${base}.`) ? /^(\d{1,10})(?:-\d+)?\.part$/.exec(name.slice(base.length + 1)) : null;
      if (rest && !isRunning(Number(rest[1]))) removePartial(path.join(dir, name));
    }
  } catch {} // a folder that cannot be read: whoever writes there says so
  return `${target}.${process.pid}-${++made}.part`;
}

/** Removes it with all that SQLite put beside it; nothing where it took its place. */
export function removePartial(partial: string): void {
  try {
    for (const beside of besides) rmSync(partial + beside, { force: true });
  } catch {} // where there is no such folder there is nothing to remove
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
