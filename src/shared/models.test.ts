import { expect, it } from 'vitest';
import { bytesToGet, type PublishedOffer } from './models.ts';

const offer: PublishedOffer = {
  ...{ recipe: 'memflow', name: 'MemFlow', repository: 'me/memflow', licence: null, note: '', canGet: true },
  aboutBytes: 117,
  partBytes: { generator: 5, lora: 1, text: 100, tokenizer: 1, decoder: 10 },
};

it('what is fetched is what is missing; the LoRA of a model comes with its generator unless one is there', () => {
  expect(bytesToGet(offer, ['text', 'decoder'], false)).toBe(110);
  expect(bytesToGet(offer, ['generator'], false)).toBe(5 + 1);
  expect(bytesToGet(offer, ['generator'], true)).toBe(5);
  expect(bytesToGet({ ...offer, partBytes: {} }, ['generator'], false)).toBe(0);
});
