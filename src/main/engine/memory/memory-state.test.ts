import { expect, it } from 'vitest';
import { emptyMemory, frameStateSchema } from './memory-state.ts';

it('reads a state that was stored before states had a version', () => {
  const { version: _, ...old } = emptyMemory(2);
  expect(frameStateSchema.parse(JSON.parse(JSON.stringify(old)))).toEqual(emptyMemory(2));
});

it('does not read a state of a version to come', () => {
  expect(frameStateSchema.safeParse({ ...emptyMemory(2), version: 2 }).success).toBe(false);
});
