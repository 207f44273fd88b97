import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { FakeElectron, type FakeUtility, settled } from '../../../tests/fakes/fake-electron.ts';
import { EngineClient } from '../engine/client.ts';
import { utilityEngine } from './engine-spawn.ts';

interface Question {
  readonly i: string;
  readonly m: string;
}

/** The engine's process answers the question it was asked last, as birpc writes it. */
function answer(utility: FakeUtility, value: unknown): void {
  const { i } = utility.posted.at(-1) as Question;
  utility.emit('message', { t: 's', i, r: { ok: true, value } });
}

async function start() {
  const electron = new FakeElectron();
  const starting = EngineClient.start({
    modelFolder: '/model',
    device: 'cpu',
    graphsFolder: '/graphs',
    latentsOf: () => null,
    spawn: utilityEngine(electron),
  });
  await settled();
  const [utility] = electron.utilities;
  if (!utility) throw new Error('no process was started');
  return { starting, utility };
}

test('the engine runs as a utility process: the same calls, and it is ended after its work', async () => {
  const { starting, utility } = await start();
  expect(utility.entry).toMatch(/engine-process\.ts$/);
  expect(utility.posted).toMatchObject([{ m: 'load', a: [{ modelFolder: '/model', device: 'cpu' }] }]);
  answer(utility, { name: 'Tiny' });
  const client = await starting;
  expect(client.info).toMatchObject({ name: 'Tiny' });

  const ending = client.dispose();
  await settled();
  expect(utility.posted.at(-1)).toMatchObject({ m: 'shutDown' });
  expect(utility.killed).toBe(false);
  answer(utility, undefined);
  await ending;
  expect(utility.killed).toBe(true);
  await client.dispose();
});

test('a process that dies ends what waits for it, and hears nothing more', async () => {
  const { starting, utility } = await start();
  answer(utility, { name: 'Tiny' });
  const client = await starting;
  const waiting = client.usage();
  await settled();
  utility.emit('exit', 139);
  await expect(waiting).rejects.toMatchObject({ code: 'engine-died', message: expect.stringContaining('139') });
  const asked = utility.posted.length;
  await expect(client.usage()).rejects.toMatchObject({ code: 'engine-died' });
  expect(utility.posted).toHaveLength(asked);
  await client.dispose();
});

test('a process that hangs is ended for good, not asked', async () => {
  const electron = new FakeElectron();
  const child = utilityEngine(electron)('/engine-process.js');
  // It ignores being asked, as a driver does that hangs.
  const hanging = spawn(process.execPath, [
    '-e',
    "process.on('SIGTERM', () => {}); console.log(1); setInterval(() => {}, 9)",
  ]);
  await once(hanging.stdout, 'data');
  const [utility] = electron.utilities;
  if (!utility) throw new Error('no process was started');
  utility.pid = hanging.pid;
  const ended = once(hanging, 'exit');
  child.kill();
  expect(await ended).toEqual(process.platform === 'win32' ? [1, null] : [null, 'SIGKILL']);
  utility.pid = undefined;
  child.kill();
  expect(utility.killed).toBe(true);
});
