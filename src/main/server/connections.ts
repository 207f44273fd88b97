import type { Socket } from 'node:net';

/**
 * Who is connected. A connection is a stranger's until a request of a client that was let in comes over it. Strangers
 * cannot keep anybody out: where there are too many, the one that came first is cut off for the next.
 */
export class Connections {
  readonly #strangers = new Set<Socket>();
  readonly #guests = new Set<Socket>();
  readonly #most: { readonly strangers: number; readonly guests: number };

  constructor(most: { readonly strangers: number; readonly guests: number }) {
    this.#most = most;
  }

  get size(): number {
    return this.#strangers.size + this.#guests.size;
  }

  /** Takes a new connection. */
  add(socket: Socket): void {
    socket.on('error', () => {}); // it closes then
    socket.once('close', () => {
      this.#strangers.delete(socket);
      this.#guests.delete(socket);
    });
    this.#strangers.add(socket);
    makeRoom(this.#strangers, this.#most.strangers);
  }

  /** Whoever speaks on this connection was let in. */
  know(socket: Socket): void {
    if (!this.#strangers.delete(socket)) return;
    this.#guests.add(socket);
    makeRoom(this.#guests, this.#most.guests);
  }
}

function makeRoom(sockets: ReadonlySet<Socket>, most: number): void {
  if (sockets.size <= most) return;
  const [first] = sockets;
  first?.destroy();
}
