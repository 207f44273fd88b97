/** The browser host as a process: which files its page may reach, what it says when it is started wrongly. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import type { contract } from '../../src/shared/api/contract.ts';
import { testFolder } from './studio-fixtures.ts';

const entry = join(import.meta.dirname, '../../src/main/server.ts');

/** Starts the host as a person does, lets a browser in, and gives its API. */
async function start(home: string, ...args: string[]) {
  const child = spawn(process.execPath, [entry, '--no-open', '--data', join(home, 'data'), ...args], {
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, '.config') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => stop(child));
  let said = '';
  child.stdout.on('data', (data) => {
    said += data;
  });
  while (!said.includes('--folder adds')) await once(child.stdout, 'data');
  const link = new URL(/http:\S+/.exec(said)?.[0] ?? '');
  const { origin } = link;
  const cookie = (await fetch(link)).headers.get('set-cookie')?.split(';')[0] ?? '';
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api`, { headers: { cookie, origin } });
  await once(socket, 'open');
  const api: ContractRouterClient<typeof contract> = createORPCClient(
    new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
  );
  return { child, api, said: () => said, link, cookie };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test.skipIf(process.platform === 'win32')(
  'a page reaches the folders that a person named, and nothing else',
  async () => {
    const home = testFolder();
    const at = (name: string) => join(home, name);
    for (const name of ['Documents', 'named', 'elsewhere', 'data/projects']) mkdirSync(at(name), { recursive: true });
    writeFileSync(at('elsewhere/secret.txt'), 'the secret');
    writeFileSync(at('elsewhere/given.txt'), 'a cat sits');
    symlinkSync(at('elsewhere'), at('Documents/out'));
    symlinkSync(at('elsewhere/secret.txt'), at('Documents/secret.txt'));
    spawnSync('mkfifo', [at('Documents/pipe.throughline')]);
    const { api, said } = await start(home, '--folder', at('named'), at('elsewhere/given.txt'));
    expect(said()).toContain('It opens and saves files in ~/Documents, ~/data, ~/named; --folder adds one.');

    for (const file of ['Documents/a.throughline', 'named/deep/b.throughline']) {
      await api.projects.create({ file: at(file), title: 'Allowed' });
      expect(existsSync(at(file))).toBe(true);
    }
    // What was named on the command line may be read.
    await api.projects.open({ file: at('elsewhere/given.txt') });

    const outside = { data: { code: 'bad-input', message: expect.stringContaining('outside the folders') } };
    const hint = {
      data: { hint: `To allow it, stop Throughline and start it again with: --folder "${at('elsewhere')}"` },
    };
    await expect(api.projects.open({ file: at('elsewhere/secret.txt') })).rejects.toMatchObject(hint);
    for (const file of [
      'elsewhere/secret.txt',
      'Documents/out/secret.txt',
      'Documents/secret.txt',
      'Documents/../elsewhere/x',
    ])
      await expect(api.projects.open({ file: at(file) }), file).rejects.toMatchObject(outside);
    for (const file of ['elsewhere/x.throughline', 'Documents/out/x', '../x', 'x'])
      await expect(api.projects.create({ file: at(file), title: '' }), file).rejects.toMatchObject(outside);
    for (const folder of ['elsewhere', '.', 'Documents/out'])
      await expect(api.settings.update({ modelFolder: at(folder) }), folder).rejects.toMatchObject(outside);

    // What would never end ends at once.
    for (const file of [at('Documents/pipe.throughline'), '/dev/zero', '/proc/self/mem', '/proc/x/y'])
      await expect(api.projects.open({ file }), file).rejects.toMatchObject({ data: { code: 'bad-input' } });
    await expect(api.projects.create({ file: '/proc/x/y', title: '' })).rejects.toMatchObject({
      data: { code: 'bad-input' },
    });
    expect(await api.host()).toMatchObject({ host: 'browser' });
    expect(existsSync(at('elsewhere/x.throughline'))).toBe(false);
  },
);

test('the next link stands in the terminal once one was used; a terminal that was closed ends nothing', async () => {
  const { child, api, said, link, cookie } = await start(testFolder());
  const links = (): string[] => said().match(/http:\S+token=\S+/g) ?? [];
  while (links().length < 2) await once(child.stdout, 'data');
  expect(said()).toContain('For another browser, or once this one was closed: http');
  expect((await fetch(link)).status).toBe(403);
  child.stdout.destroy();
  // Prints one more, to nobody.
  expect((await fetch(links()[1] ?? '')).status).toBe(200);
  expect((await fetch(link.origin, { headers: { cookie } })).status).not.toBe(403);
  expect(await api.host()).toMatchObject({ host: 'browser' });
  expect(child.exitCode).toBeNull();
});

test('started wrongly it says so in a sentence, and what to do', async () => {
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [entry, '--no-open', '--data', join(testFolder(), 'data'), ...args],
      {
        encoding: 'utf8',
      },
    );
    return { status, stderr };
  };
  expect(run('--port', 'x')).toEqual({
    status: 2,
    stderr: 'x is not the number of a port.\n  Give --port a number from 0 to 65535.\n',
  });
  expect(run('--colour')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^Unknown option '--colour'\n {2}.*--help/),
  });
  expect(run('a', 'b')).toMatchObject({ status: 2, stderr: expect.stringContaining('One project at a time') });
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  expect(run('--port', String(port))).toEqual({
    status: 1,
    stderr: 'That port is in use.\n  Choose another with --port, or leave it out.\n',
  });
});
