import { framesWithinReach } from '../src/shared/lab/comparison.ts';
import { framePolicyNames } from '../src/shared/memories/frame-memory.ts';
import { BenchStory } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { median, printTable } from './figures.ts';

/** Chunks that a story has when it is measured: to the end with `--long` alone. */
const lengths = [8, 16, 32, 64, 128, 256, 512];
const lengthsAsked = { quick: 3, usual: 4, long: lengths.length };
/** Chunks measured at each length; the median is told. */
const measured = 5;
/** Of the chunks on the way: their steps change nothing that is measured. */
const quickSteps = [1000];

/** What a chunk costs and what a memory holds, as the story grows: a memory of fixed size must cost the same at any length. */
export async function storyLength(context: BenchContext): Promise<void> {
  const asked = lengths.slice(0, lengthsAsked[context.quick ? 'quick' : context.long ? 'long' : 'usual']);
  const times: string[][] = [];
  const sizes: string[][] = [];
  for (const policy of framePolicyNames.filter((name) => name.startsWith(context.only ?? ''))) {
    const engine = await startEngine(context);
    const ms: number[] = [];
    const bytes: number[] = [];
    try {
      const story = new BenchStory(engine, { memory: { policy } });
      for (const length of asked) {
        while (story.line.length < length) await story.render(quickSteps);
        const totals: number[] = [];
        let frames = 0;
        while (totals.length < measured) {
          const { result, times } = await story.render();
          totals.push(times.total);
          frames = framesWithinReach(result.record).length;
        }
        ms.push(median(totals));
        bytes.push(frames * engine.info.frameBytes);
      }
    } finally {
      await engine.dispose();
    }
    const [first = Number.NaN] = ms;
    times.push([policy, ...ms.map((value) => `${value.toFixed(0)} (${(value / first).toFixed(2)})`)]);
    sizes.push([policy, ...bytes.map((value) => (value / 1e6).toFixed(1))]);
    console.error([...(times.at(-1) ?? []), ...(sizes.at(-1) ?? [])].join('  '));
  }
  const columns = asked.map((length) => `${length} chunks`);
  console.log('Median of a chunk, ms (against the shortest story):\n');
  printTable(['memory', ...columns], times);
  console.log('\nK/V of the frames that a chunk can look back on, MB:\n');
  printTable(['memory', ...columns], sizes);
}
