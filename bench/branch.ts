import { join } from 'node:path';
import { BenchStory } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { median, printTable } from './figures.ts';

const kilobyte = 1024;

/** Coming back to a chunk far into a story: restore its state, replay the chunks before it, or make them again. */
export async function branch(context: BenchContext): Promise<void> {
  const at = context.quick ? 6 : 50;
  const repeats = context.quick ? 1 : 3;
  const cacheFile = join(context.folder, 'states.kv');
  const first = await startEngine(context, { cacheFile });
  const story = new BenchStory(first);
  const startedAt = performance.now();
  for (let i = 0; i < at; i++) await story.render();
  const regenerateMs = performance.now() - startedAt;
  const grown = (await first.usage()).cache;
  await first.dispose();

  const chunk = { ...story.next(), ancestors: story.line.slice() };
  const latentsOf = (key: string): Float32Array | null => story.latents.get(key) ?? null;
  const spent: Record<'restore' | 'replay', number[]> = { restore: [], replay: [] };
  const sums = new Set<string>();
  let single = { bytes: 0, pages: 0 };
  for (let i = 0; i < repeats; i++) {
    for (const mode of ['restore', 'replay'] as const) {
      const alone = join(context.folder, `state-${i}.kv`);
      const engine = await startEngine(context, { latentsOf, cacheFile: mode === 'restore' ? cacheFile : alone });
      spent[mode].push((await engine.moveTo(story.line, mode)).elapsedMs);
      if (mode === 'replay') {
        await engine.snapshot();
        single = (await engine.usage()).cache ?? single;
      }
      sums.add(Buffer.from((await engine.renderChunk(chunk)).latents.buffer).toString('base64'));
      await engine.dispose();
    }
  }
  const restoreMs = median(spent.restore);
  const replayMs = median(spent.replay);
  printTable(
    [`memory after chunk ${at}`, 'ms', 'against restoring'],
    [
      ['restore the stored state', restoreMs, '1.0x'],
      ['replay known latents', replayMs, `${(replayMs / restoreMs).toFixed(1)}x`],
      ['make the chunks again', regenerateMs, `${(regenerateMs / restoreMs).toFixed(1)}x`],
    ],
  );
  const megabytes = (bytes: number): string => (bytes / kilobyte / kilobyte).toFixed(2);
  console.log(`\nThe chunk made next is ${sums.size === 1 ? 'bit-equal' : 'NOT EQUAL'} after restoring and replaying.`);
  if (!grown) return;
  const perPage = single.bytes / single.pages;
  console.log(
    `One state by itself: ${megabytes(single.bytes)} MB in ${single.pages} pages of ${(perPage / kilobyte).toFixed(0)} KB.`,
  );
  console.log(
    `All ${grown.states} states of the story: ${megabytes(grown.bytes)} MB in ${grown.pages} pages, ${megabytes(grown.bytes / grown.states)} MB a state: pages are shared.`,
  );
}
