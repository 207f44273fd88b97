import type { StudioEvent } from './types.ts';

/** Notices kept for a window that is not listening just now. */
export const mostNotices = 50;

/** Pictures of chunks that are being made, kept for such a window: as many as a farm's workers may make at a time. */
const mostPreviews = 256;
const ofProject: ReadonlySet<string> = new Set(['project', 'chunks', 'takes', 'assets', 'queue', 'preview']);

/** Events that wait for a listener, oldest first: at most one of a kind, and one picture of a chunk, so that it never grows far beyond one full picture. */
export class EventBacklog {
  readonly #waiting = new Map<string, StudioEvent>();
  #notices = 0;

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Joins what waits of its kind: the newest holds, and chunks add up. */
  add(event: StudioEvent): void {
    const kind = event.type === 'notice' ? `notice ${this.#notices++ % mostNotices}` : kindOf(event);
    const before = this.#waiting.get(kind);
    if (event.type === 'preview' && !before && this.#previews() >= mostPreviews) return; // the next one comes
    this.#waiting.set(kind, before ? merge(before, event) : event);
  }

  #previews(): number {
    let count = 0;
    for (const { type } of this.#waiting.values()) if (type === 'preview') count++;
    return count;
  }

  /** For another project: what waits of the old one is no longer true. */
  forgetProject(): void {
    for (const [kind, { type }] of this.#waiting) if (ofProject.has(type)) this.#waiting.delete(kind);
  }

  /** The oldest, which waits no longer; null where nothing waits. */
  take(): StudioEvent | null {
    const first = this.#waiting.entries().next();
    if (first.done) return null;
    this.#waiting.delete(first.value[0]);
    return first.value[1];
  }
}

function kindOf(event: StudioEvent): string {
  if (event.type === 'export') return `export ${event.export.id}`;
  return event.type === 'preview' ? `preview ${event.chunkKey}` : event.type;
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
