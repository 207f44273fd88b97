import { expect, it } from 'vitest';
import type { ChunkRecipe } from '../../../shared/render.ts';
import type { Ancestor } from '../protocol.ts';
import { LatentTail } from './latent-tail.ts';

const frameSize = 2;
const chunkFrames = 3;
/** Latents whose values are frame indices. */
const latentsOf = (chunk: number): Float32Array =>
  Float32Array.from({ length: chunkFrames * frameSize }, (_, i) => chunk * chunkFrames + Math.floor(i / frameSize));
const ancestor = (chunkIndex: number): Ancestor => ({
  key: `chunk ${chunkIndex}`,
  recipe: { chunkIndex } as ChunkRecipe,
});
const line = (length: number): Ancestor[] => Array.from({ length }, (_, i) => ancestor(i));

/** A tail, its owner, and what the owner was asked for. */
function tailOf(own: (key: string) => Float32Array | null = (key) => latentsOf(Number(key.slice(6)))) {
  const asked: string[] = [];
  const source = {
    latentsOf: async (key: string) => {
      asked.push(key);
      return own(key);
    },
  };
  return { tail: new LatentTail(frameSize, chunkFrames, source), asked };
}

it('gives frames across chunks, as a copy', async () => {
  const { tail } = tailOf();
  await tail.follow(line(3));
  const frames = await tail.frames(2, 4);
  expect([...frames]).toEqual([2, 2, 3, 3, 4, 4, 5, 5]);
  frames.fill(-1);
  expect([...(await tail.frames(2, 1))]).toEqual([2, 2]);
});

it('follows another line and asks only for what it has not', async () => {
  const { tail, asked } = tailOf();
  await tail.follow(line(2));
  asked.length = 0;
  await tail.follow([...line(2), { ...ancestor(2), key: 'chunk 7' }]);
  expect(asked).toEqual(['chunk 7']);
  expect([...(await tail.frames(6, 1))]).toEqual([21, 21]); // whatever its values, it is where the line says
});

it('keeps the last eight chunks, and asks again for what lies further back', async () => {
  const { tail, asked } = tailOf();
  await tail.follow(line(20));
  expect(asked).toEqual(
    line(20)
      .slice(12)
      .map(({ key }) => key),
  );
  asked.length = 0;
  expect([...(await tail.frames(36, 1))]).toEqual([36, 36]);
  expect(asked).toEqual([]);
  tail.append(ancestor(20), latentsOf(20));
  const far = await tail.frames(30, 33); // eleven chunks
  expect([far[0], far.at(-1)]).toEqual([30, 62]);
  expect(asked).toEqual(['chunk 10', 'chunk 11', 'chunk 12']);
  await expect(tail.frames(63, 1)).rejects.toThrow(/Latent frame 63 is not before this chunk/);
});

it('a chunk made again replaces what came after', async () => {
  const { tail } = tailOf();
  await tail.follow(line(4));
  tail.append({ ...ancestor(1), key: 'other' }, new Float32Array(6).fill(99));
  expect([...(await tail.frames(2, 2))]).toEqual([2, 2, 99, 99]);
  await expect(tail.frames(6, 1)).rejects.toThrow(/not before this chunk/);
});

it.each([
  [null, /The latents of chunk 0 are missing/],
  [new Float32Array(5), /The latents of chunk 0 have 5 values, and this model needs 6/],
])('refuses latents that are not whole', async (latents, says) => {
  const { tail } = tailOf(() => latents);
  await expect(tail.follow(line(1))).rejects.toThrow(says);
  await expect(tail.fetch(ancestor(0))).rejects.toMatchObject({ code: 'state-missing' });
});
