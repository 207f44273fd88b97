import { EventBacklog, mostNotices } from '../../shared/api/event-backlog.ts';
import type { StudioEvent } from '../../shared/api/types.ts';

/**
 * Events to every window. A window that falls behind gets the newest of each kind instead of all of them: what is
 * waiting for it never grows beyond one full picture.
 */
export class EventHub {
  readonly #subscribers = new Set<Subscriber>();
  /** Notices from before any window listened. */
  #early: StudioEvent[] = [];
  readonly #picture: () => readonly StudioEvent[];

  /** @param picture the state as it is, for whoever begins to listen */
  constructor(picture: () => readonly StudioEvent[]) {
    this.#picture = picture;
  }

  publish(...events: readonly StudioEvent[]): void {
    for (const subscriber of this.#subscribers) for (const event of events) subscriber.add(event);
  }

  /** For another project: what is waiting of the old one is no longer true. */
  replaceProject(...events: readonly StudioEvent[]): void {
    for (const subscriber of this.#subscribers) subscriber.forgetProject();
    this.publish(...events);
  }

  /** Something worth a sentence; kept for the first window while there is none. */
  notice(level: 'info' | 'warning' | 'error', message: string, hint = ''): void {
    const event: StudioEvent = { type: 'notice', level, message, hint };
    if (this.#subscribers.size === 0) this.#early = [...this.#early, event].slice(-mostNotices);
    else this.publish(event);
  }

  /** Begins with the full picture; ends when `signal` says so or the hub is closed. */
  async *subscribe(signal?: AbortSignal): AsyncGenerator<StudioEvent, void, void> {
    const subscriber = new Subscriber();
    for (const event of [...this.#picture(), ...this.#early]) subscriber.add(event);
    this.#early = [];
    this.#subscribers.add(subscriber);
    const stop = (): void => subscriber.end();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      while (true) {
        const event = await subscriber.next();
        if (!event) return;
        yield event;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#subscribers.delete(subscriber);
    }
  }

  /** Ends every stream. */
  close(): void {
    for (const subscriber of this.#subscribers) subscriber.end();
  }
}

/** What is waiting for one window. */
class Subscriber {
  readonly #backlog = new EventBacklog();
  #ended = false;
  #wake: (() => void) | null = null;

  add(event: StudioEvent): void {
    this.#backlog.add(event);
    this.#wake?.();
  }

  forgetProject(): void {
    this.#backlog.forgetProject();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async next(): Promise<StudioEvent | null> {
    while (true) {
      if (this.#ended) return null;
      const event = this.#backlog.take();
      if (event) return event;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }
}
