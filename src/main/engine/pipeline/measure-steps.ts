import type { FrameRef } from '../memory/memory-state.ts';
import { gaussianNoise } from '../model/noise.ts';
import { schedule } from '../model/schedule.ts';
import type { StepMeasurement } from '../protocol.ts';
import { AttentionContext, ownTimes } from './attention-context.ts';
import { latentFrameSize } from './chunk-generator.ts';
import type { ModelSession } from './model-session.ts';
import { conditionOn, disposePrompt } from './prompt.ts';

/** Any numbers will do, as long as every device gets the same. */
const seed = 20_000_003;
const pass = 'measured';
/** Steps timed at most, and how long they may take together, in milliseconds. */
const mostSteps = 3;
const budgetMs = 20_000;

/**
 * Runs a few denoising steps of the second chunk of a made-up story: the first chunk is committed noise, and so is the
 * prompt. One step before them prepares the device and is not timed.
 * @param count of timed steps; null: as many as there is time for
 */
export async function measureSteps(session: ModelSession, count: number | null): Promise<StepMeasurement> {
  const { graphs, passes, pages } = session;
  const { sampler, dit, text, memory } = graphs.config;
  const length = sampler.chunkFrames * latentFrameSize(graphs);
  const noise = (chunk: number, step: number): Float32Array => gaussianNoise(seed, chunk, step, length);
  const words = gaussianNoise(seed, 2, 0, text.textLength * text.dim);
  const prompt = await conditionOn(graphs, words, { length: text.textLength, words: [] });
  const nothing = { sink: [], bank: Array.from({ length: dit.layers }, () => []), activation: null };
  const attended = Math.min(sampler.chunkFrames, memory.windowFrames);
  const window = Array.from(
    { length: attended },
    (_, i): FrameRef => ({ frame: sampler.chunkFrames - attended + i, pass }),
  );
  try {
    const before = await AttentionContext.assemble(graphs, pages, { ...nothing, window: [] }, 0);
    const committed = await passes
      .commit({
        latents: noise(0, 0),
        times: ownTimes(graphs, 0, sampler.chunkFrames, 0, before),
        timestep: 0,
        prompt,
        context: before,
      })
      .finally(() => before.dispose());
    for (const [frame, layers] of committed.entries()) pages.put({ frame, pass }, layers);

    const context = await AttentionContext.assemble(graphs, pages, { ...nothing, window }, sampler.chunkFrames);
    try {
      const times = ownTimes(graphs, sampler.chunkFrames, sampler.chunkFrames, sampler.chunkFrames, context);
      const { steps, shift } = sampler;
      const timesteps = schedule(steps, shift).map(({ timestep }) => timestep);
      const predictions: Float32Array[] = [];
      const step = async (i: number): Promise<number> => {
        const startedAt = performance.now();
        const timestep = timesteps[i % timesteps.length] as number;
        const { velocity } = await passes.velocity({ latents: noise(1, i), times, timestep, prompt, context });
        predictions.push(velocity);
        return performance.now() - startedAt;
      };
      const first = await step(0);
      const wanted = count ?? Math.max(1, Math.min(mostSteps, Math.floor(budgetMs / first)));
      const stepMs: number[] = [];
      for (let i = 1; i <= wanted; i++) stepMs.push(await step(i));
      return { stepMs, predictions: joined(predictions) };
    } finally {
      context.dispose();
    }
  } finally {
    pages.keepOnly([]);
    disposePrompt(prompt);
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
