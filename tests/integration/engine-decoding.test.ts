import { expect, it } from 'vitest';
import type { DecodeStream } from '../../src/shared/render.ts';
import { linePlan, TestStudio } from './engine-story.ts';

it('a film decoded in pieces goes on where the last piece ended, and gives the same frames', async () => {
  const studio = new TestStudio();
  const engine = await studio.engine();
  const line = linePlan(engine, [{ prompt: 'a red cat walks', chunks: 9 }]);
  const latents = (await studio.render(line)).map((chunk) => chunk.latents);
  const whole: Uint8Array[] = [];
  await engine.decode(latents, (_, frames) => void whole.push(frames));
  const { decoderMemoryFrames, chunkFrames } = engine.info;
  const past = Math.ceil(decoderMemoryFrames / chunkFrames);
  expect(past).toBeGreaterThan(0);

  const piece = async (id: string, at: number, to: number): Promise<{ indices: number[]; wanted: Uint8Array[] }> => {
    const before = Math.min(past, at);
    const stream: DecodeStream = { id, at, before, last: to === latents.length };
    const indices: number[] = [];
    const wanted: Uint8Array[] = [];
    await engine.decode(
      latents.slice(at - before, to),
      (index, frames) => {
        indices.push(index);
        if (index >= before) wanted.push(frames);
      },
      undefined,
      stream,
    );
    return { indices, wanted };
  };
  const idle = (await engine.usage()).liveTensors;
  const [first, second, last] = [await piece('film', 0, 4), await piece('film', 4, 7), await piece('film', 7, 9)];
  expect([first, second, last].flatMap(({ wanted }) => wanted)).toEqual(whole);
  // Nothing was decoded twice.
  expect(second.indices[0]).toBe(Math.min(past, 4));
  expect(last.indices[0]).toBe(Math.min(past, 7));
  expect((await engine.usage()).liveTensors).toBe(idle);

  // Where the stream is another one, or stands elsewhere, the chunks before bring the decoder there.
  await piece('film', 0, 4);
  const other = await piece('other', 4, 7);
  expect(other.indices[0]).toBe(0);
  expect(other.wanted).toEqual(whole.slice(4, 7));
  const again = await piece('other', 4, 7);
  expect(again.indices[0]).toBe(0);
  expect(again.wanted).toEqual(whole.slice(4, 7));
  await piece('film', 7, 9);
  expect((await engine.usage()).liveTensors).toBe(idle);
});
