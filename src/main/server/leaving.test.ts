import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { ThroughlineError } from '../../shared/errors.ts';
import { Leaving } from './leaving.ts';

function open(close: (discard: boolean) => Promise<void>) {
  const said: string[] = [];
  const codes: number[] = [];
  const leaving = new Leaving({ close, say: ({ message }) => said.push(message), exit: (code) => codes.push(code) });
  return { leaving, said, codes };
}
const unsaved = () => new ThroughlineError('unsaved', 'The last changes are not saved.', 'Make room.');

test('it closes, and ends well', async () => {
  const { leaving, said, codes } = open(async () => {});
  leaving.ask();
  await delay(0);
  expect([said, codes]).toEqual([[], [0]]);
});

test('changes that cannot be saved keep it open, with a sentence; asked again it ends without them', async () => {
  const { leaving, said, codes } = open(async (discard) => {
    if (!discard) throw unsaved();
  });
  leaving.ask();
  await delay(0);
  expect([said, codes]).toEqual([['The last changes are not saved.'], []]);
  leaving.ask();
  await delay(0);
  expect(codes).toEqual([1]);
});

test('asked again while it closes it ends at once; what else goes wrong ends it too', async () => {
  const slow = open(() => new Promise(() => {}));
  slow.leaving.ask();
  slow.leaving.ask();
  expect(slow.codes).toEqual([1]);
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  const broken = open(() => Promise.reject(new Error('no')));
  broken.leaving.ask();
  await delay(0);
  expect(broken.codes).toEqual([1]);
  log.mockRestore();
});
