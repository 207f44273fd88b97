import type { SpawnEngine } from '../engine/client.ts';
import type { DesktopElectron } from './electron-surface.ts';

/** Starts the engine as a utility process, which ends with the app whatever happens to it. */
export function utilityEngine(electron: Pick<DesktopElectron, 'forkUtility'>): SpawnEngine {
  return (entry) => {
    const child = electron.forkUtility(entry, {
      serviceName: 'Throughline engine',
      stdio: ['ignore', 'pipe', 'pipe'],
      execArgv: ['--no-warnings'],
    });
    let running = true;
    child.once('exit', () => {
      running = false;
    });
    return {
      post: (message) => {
        if (running) child.postMessage(message);
      },
      onMessage: (listener) => child.on('message', listener),
      onOutput: (listener) => {
        for (const stream of [child.stdout, child.stderr]) {
          stream?.on('data', (data: Buffer) => listener(data.toString()));
        }
      },
      // Where it could not be started, too, it only exits.
      onEnd: (listener) => child.once('exit', (code) => listener({ kind: 'exited', code, signal: null })),
      // There is no channel to close: after its work a utility process waits until it is ended.
      release: () => child.kill(),
      kill: () => {
        // Electron's own kill asks; an engine that hangs in a driver may not hear it.
        if (!endAtOnce(child.pid)) child.kill();
      },
    };
  };
}

function endAtOnce(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 'SIGKILL');
  } catch {
    return false; // it has ended by itself
  }
}
