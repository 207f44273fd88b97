import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { downloadElectron } from './electron-download.ts';
import { newestIn } from './renderer.ts';

const root = join(import.meta.dirname, '../..');
const electron = join(root, 'node_modules/electron');
const built = join(root, 'out/main/desktop.js');
/** What the app is made from. */
const sources = ['src', 'electron.vite.config.ts', 'package-lock.json'];
/** An app that ends sooner than this, in milliseconds, with an error, could not be opened. */
const startingTimeMs = 15_000;

/**
 * Opens the desktop app and waits for its end.
 * @param args files to open
 * @returns null once it has been closed; a sentence where it could not be opened
 */
export async function openDesktop(args: readonly string[]): Promise<string | null> {
  const reason = whyNotHere(process.platform, process.env);
  if (reason !== null) return reason;
  const missing = electronBinary() === null ? await downloadElectron() : null;
  if (missing !== null) return missing;
  const binary = electronBinary();
  if (binary === null) return 'The desktop app needs Electron, which was downloaded but is not where it should be.';
  if (!existsSync(built) || newestIn(sources.map((path) => join(root, path))) > statSync(built).mtimeMs) {
    console.log('Building the desktop app (once)');
    const result = spawnSync(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, encoding: 'utf8' });
    if (result.status !== 0) {
      console.error(result.stderr);
      return 'The desktop app could not be built.';
    }
  }
  return run(binary, args);
}

/** A reason that no attempt would change; null where it is worth trying. */
export function whyNotHere(
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
  userId = process.getuid?.(),
): string | null {
  if (platform !== 'linux') return null;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'The desktop app needs a display, and there is none here.';
  if (userId === 0) return 'The desktop app does not run as root, because its sandbox cannot.';
  return null;
}

/** Where the binary of Electron is; null where it has not been downloaded. */
export function electronBinary(): string | null {
  const pathFile = join(electron, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const binary = join(electron, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(binary) ? binary : null;
}

async function run(binary: string, args: readonly string[]): Promise<string | null> {
  const startedAt = performance.now();
  const child = spawn(binary, [root, ...args], { stdio: 'inherit' });
  // The terminal sends Ctrl+C to both; the app decides what it means.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', resolve);
  });
  const tooSoon = performance.now() - startedAt < startingTimeMs;
  return code !== 0 && code !== null && tooSoon ? `The desktop app ended at once (code ${code}).` : null;
}
