import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Lifeline } from './lifeline.ts';

test('a call ends with its answer or its error; after a death, or in one, with the death', async () => {
  const lifeline = new Lifeline();
  expect(await lifeline.race(Promise.resolve(3))).toBe(3);
  await expect(lifeline.race(Promise.reject(new Error('no')))).rejects.toThrow('no');
  const never = [lifeline.race(new Promise(() => {})), lifeline.race(new Promise(() => {}))];
  expect(lifeline.waiting).toBe(2);
  lifeline.die(new Error('it died'));
  lifeline.die(new Error('again'));
  for (const call of never) await expect(call).rejects.toThrow('it died');
  await expect(lifeline.race(Promise.resolve(4))).rejects.toThrow('it died');
  await expect(lifeline.race(Promise.reject(new Error('late')))).rejects.toThrow('it died');
});

test('nothing is kept of a call that was answered', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const lifeline = new Lifeline();
  const answers: WeakRef<object>[] = [];
  for (let i = 0; i < 50; i++) {
    const answer = await lifeline.race(Promise.resolve({ bytes: new Uint8Array(1000) }));
    answers.push(new WeakRef(answer));
  }
  expect(lifeline.waiting).toBe(0);
  // A WeakRef holds its target until the turn ends; the last answer may still lie on the stack.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(answers.filter((answer) => answer.deref() !== undefined).length).toBeLessThanOrEqual(1);
});
