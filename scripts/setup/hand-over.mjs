// Runs a TypeScript file of ours under Node 24, installing first what is missing. Runs on Node 20 and newer.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import { ensureInstalled, root } from './ensure.mjs';

/**
 * Ends this process with the exit status of the other.
 * @param {string} file relative to the repository's root
 * @param {readonly string[]} args
 */
export function handOver(file, args) {
  let node;
  try {
    node = ensureInstalled();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
  const child = spawn(node, [resolve(root, file), ...args], { stdio: 'inherit' });
  // The terminal sends Ctrl+C to both; the child decides what it means, and we wait for its answer.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`Could not start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}
