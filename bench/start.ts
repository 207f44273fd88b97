import { BenchStory } from './bench-story.ts';
import { type BenchContext, startEngine } from './context.ts';
import { median, printTable } from './figures.ts';

/** From the start of the engine process to a loaded model to the first frames. */
export async function start(context: BenchContext): Promise<void> {
  const repeats = context.quick ? 2 : 7;
  const loaded: number[] = [];
  const firstFrames: number[] = [];
  const secondChunk: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const startedAt = performance.now();
    const engine = await startEngine(context);
    loaded.push(performance.now() - startedAt);
    const story = new BenchStory(engine);
    await story.render();
    firstFrames.push(performance.now() - startedAt);
    secondChunk.push((await story.render()).times.total);
    await engine.dispose();
  }
  const row = (what: string, values: readonly number[]): (string | number)[] => [
    what,
    median(values),
    Math.min(...values),
    Math.max(...values),
  ];
  printTable(
    ['ms', 'median', 'least', 'most'],
    [
      row('engine started, model loaded', loaded),
      row('first 9 frames there', firstFrames),
      row('the next chunk alone', secondChunk),
    ],
  );
}
