import { expect, test } from 'vitest';
import { exactTypes, numericsClass, typePlan } from './type-plan.ts';

test('halves only where they were asked for and the device has them; they are another class of numbers', () => {
  expect(typePlan('webgpu', 'fp16', true)).toEqual({ dit: 'float16', taehv: 'float16' });
  expect(numericsClass(typePlan('webgpu', 'fp16', true))).toBe(1000);
  for (const exact of [
    typePlan('webgpu', 'fp16', false),
    typePlan('webgpu', 'fp32', true),
    typePlan('cpu', 'fp16', true),
  ]) {
    expect(exact).toBe(exactTypes);
    expect(numericsClass(exact)).toBe(0);
  }
});
