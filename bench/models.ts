import type { EngineClient } from '../src/main/engine/client.ts';
import { BenchStory, type ChunkTimes } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { median, medianInterval, printTable } from './figures.ts';

/** Two models, a chunk each in turn: what another set of weights or another decoder costs. */
export async function models(context: BenchContext): Promise<void> {
  if (!context.against) {
    console.log('Name the model to compare with: --against <folder>.');
    return;
  }
  const [warmUp, rounds] = context.quick ? [1, 3] : [4, 40];
  const engines: EngineClient[] = [];
  try {
    for (const model of [context.against, context.model]) engines.push(await startEngine({ ...context, model }));
    const stories = engines.map((engine) => new BenchStory(engine));
    const times: ChunkTimes[][] = stories.map(() => []);
    for (let round = 0; round < warmUp + rounds; round++) {
      for (const [i, story] of stories.entries()) {
        const chunk = (await story.render()).times;
        if (round >= warmUp) times[i]?.push(chunk);
      }
    }
    const [theirs = [], ours = []] = times;
    const row = (label: string, pick: (chunk: ChunkTimes) => number): string[] => {
      const ratios = ours.map((chunk, i) => pick(chunk) / pick(theirs[i] as ChunkTimes));
      const { low, high } = medianInterval(ratios);
      const medians = [median(theirs.map(pick)), median(ours.map(pick))].map((ms) => ms.toFixed(1));
      return [label, ...medians, `${median(ratios).toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`];
    };
    printTable(
      ['median', context.against, context.modelName, 'ratio (95 %)'],
      [row('chunk, ms', ({ total }) => total), row('- decode, ms', ({ decode }) => decode)],
    );
  } finally {
    for (const engine of engines) await engine.dispose();
  }
}
