import { policyNames } from '../src/shared/memory-settings.ts';
import { BenchStory } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { mean, median, printTable } from './figures.ts';

/** One cheap step makes chunks that fill the memory as well as any. */
const warmUpSteps = [1000];

/** What each policy costs for a whole chunk against `window`: an engine each, one chunk each in turn. */
export async function policies(context: BenchContext): Promise<void> {
  const measured = context.quick ? 4 : 16;
  const engines = [];
  try {
    for (const policy of policyNames) {
      const engine = await startEngine(context);
      engines.push({ policy, engine, story: new BenchStory(engine, { memory: { policy } }), times: [] as number[] });
    }
    const { capacity } = (engines[0] as (typeof engines)[number]).engine.info.memory;
    for (const [from, what] of [
      [context.quick ? 4 : 24, ''],
      [context.quick ? 8 : capacity + 8, ` and ${capacity} prototypes`],
    ] as const) {
      for (const side of engines) {
        side.times = [];
        while (side.story.line.length < from - 4) await side.story.render(warmUpSteps);
        while (side.story.line.length < from) await side.story.render();
      }
      for (let i = 0; i < measured; i++) {
        // Forwards and backwards in turn, so that no policy always follows the same one.
        for (const side of i % 2 ? engines.toReversed() : engines)
          side.times.push((await side.story.render()).times.total);
      }
      const [window] = engines.map(({ times }) => times);
      const percent = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${(100 * (ratio - 1)).toFixed(1)} %`;
      console.log(`From chunk ${from} on${what}, ${measured} chunks each, a new prompt every 8:\n`);
      printTable(
        ['policy', 'median ms', 'mean ms', 'against window'],
        engines.map(({ policy, times }) => [
          policy,
          median(times),
          mean(times),
          percent(median(times.map((ms, i) => ms / (window?.[i] ?? Number.NaN)))),
        ]),
      );
      console.log('');
    }
    console.log('Against window: the median ratio of chunks made in the same round. Target: nam+sma within +10 %.');
  } finally {
    for (const { engine } of engines) await engine.dispose();
  }
}
