import { expect, test } from 'vitest';
import type { ChunkSummary, StudioEvent } from '../../shared/api/types.ts';
import { EventHub } from './event-hub.ts';

const chunk = (key: string): ChunkSummary => ({ key, frameCount: 12, device: 'cpu', madeWith: null, createdAt: '' });
const added = (...keys: string[]): StudioEvent => ({ type: 'chunks', added: keys.map(chunk), removed: [] });
const preview = (step: number): StudioEvent => ({ type: 'preview', chunkKey: 'k', step, image: '' });

async function take(events: AsyncGenerator<StudioEvent, void, void>, count: number): Promise<StudioEvent[]> {
  const taken: StudioEvent[] = [];
  for (let i = 0; i < count; i++) taken.push((await events.next()).value as StudioEvent);
  return taken;
}

test('begins with the full picture, then says every change', async () => {
  const hub = new EventHub(() => [added('a')]);
  const events = hub.subscribe();
  expect(await take(events, 1)).toEqual([added('a')]);
  const next = events.next();
  hub.publish(preview(1));
  expect((await next).value).toEqual(preview(1));
});

test('a window that falls behind gets the newest of each kind, and all chunks', async () => {
  const hub = new EventHub(() => []);
  const events = hub.subscribe();
  const first = events.next();
  hub.publish(preview(0));
  await first;
  for (let i = 0; i < 1000; i++) hub.publish(preview(i), added(`chunk ${i}`));
  hub.publish({ type: 'chunks', added: [], removed: ['chunk 5'] });
  hub.notice('warning', 'one');
  hub.notice('warning', 'two');
  const [late, chunks, one, two] = await take(events, 4);
  expect(late).toEqual(preview(999));
  expect(chunks).toMatchObject({ removed: ['chunk 5'] });
  expect(chunks?.type === 'chunks' && chunks.added.length).toBe(999);
  expect([one, two].map((event) => event?.type === 'notice' && event.message)).toEqual(['one', 'two']);
});

test('another project: nothing of the old one comes after it', async () => {
  const hub = new EventHub(() => []);
  const events = hub.subscribe();
  const first = events.next();
  hub.publish(added('old 0'));
  await first;
  hub.publish(added('old 1'), preview(1));
  hub.replaceProject({ type: 'project', project: null }, added('new'));
  expect(await take(events, 2)).toEqual([{ type: 'project', project: null }, added('new')]);
});

test('what was said before anyone listened is said to the first', async () => {
  const hub = new EventHub(() => []);
  hub.notice('info', 'early');
  expect(await take(hub.subscribe(), 1)).toEqual([{ type: 'notice', level: 'info', message: 'early', hint: '' }]);
});

test('ends when the window goes, and when the hub is closed', async () => {
  const hub = new EventHub(() => []);
  const gone = new AbortController();
  const events = hub.subscribe(gone.signal);
  const waiting = events.next();
  gone.abort();
  expect((await waiting).done).toBe(true);
  const others = hub.subscribe().next();
  await Promise.resolve();
  hub.close();
  expect((await others).done).toBe(true);
});
