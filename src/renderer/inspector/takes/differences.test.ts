import { expect, it } from 'vitest';
import { fakeInfo } from '../../../../tests/fakes/fake-engine.ts';
import type { ChunkRecipe } from '../../../shared/render.ts';
import { differences } from './differences.ts';
import { frameAt } from './frame-at.ts';

const recipe: ChunkRecipe = {
  ...{ chunkIndex: 2, prompt: 'a cat', seed: 1, transition: 'continue', sampler: fakeInfo.sampler },
  memory: { ...fakeInfo.memory, policy: 'nam', pins: [{ frame: 1, name: 'hero' }], bans: [4] },
};
const of = (own: Partial<ChunkRecipe>, parentKey = 'a') => ({ recipe: { ...recipe, ...own }, parentKey });

it('two takes say all in which they differ, though seed and prompt are the same', () => {
  const other = of({
    transition: 'cut',
    memory: { ...recipe.memory, policy: 'window', bankFrames: 7, pins: [], bans: [4, 5, 6] },
  });
  expect(differences(other, of({}))).toEqual([
    ...['begins with a cut', 'Window', 'bank 7', '1 frame no longer always remembered', '2 frames banned'],
  ]);
  expect(differences(of({}), other)).toEqual([
    ...['continues', 'NAM', `bank ${recipe.memory.bankFrames}`, '1 frame always remembered'],
    '2 frames no longer banned',
  ]);
});

it('seed, prompt and what came before count, and alike is alike', () => {
  expect(differences(of({ seed: 9, prompt: 'a dog' }, 'b'), of({}))).toEqual([
    ...['seed 9', 'another prompt', 'another story before it'],
  ]);
  expect(differences(of({}), of({}))).toEqual([]);
});

it('a take runs over and over, through all its chunks', () => {
  const parts = [
    { key: 'a', frames: 9 },
    { key: 'b', frames: 12 },
  ];
  const at = (frame: number) => {
    const { part, at: own } = frameAt(parts, frame);
    return `${part.key}${own}`;
  };
  expect([0, 8, 9, 20, 21, 30].map(at)).toEqual(['a0', 'a8', 'b0', 'b11', 'a0', 'b0']);
});
