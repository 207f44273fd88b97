import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { createRouter } from '../studio/router.ts';
import type { Gate } from './gate.ts';

/** A script of the largest size fits. */
const longestMessageBytes = 32 * 1024 * 1024;
const apiPath = '/api';
/** Close code: the server goes away. */
const goingAway = 1001;

/** The API over WebSockets, for browsers that the gate lets through. */
export class ApiSockets {
  readonly #gate: Gate;
  readonly #handler: RPCHandler<Record<never, never>>;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: longestMessageBytes });

  constructor(router: ReturnType<typeof createRouter>, gate: Gate) {
    this.#gate = gate;
    this.#handler = new RPCHandler(router);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { headers } = request;
    const allowed = this.#gate.isForUs(headers) && this.#gate.isKnown(headers) && this.#gate.isFromOurPage(headers);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (!allowed || pathname !== apiPath) {
      socket.on('error', () => {});
      socket.end(`HTTP/1.1 ${allowed ? '404 Not Found' : '403 Forbidden'}\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (client) => this.#serve(client));
  }

  /** Ends every connection. Idempotent. */
  close(): void {
    for (const client of this.#server.clients) {
      client.close(goingAway, 'Throughline is closing');
      client.terminate();
    }
    this.#server.close();
  }

  #serve(client: WebSocket): void {
    client.on('error', () => {}); // it closes then
    void this.#handler.upgrade({
      addEventListener: client.addEventListener.bind(client),
      // Answered once the system has taken it: a window that reads slowly gets the newest events, not all of them.
      send: ((data: Parameters<WebSocket['send']>[0]) =>
        new Promise<void>((resolve) => client.send(data, () => resolve()))) as WebSocket['send'],
    });
  }
}
