// Brings a checkout to where our source can run: packages installed, and a Node 24 found. Runs on Node 20 and newer.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canRunSource, missingPackages } from './install-state.mjs';
import { npmFailure } from './npm-failure.mjs';

/** The repository's root, absolute. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Installs what is missing (one line before, one after; silent where there is nothing to do).
 * @returns {string} the Node to run our source with, absolute
 * @throws {Error} with npm's own words if it cannot
 */
export function ensureInstalled() {
  const lock = readJson(join(root, 'package-lock.json'));
  const missing = missingPackages(lock, readJson(join(root, 'node_modules', '.package-lock.json')));
  if (missing.length > 0) {
    const whole = !existsSync(join(root, 'node_modules'));
    timed(whole ? 'installing dependencies (a minute or so, once)' : 'dependencies changed, installing them anew', () =>
      npm(['ci', '--no-audit', '--no-fund']),
    );
  }
  return node24();
}

/** @returns {string} */
function node24() {
  if (canRunSource(process.versions.node)) return process.execPath;
  const binary = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!versionOf(binary)) {
    // Install scripts were switched off, and this package fetches its binary in one.
    timed('fetching Node 24', () => npm(['rebuild', 'node', '--ignore-scripts=false']));
  }
  const version = versionOf(binary);
  if (!version || !canRunSource(version)) {
    throw new Error(
      `Throughline needs Node 24 and found ${process.versions.node}; its own copy in node_modules/node does not run.\n` +
        'Install Node 24 or newer yourself, or delete node_modules and try again.',
    );
  }
  return binary;
}

/** @param {string} binary @returns {string | null} */
function versionOf(binary) {
  const run = spawnSync(binary, ['--version'], { encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim().replace(/^v/, '') : null;
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** @param {string[]} args */
function npm(args) {
  // Under `npm start` npm tells where it is itself; `npm` by name is a .cmd on Windows, which needs a shell.
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  const run = spawnSync(command, [...first, ...args, '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    shell: command === 'npm' && process.platform === 'win32',
    // We use the CPU and WebGPU that come in the package; its script would download CUDA. npm before 11.10 does not
    // read "allowScripts".
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (run.status !== 0) {
    const code = /** @type {NodeJS.ErrnoException | undefined} */ (run.error)?.code;
    throw new Error(npmFailure(args, `${run.stdout ?? ''}${run.stderr ?? ''}`, code));
  }
}

/** @param {string} what @param {() => void} work */
function timed(what, work) {
  const started = Date.now();
  console.log(`Throughline: ${what} ...`);
  work();
  console.log(`Throughline: done in ${Math.round((Date.now() - started) / 1000)} s`);
}
