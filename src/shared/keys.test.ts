import { expect, test } from 'vitest';
import { fakeMemory } from '../../tests/fakes/memory-settings.ts';
import { type ChunkKeyParts, canonicalJson, chunkKey } from './keys.ts';

const parts: ChunkKeyParts = {
  parentKey: null,
  model: {
    digest: 'd',
    numericsVersion: 1,
    video: { width: 160, height: 96, fps: 8 },
    kvStorage: 'fp16',
  },
  recipe: {
    chunkIndex: 0,
    prompt: 'a cat waves',
    seed: 7,
    transition: 'continue',
    sampler: { kind: 'renoise', steps: [1000, 500] },
    memory: { ...fakeMemory, policy: 'nam', pins: [{ frame: 3, name: 'Mia' }], bans: [9, 6] },
  },
};
const recipe = (change: object): ChunkKeyParts => ({ ...parts, recipe: { ...parts.recipe, ...change } });
const memory = (change: object) => recipe({ memory: { ...parts.recipe.memory, ...change } });
const model = (change: object): ChunkKeyParts => ({ ...parts, model: { ...parts.model, ...change } });

test('is pinned: stored chunks would be orphaned if it moved', () => {
  expect(chunkKey(parts)).toBe('a7f4b604752fce7faff5f97e80b95708d4efe92eba2c6f4df9d1477f4a499fe3');
});

test('every part that decides the latents changes it', () => {
  const changed = [
    parts,
    { ...parts, parentKey: 'p' },
    model({ digest: 'e' }),
    model({ numericsVersion: 2 }),
    model({ kvStorage: 'fp32' }),
    model({ video: { width: 192, height: 96, fps: 8 } }),
    model({ video: { width: 160, height: 64, fps: 8 } }),
    recipe({ chunkIndex: 1 }),
    recipe({ prompt: 'a cat waves.' }),
    recipe({ seed: 8 }),
    recipe({ transition: 'cut' }),
    recipe({ sampler: { kind: 'euler', steps: [1000, 500] } }),
    recipe({ sampler: { kind: 'renoise', steps: [1000, 501] } }),
    memory({ mode: 'released' }),
    memory({ policy: 'sink' }),
    memory({ sinkFrames: 2 }),
    memory({ windowFrames: 5 }),
    memory({ bankFrames: 2 }),
    memory({ activatedFrames: 1 }),
    memory({ capacity: 63 }),
    memory({ recordInterval: 2 }),
    memory({ pipeline: 'single' }),
    memory({ pins: [] }),
    memory({ bans: [6] }),
  ];
  expect(new Set(changed.map(chunkKey)).size).toBe(changed.length);
});

test('names of pins, order of bans and the frame rate do not', () => {
  expect(chunkKey(memory({ pins: [{ frame: 3, name: 'the cat' }] }))).toBe(chunkKey(parts));
  expect(chunkKey(memory({ bans: [6, 9, 6] }))).toBe(chunkKey(parts));
  expect(chunkKey(model({ video: { width: 160, height: 96, fps: 24 } }))).toBe(chunkKey(parts));
});

test('canonical JSON', () => {
  expect(canonicalJson({ b: [1, 'ü', null], a: { d: true, c: undefined } })).toBe('{"a":{"d":true},"b":[1,"ü",null]}');
  expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
  expect(() => canonicalJson([undefined])).toThrow(TypeError);
});

test('a recipe without footage has the key that it had before there was any, and footage is in it by what was seen', () => {
  const of = (footage: ChunkKeyParts['recipe']['footage']) =>
    chunkKey({ ...parts, recipe: { ...parts.recipe, ...(footage ? { footage } : {}) } });
  const [clip, other, encoder] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
  expect(of(undefined)).toBe(chunkKey(parts));
  const keys = [of({ asset: clip, encoder }), of({ asset: other, encoder }), of({ asset: clip, encoder: other })];
  expect(new Set([...keys, chunkKey(parts)]).size).toBe(4);
});
