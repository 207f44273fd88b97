import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingPackages } from './install-state.mjs';

/** The folder of the tools that only packaging needs; they have a lock file of their own. */
export const packagingFolder = join(import.meta.dirname, '../../packaging');

/** Installs the packaging tools where they are missing or others than the lock file names. @throws Error if it cannot */
export function ensurePackagingTools(): void {
  if (missingPackages(readJson('package-lock.json'), readJson('node_modules/.package-lock.json')).length === 0) return;
  console.log('Throughline: installing the packaging tools ...');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
    cwd: packagingFolder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0)
    throw new Error('npm ci failed in packaging/. Is the network, or the registry npm is set to, reachable?');
}

function readJson(file: string) {
  try {
    return JSON.parse(readFileSync(join(packagingFolder, file), 'utf8'));
  } catch {
    return null;
  }
}
