import { expect, test } from 'vitest';
import { agreement, chooseDevice, figuresOf, relativeDifference } from './choose-device.ts';

const right = { stepMs: [30, 10, 20], predictions: Float32Array.of(1, -2, 2) };

test('the fastest that agrees is taken; figures are medians', () => {
  const cpu = figuresOf('cpu', 'P', right, null);
  expect(cpu).toEqual({ device: 'cpu', label: 'P', problem: '', stepMs: 20, difference: null });
  const near = { stepMs: [5], predictions: Float32Array.of(1, -2, 2.0003) };
  const card = figuresOf('webgpu', 'C', near, right);
  expect(card.difference).toBeCloseTo(0.0001, 6);
  expect(chooseDevice([cpu, card])).toBe('webgpu');
  expect(chooseDevice([cpu, { ...card, stepMs: 21 }])).toBe('cpu');
});

test.each([
  ['wrong numbers', Float32Array.of(1, -2, 2.1)],
  ['no numbers', Float32Array.of(1, -2, Number.NaN)],
  ['other steps', Float32Array.of(1, -2)],
])('a device that gives %s is not taken, however fast, and it is said why', (_, predictions) => {
  const card = figuresOf('webgpu', 'C', { stepMs: [0.1], predictions }, right);
  expect(card.difference).toBeGreaterThan(agreement.fp32);
  expect(card.problem).toMatch(/^Its results differ from the processor's by /);
  expect(chooseDevice([figuresOf('cpu', 'P', right, null), card])).toBe('cpu');
});

test('nothing measured: the processor', () => {
  expect(chooseDevice([figuresOf('cpu', 'P', null, null), figuresOf('webgpu', 'C', null, null, '')])).toBe('cpu');
  expect(chooseDevice([])).toBe('cpu');
});

test('the difference is a share of what is right', () => {
  expect(relativeDifference(Float32Array.of(3, 4), Float32Array.of(0, 5))).toBeCloseTo(Math.sqrt(10) / 5);
  expect(relativeDifference(Float32Array.of(1), Float32Array.of(0))).toBe(Number.POSITIVE_INFINITY);
  expect(relativeDifference(new Float32Array(2), new Float32Array(2))).toBe(Number.POSITIVE_INFINITY);
});
