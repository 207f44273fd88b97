import type { StudioEvent } from '../../shared/api/types.ts';

/** Notices kept for a window that is not listening just now. */
const mostNotices = 50;

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

/** What is waiting for one window, oldest first, at most one of a kind. */
class Subscriber {
  readonly #waiting = new Map<string, StudioEvent>();
  #notices = 0;
  #ended = false;
  #wake: (() => void) | null = null;

  add(event: StudioEvent): void {
    const kind = event.type === 'notice' ? `notice ${this.#notices++ % mostNotices}` : kindOf(event);
    const before = this.#waiting.get(kind);
    this.#waiting.set(kind, before ? merge(before, event) : event);
    this.#wake?.();
  }

  forgetProject(): void {
    for (const kind of ['project', 'chunks', 'takes', 'queue', 'preview']) this.#waiting.delete(kind);
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async next(): Promise<StudioEvent | null> {
    while (true) {
      if (this.#ended) return null;
      const first = this.#waiting.entries().next();
      if (!first.done) {
        this.#waiting.delete(first.value[0]);
        return first.value[1];
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }
}

function kindOf(event: StudioEvent): string {
  return event.type === 'export' ? `export ${event.export.id}` : event.type;
}

function merge(before: StudioEvent, event: StudioEvent): StudioEvent {
  if (before.type !== 'chunks' || event.type !== 'chunks') return event;
  const added = new Map(before.added.map((chunk) => [chunk.key, chunk]));
  const removed = new Set(before.removed);
  for (const key of event.removed) {
    added.delete(key);
    removed.add(key);
  }
  for (const chunk of event.added) {
    added.set(chunk.key, chunk);
    removed.delete(chunk.key);
  }
  return { type: 'chunks', added: [...added.values()], removed: [...removed] };
}
