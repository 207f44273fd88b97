import { reach } from '../src/main/studio/lab/measure-cut.ts';
import { choicesOf } from '../src/shared/memories/index.ts';
import { BenchStory } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { median, printTable } from './figures.ts';

/** Chunks that a story has when it is measured. */
const lengths = [8, 64, 128, 256, 512];
const lengthsAsked = { quick: 2, usual: lengths.length };
/** Chunks measured at each length; the median is told. */
const measured = 5;

/**
 * What a chunk costs and what a memory holds, as the story grows: a memory of fixed size must cost the same at any length. The way
 * from length to length is a replay of the first chunks, over and over.
 */
export async function storyLength(context: BenchContext): Promise<void> {
  const asked = lengths.slice(0, lengthsAsked[context.quick ? 'quick' : 'usual']);
  const times: string[][] = [];
  const sizes: string[][] = [];
  for (const { id, policy } of await memoriesMeasured(context)) {
    let story: BenchStory | null = null;
    const engine = await startEngine(context, { latentsOf: (key) => story?.latents.get(key) ?? null });
    const ms: number[] = [];
    const bytes: number[] = [];
    try {
      story = new BenchStory(engine, { memory: { policy } });
      const [first = 0] = asked;
      while (story.line.length < first) await story.render();
      for (const length of asked) {
        await story.growTo(length);
        const totals: number[] = [];
        let held = 0;
        while (totals.length < measured) {
          const { result, times } = await story.render();
          totals.push(times.total);
          held = reach([result.record], engine.info).stateBytes;
        }
        ms.push(median(totals));
        bytes.push(held);
      }
    } finally {
      await engine.dispose();
    }
    const [shortest = Number.NaN] = ms;
    times.push([id, ...ms.map((value) => `${value.toFixed(0)} (${(value / shortest).toFixed(2)})`)]);
    sizes.push([id, ...bytes.map((value) => (value / 1e6).toFixed(2))]);
    console.error([...(times.at(-1) ?? []), ...(sizes.at(-1) ?? [])].join('  '));
  }
  const columns = asked.map((length) => `${length} chunks`);
  console.log('Median of a chunk, ms (against the shortest story):\n');
  printTable(['memory', ...columns], times);
  console.log('\nState, MB: K/V of the frames that a chunk can look back on, and whatever else is kept:\n');
  printTable(['memory', ...columns], sizes);
}

/** Those that the model offers, its adapters' too. */
async function memoriesMeasured(context: BenchContext) {
  const engine = await startEngine(context);
  try {
    return choicesOf(engine.info).filter(({ id }) => context.only === undefined || id === context.only);
  } finally {
    await engine.dispose();
  }
}
