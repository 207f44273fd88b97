import { framePolicyNames } from '../src/shared/memories/frame-memory.ts';
import { BenchStory } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { median, medianInterval, printTable } from './figures.ts';

/** One cheap step makes chunks that fill the memory as well as any. */
const warmUpSteps = [1000];

/** What each policy costs for a whole chunk against `window`: an engine each, one chunk each in turn. Of one alone, twice as many. */
export async function policies(context: BenchContext): Promise<void> {
  const { only } = context;
  const measured = context.quick ? 4 : only ? 64 : 32;
  const engines = [];
  try {
    for (const policy of framePolicyNames.filter((name) => !only || name === 'window' || name === only)) {
      const engine = await startEngine(context);
      engines.push({
        policy,
        engine,
        story: new BenchStory(engine, { memory: { policy } }),
        times: [] as number[],
        cpu: [] as number[],
      });
    }
    const { capacity } = (engines[0] as (typeof engines)[number]).engine.info.memory;
    for (const [from, what] of [
      [context.quick ? 4 : 24, ''],
      [context.quick ? 8 : capacity + 8, ` and ${capacity} prototypes`],
    ] as const) {
      for (const side of engines) {
        side.times = [];
        side.cpu = [];
        while (side.story.line.length < from - 4) await side.story.render(warmUpSteps);
        while (side.story.line.length < from) await side.story.render();
      }
      for (let i = 0; i < measured; i++) {
        // Another one first each round, forwards and backwards in turn, so that no policy always follows the same one.
        const turn = [...engines.slice((i >> 1) % engines.length), ...engines.slice(0, (i >> 1) % engines.length)];
        for (const side of i % 2 ? turn.reverse() : turn) {
          const before = (await side.engine.usage()).processorMs;
          side.times.push((await side.story.render()).times.total);
          side.cpu.push((await side.engine.usage()).processorMs - before);
        }
      }
      const [window] = engines as [(typeof engines)[number]];
      console.log(`From chunk ${from} on${what}, ${measured} chunks each, a new prompt every 8:\n`);
      printTable(
        ['policy', 'median ms', 'against window', '95 % interval', 'CPU ms', 'against window', '95 % interval'],
        engines.map(({ policy, times, cpu }) => [policy, ...against(times, window.times), ...against(cpu, window.cpu)]),
      );
      console.log('');
    }
    console.log(
      'Against window: the median ratio of chunks made in the same round, and its 95 % interval. CPU ms: processor time of',
    );
    console.log('the engine process, which other work on the machine disturbs less. Target: nam+sma within +8 %.');
  } finally {
    for (const { engine } of engines) await engine.dispose();
  }
}

/** Median, and how it compares, chunk by chunk of the same round. */
function against(values: readonly number[], base: readonly number[]): [number, string, string] {
  const percent = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${(100 * (ratio - 1)).toFixed(1)} %`;
  const ratios = values.map((value, i) => value / (base[i] ?? Number.NaN));
  const { low, high } = medianInterval(ratios);
  const interval = values === base ? '-' : `${percent(low)} to ${percent(high)}`;
  return [median(values), percent(median(ratios)), interval];
}
