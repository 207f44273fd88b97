import { roomBytes } from './convert.ts';

/** Rooms that a thread has at most: what it may be ahead of the one that writes. */
const mostRooms = 6;

/** The rooms of one thread. They are made when they are first needed, and go round. */
export class Rooms {
  readonly #free: ArrayBuffer[] = [];
  readonly #waiting: ((room: ArrayBuffer) => void)[] = [];
  #made = 0;

  /** A room, as soon as one is free. */
  take(): ArrayBuffer | Promise<ArrayBuffer> {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made < mostRooms) {
      this.#made++;
      return new ArrayBuffer(roomBytes);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  giveBack(room: ArrayBuffer): void {
    const next = this.#waiting.shift();
    if (next) next(room);
    else this.#free.push(room);
  }
}
