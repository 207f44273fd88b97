import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/ws';
import { type MessageEvent, type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { createRouter } from '../studio/router.ts';
import type { Limits } from './limits.ts';
import { isDeeperThan } from './message-depth.ts';

/** Why a socket is closed by us (RFC 6455, 7.4.1). */
const closeCodes = { goingAway: 1001, unsupported: 1003, policy: 1008 } as const;

type Listener = (event: MessageEvent) => unknown;

/**
 * The API over WebSockets, for requests that were let in. Whatever a client sends ends its own socket at most: one that
 * asks too much at once, does not read its answers, or is no longer there is cut off.
 */
export class ApiSockets {
  readonly #handler: RPCHandler<Record<never, never>>;
  readonly #limits: Limits;
  readonly #server: WebSocketServer;
  readonly #answered = new WeakSet<WebSocket>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(router: ReturnType<typeof createRouter>, limits: Limits) {
    this.#handler = new RPCHandler(router);
    this.#limits = limits;
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: limits.messageBytes,
      closeTimeout: limits.closeTimeMs,
    } as ServerOptions); // the package's types do not know closeTimeout yet
    this.#server.on('error', () => {}); // of one socket's handshake, which is refused then
    this.#heartbeat = setInterval(() => this.#listenForHearts(), limits.heartbeatMs);
    this.#heartbeat.unref();
  }

  get size(): number {
    return this.#server.clients.size;
  }

  /** Opens a socket of the API. @throws nothing: what is no handshake is refused */
  open(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => this.#serve(client));
  }

  /** Ends every connection. Idempotent. */
  close(): void {
    clearInterval(this.#heartbeat);
    for (const client of this.#server.clients) {
      client.close(closeCodes.goingAway, 'Throughline is closing');
      client.terminate();
    }
    this.#server.close();
  }

  #serve(client: WebSocket): void {
    client.on('error', () => {}); // it closes then
    client.on('pong', () => this.#answered.add(client));
    this.#answered.add(client);
    let calls = 0;
    const admit = (answer: Listener) => async (event: MessageEvent) => {
      const reason = this.#refusal(event.data, calls);
      if (reason) return client.close(...reason);
      calls++;
      try {
        await answer(event);
      } catch {
        // of one message, which gets no answer
      } finally {
        calls--;
      }
    };
    void this.#handler.upgrade({
      addEventListener: ((type: 'message' | 'close', listener: Listener) => {
        if (type === 'message') client.addEventListener('message', admit(listener));
        else client.addEventListener(type, listener as () => void);
      }) as WebSocket['addEventListener'],
      // Answered once the system has taken it: a window that reads slowly gets the newest events, not all of them.
      send: ((data: Parameters<WebSocket['send']>[0]) =>
        new Promise<void>((resolve) => {
          client.send(data, () => resolve());
          if (client.bufferedAmount > this.#limits.unreadBytes) client.terminate();
        })) as WebSocket['send'],
    });
  }

  /** Why a message is not listened to; null if it is. */
  #refusal(data: MessageEvent['data'], calls: number): [code: number, reason: string] | null {
    if (typeof data !== 'string') return [closeCodes.unsupported, 'The API speaks text'];
    if (calls >= this.#limits.callsAtOnce) return [closeCodes.policy, 'Too many calls at once'];
    if (isDeeperThan(this.#limits.messageDepth, data)) return [closeCodes.policy, 'Nested too deep'];
    return null;
  }

  #listenForHearts(): void {
    for (const client of this.#server.clients) {
      if (!this.#answered.delete(client)) client.terminate();
      else client.ping();
    }
  }
}
