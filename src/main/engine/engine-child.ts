import { fork } from 'node:child_process';

/** How an engine process ended. */
export type EngineEnd =
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: 'not-started'; readonly cause: unknown };

/** The engine process as its owner sees it: a forked Node process, or an Electron utility process. */
export interface EngineChild {
  /** Sends a structured clone; silently nothing once the process has ended. */
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** What the process itself prints. */
  onOutput(listener: (text: string) => void): void;
  /** Called once, when the process ended or could not be started. */
  onEnd(listener: (end: EngineEnd) => void): void;
  /** Lets go of a process that has finished its work, so that it ends. */
  release(): void;
  /** Ends it at once. */
  kill(): void;
}

/** Starts the engine's entry file as a process. @param entry absolute path */
export type SpawnEngine = (entry: string) => EngineChild;

/**
 * Node's own arguments for an engine: V8's young generation has one size from the start. Left alone, V8 doubles it whenever
 * enough has survived there, from 2 to 64 MB and at times only after hundreds of chunks, and resident memory grows although
 * nothing is kept.
 */
export const engineArguments: readonly string[] = [
  '--no-warnings',
  '--min-semi-space-size=8',
  '--max-semi-space-size=8',
];

/** Forks a Node process; the way of the command line and the browser host. */
export const forkEngine: SpawnEngine = (entry) => {
  const child = fork(entry, {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [...engineArguments],
  });
  return {
    post: (message) => {
      if (child.connected) child.send(message as object, () => {});
    },
    onMessage: (listener) => child.on('message', listener),
    onOutput: (listener) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (data: Buffer) => listener(data.toString()));
      }
    },
    onEnd: (listener) => {
      child.once('exit', (code, signal) => listener({ kind: 'exited', code, signal }));
      child.once('error', (cause) => listener({ kind: 'not-started', cause }));
    },
    release: () => {
      if (child.connected) child.disconnect();
    },
    kill: () => child.kill('SIGKILL'),
  };
};
