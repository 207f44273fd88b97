import { expect, it } from 'vitest';
import { KeyPause } from './key-pause.ts';

it('hears nothing of what is typed on, until there is a pause', () => {
  const pause = new KeyPause();
  expect(pause.swallows(0)).toBe(false);
  pause.begin(1000, true);
  expect([1100, 1600, 2200, 2800].map((at) => pause.swallows(at))).toEqual([true, true, true, true]);
  expect(pause.isOn(2900)).toBe(true);
  expect(pause.swallows(3600)).toBe(false);
  expect(pause.swallows(3601)).toBe(false);
});

it('someone who was not typing is heard at once; who pressed keys a moment ago is not', () => {
  const pause = new KeyPause();
  pause.swallows(0);
  pause.begin(5000, false);
  expect(pause.swallows(5001)).toBe(false);
  pause.begin(5100, false);
  expect(pause.swallows(5200)).toBe(true);
});

it('a click ends it', () => {
  const pause = new KeyPause();
  pause.begin(1000, true);
  pause.end();
  expect(pause.swallows(1001)).toBe(false);
});
