import { createORPCClient, DynamicLink, ORPCError } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as WebSocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import type { contract } from '../../shared/api/contract.ts';
import type { DesktopBridge } from '../../shared/api/desktop-bridge.ts';
import { pageMessages } from '../../shared/api/desktop-channels.ts';
import type { ShownError } from '../../shared/errors.ts';

/** The studio's API, typed by the contract. */
export type StudioClient = ContractRouterClient<typeof contract>;

type Link = ConstructorParameters<typeof DynamicLink>[0] extends (...args: never[]) => infer Result
  ? Awaited<Result>
  : never;

let link: Link | null = null;

const connection = new DynamicLink(() => {
  if (!link) throw new Error('Throughline is not connected to its studio.');
  return link;
});

const answerListeners = new Set<(path: readonly string[]) => void>();
const failedCalls = new WeakMap<object, readonly string[]>();

/** Calls go over whatever connection is open now; without one they are refused at once. */
export const api: StudioClient = createORPCClient({
  call: async (path, input, options) => {
    try {
      const answer = await connection.call(path, input, options);
      for (const listen of answerListeners) listen(path);
      return answer;
    } catch (error) {
      if (error instanceof Error) failedCalls.set(error, path);
      throw error;
    }
  },
});

/** Calls `listen` with the path of every call that was answered, `['queue', 'generate']`. */
export function onAnswer(listen: (path: readonly string[]) => void): void {
  answerListeners.add(listen);
}

/** The call that an error came from; null for one of another origin. */
export function pathOf(error: unknown): readonly string[] | null {
  return (error instanceof Error ? failedCalls.get(error) : undefined) ?? null;
}

/** What the desktop app offers its page; null in a browser. */
export function desktopBridge(): DesktopBridge | null {
  return 'throughlineDesktop' in window ? (window.throughlineDesktop as DesktopBridge) : null;
}

/** One connection to the studio. `closed` settles when it is lost. */
export interface Connection {
  readonly closed: Promise<void>;
}

/** Opens the connection this window was given: a message port from the preload script, or a WebSocket home. */
export function connect(): Promise<Connection> {
  return desktopBridge() ? connectPort() : connectSocket();
}

async function connectPort(): Promise<Connection> {
  const port = await new Promise<MessagePort>((resolve) => {
    const listen = (event: MessageEvent) => {
      if (event.source !== window || event.data !== pageMessages.port || !event.ports[0]) return;
      window.removeEventListener('message', listen);
      resolve(event.ports[0]);
    };
    window.addEventListener('message', listen);
    window.postMessage(pageMessages.ready, window.origin);
  });
  link = new PortLink({ port });
  port.start();
  return { closed: new Promise((resolve) => port.addEventListener('close', () => resolve(), { once: true })) };
}

async function connectSocket(): Promise<Connection> {
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/api`);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error('The studio does not answer.')), { once: true });
  });
  link = new WebSocketLink({ websocket: socket });
  return { closed: new Promise((resolve) => socket.addEventListener('close', () => resolve(), { once: true })) };
}

/** Whether the studio is there and does not let this window in: it was started again, and keeps other secrets. */
export async function isRefused(): Promise<boolean> {
  if (desktopBridge()) return false;
  const answer = await fetch('/', { method: 'HEAD', cache: 'no-store' }).catch(() => null);
  return answer?.status === 403;
}

/** Whatever was thrown, as a person should read it. */
export function shownError(error: unknown): ShownError {
  if (error instanceof ORPCError) {
    const data = error.data as Partial<ShownError> | undefined;
    if (data && typeof data.message === 'string') {
      return { code: data.code ?? 'internal', message: data.message, hint: data.hint ?? '' };
    }
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal', message, hint: '' };
}
