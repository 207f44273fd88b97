/** The way to the process that started this one. */
export interface ParentPort {
  post(message: unknown): void;
  on(listener: (message: unknown) => void): void;
}

/** Electron gives utility processes a `parentPort`; a forked Node process has `send`. Ends this process with its owner. */
export function parentPort(): ParentPort {
  const electron = (
    process as {
      parentPort?: { postMessage(m: unknown): void; on(event: 'message', l: (e: { data: unknown }) => void): void };
    }
  ).parentPort;
  if (electron) {
    return {
      post: (message) => electron.postMessage(message),
      on: (listener) => electron.on('message', ({ data }) => listener(data)),
    };
  }
  if (!process.send) throw new Error('this process must be started by its owner');
  process.on('disconnect', () => process.exit(0)); // an owner that died must not leave us behind
  return { post: (message) => process.send?.(message), on: (listener) => process.on('message', listener) };
}
