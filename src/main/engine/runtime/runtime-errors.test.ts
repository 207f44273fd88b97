import { expect, it } from 'vitest';
import { CancelledError } from '../../../shared/errors.ts';
import { asThroughlineError } from './runtime-errors.ts';

it.each([
  ['std::bad_alloc', 'out-of-memory'],
  ['Failed to allocate memory for requested buffer of size 1073741824', 'out-of-memory'],
  ['WebGPU: Out of memory', 'out-of-memory'],
  ['WebGPU device lost (2): Device was destroyed.', 'device-lost'],
  ['DXGI_ERROR_DEVICE_REMOVED', 'device-lost'],
  ['External data type offset 8 out of bounds', 'model-truncated'],
  ['Non-zero status code returned while running MatMul node', 'internal'],
])('"%s" is %s', (text, code) => {
  const cause = new Error(text);
  const error = asThroughlineError(cause, 'The graph text failed');
  expect(error).toMatchObject({ code, cause });
  expect(error.message).toMatch(/^The graph text failed/);
  expect(error.hint).not.toBe('');
});

it('keeps what is already an error for people', () => {
  const error = new CancelledError('This chunk');
  expect(asThroughlineError(error, 'anything')).toBe(error);
});

it('takes what is not an Error', () => {
  expect(asThroughlineError('boom', 'It failed').message).toContain('boom');
});
