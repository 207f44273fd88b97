import { expect, test } from 'vitest';
import { importScript } from './import-script.ts';

const text = { name: 'fox.txt', text: 'A red fox sits in the meadow.\n\nIt waves.' };
const json = (own: object = {}, ...shots: object[]) => ({
  name: 'fox.json',
  text: JSON.stringify({
    format: 'throughline-story',
    version: 1,
    shots: [{ prompt: 'It waves.', chunks: 1 }, ...shots],
    ...own,
  }),
});
const told = ({ stories }: ReturnType<typeof importScript>) => stories.flat().map((shot) => shot.told);

test('a text becomes a project whose prompts are completed, a story file one that tells them as it says', () => {
  expect(importScript(text, null).prompts).toBe('completed');
  expect(importScript({ ...text, name: 'fox.fountain' }, null).prompts).toBe('completed');
  expect(importScript(json(), null).prompts).toBe('as-written');
  expect(importScript(json({ prompts: 'completed' }), null).prompts).toBe('completed');
  expect(told(importScript(text, null))).toEqual([undefined, undefined]);
  const mixed = json({ prompts: 'completed' }, { prompt: 'It jumps.', chunks: 1, told: 'as-written' });
  expect(told(importScript(mixed, null))).toEqual([undefined, 'as-written']);
});

test('what comes into a project follows it, and a story told as written stays so', () => {
  expect(told(importScript(text, null, [], 'completed'))).toEqual([undefined, undefined]);
  expect(told(importScript(json(), null, [], 'completed'))).toEqual(['as-written']);
  expect(told(importScript(json({ prompts: 'completed' }), null, [], 'completed'))).toEqual([undefined]);
  expect(importScript(text, null, [], 'as-written')).toMatchObject({ prompts: 'as-written' });
  expect(told(importScript(json(), null, [], 'as-written'))).toEqual([undefined]);
});
