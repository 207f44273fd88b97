import { ORPCError } from '@orpc/client';
import { toast } from 'sonner';
import { expect, it, vi } from 'vitest';
import type { ShownError } from '../../shared/errors.ts';
import { aboutModel, attempt, notify, settle } from './toasts.ts';

vi.stubGlobal('requestAnimationFrame', (draw: () => void) => draw());

/** Messages that nobody has taken away. */
const shown = (): unknown[] => toast.getToasts().map(({ id }) => id);
const refuse = (code: string, message: string): Promise<void> => {
  const data: ShownError = { code: code as ShownError['code'], message, hint: '' };
  return attempt(Promise.reject(new ORPCError('BAD_REQUEST', { data })));
};

it('what is wrong with the model is over once one is loaded, and nothing else is', async () => {
  await refuse('model-missing', 'There is no model.');
  await refuse('bad-input', 'This is not a story.');
  expect(shown()).toEqual(expect.arrayContaining(['There is no model.', 'This is not a story.']));
  settle(aboutModel);
  expect(shown()).toContain('This is not a story.');
  expect(shown()).not.toContain('There is no model.');
});

it('a message of several matters goes with the first of them that is over', () => {
  notify({ level: 'error', message: 'Both are wrong.', about: ['one', 'other'] });
  settle('one');
  expect(shown()).not.toContain('Both are wrong.');
});
