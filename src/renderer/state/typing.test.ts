import { expect, it } from 'vitest';
import { endTyping, Typing } from './typing.ts';

it('typing on is one step; a pause, a generation and entering the field again begin another', () => {
  const typing = new Typing('prompt');
  const first = typing.step('', 0);
  expect([typing.step('', 800), typing.step('', 1900)]).toEqual([first, first]);
  const afterPause = typing.step('', 3200);
  expect(afterPause).not.toBe(first);
  endTyping();
  const afterGeneration = typing.step('', 3300);
  expect(afterGeneration).not.toBe(afterPause);
  typing.begin();
  const entered = typing.step('', 3400);
  expect(entered).not.toBe(afterGeneration);
  expect(typing.step('', 3500)).toBe(entered);
});

it('a generation ends the steps of every field, also of one that is entered later', () => {
  const [name, prompt] = [new Typing('name'), new Typing('prompt')];
  const steps = [name.step('', 0), prompt.step('', 0)];
  endTyping();
  expect([name.step('', 10), prompt.step('', 10)].some((step) => steps.includes(step))).toBe(false);
});

it('another field begins another step, though it is typed into at once', () => {
  const typing = new Typing('shot');
  const length = typing.step('length', 0);
  const seed = typing.step('seed', 10);
  expect(seed).not.toBe(length);
  expect(typing.step('seed', 20)).toBe(seed);
});
