import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { BrowserHost } from '../../src/main/server/browser-host.ts';
import { Studio } from '../../src/main/studio/studio.ts';
import type { contract } from '../../src/shared/api/contract.ts';
import type { ProjectState, StudioEvent } from '../../src/shared/api/types.ts';
import { mp4 } from '../fakes/edit-plans.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { namingApi } from '../naming-api.ts';
import { newShot, studioOptions, testFolder } from './studio-fixtures.ts';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** A host with one page, and the headers of a browser that was let in. */
async function openHost() {
  const folder = testFolder();
  const pagesFolder = join(folder, 'renderer');
  mkdirSync(join(pagesFolder, 'assets'), { recursive: true });
  writeFileSync(join(pagesFolder, 'index.html'), '<title>Editor</title>');
  writeFileSync(join(pagesFolder, 'assets/app-1a2b.js'), 'export {}');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  const studio = new Studio({
    ...studioOptions(folder),
    startEngine: async (options) => new FakeStudioEngine(options),
  });
  const links: string[] = [];
  const host = await BrowserHost.start({ studio, pagesFolder, port: 0, onNewLink: (url) => links.push(url) });
  onTestFinished(async () => {
    await host.close();
    await studio.dispose();
  });
  const origin = `http://127.0.0.1:${host.port}`;
  const first = await get(host.port, new URL(host.link()).search);
  const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
  return { host, studio, links, origin, first, cookie, folder };
}

/** A path after the slash, sent as it is, which `fetch` would tidy up. */
function get(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: `/${path}`, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** The status a WebSocket is refused with; 101 if it is not. */
function knock(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => {});
  });
}

test('a link lets one browser in, once', async () => {
  const { host, links, first, cookie } = await openHost();
  expect(first.status).toBe(200);
  expect(String(first.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/);
  expect((await get(host.port, '', { cookie })).body.toString()).toContain('Editor');

  const stranger = await get(host.port, '');
  expect(stranger.status).toBe(403);
  expect(stranger.body.toString()).toContain('the newest link in the terminal');
  expect((await get(host.port, '', { cookie: `${cookie}x` })).status).toBe(403);
  // The next browser finds a new link in the terminal at once; guesses use up none, and print no more.
  for (let i = 0; i < 3; i++) expect((await get(host.port, '?token=guess')).status).toBe(403);
  expect(links).toHaveLength(1);
  expect(links[0]).toBe(host.link());
  const late = new URL(links.at(-1) ?? '').search;
  // Whoever only looks whether it leads somewhere, a terminal or a mail program, does not use it up.
  expect((await get(host.port, late, {}, 'HEAD')).status).toBe(403);
  expect((await get(host.port, late)).status).toBe(200);
  expect((await get(host.port, late)).body.toString()).toContain('used before');
  expect(links).toHaveLength(2);
  // A browser that was let in may use an old link as a bookmark.
  expect((await get(host.port, late, { cookie })).status).toBe(200);
});

test('strangers are refused: other names, other pages, other paths, other methods', async () => {
  const { host, origin, cookie } = await openHost();
  const { port } = host;
  const api = `${origin.replace('http', 'ws')}/api`;
  expect(await knock(api, { cookie, origin })).toBe(101);
  expect(await knock(api, { origin })).toBe(403);
  expect(await knock(api, { cookie })).toBe(403);
  expect(await knock(api, { cookie, origin: 'http://evil.example' })).toBe(403);
  expect(await knock(api, { cookie, origin: `http://127.0.0.1:${port + 1}` })).toBe(403);
  expect(await knock(api, { cookie, origin: 'http://evil.example', host: 'evil.example' })).toBe(403);
  expect(await knock(api.replace('/api', '/other'), { cookie, origin })).toBe(404);

  expect((await get(port, '', { cookie, host: `evil.example:${port}` })).status).toBe(421);
  expect((await get(port, '', { cookie, host: `localhost:${port}` })).status).toBe(200);
  expect((await get(port, '', { cookie }, 'POST')).status).toBe(405);
  for (const path of [
    '../secret.txt',
    '..%2fsecret.txt',
    'assets/../../secret.txt',
    'assets/..%2f..%2fsecret.txt',
    'media/chunk/../../../secret.txt',
    `media/chunk/${'a'.repeat(64)}/strip.webp`,
    `media/chunk/${'A'.repeat(64)}/strip.webp`,
    `media/chunk/${'a'.repeat(64)}/latents`,
    `media/frame/${'a'.repeat(64)}/-1.webp`,
    'downloads/..%2f..%2fsecret/0',
    'downloads/nothing/0',
    'index.html%00.js',
    '%',
  ]) {
    const answer = await get(port, path, { cookie });
    expect(answer.status, path).toBe(404);
    expect(answer.body.toString(), path).not.toContain('secret');
  }
});

test('every answer carries the policy; what never changes may be kept', async () => {
  const { host, cookie } = await openHost();
  for (const path of ['', 'nowhere', 'assets/app-1a2b.js']) {
    const { headers } = await get(host.port, path, { cookie });
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  }
  expect((await get(host.port, 'assets/app-1a2b.js', { cookie })).headers['cache-control']).toContain('immutable');
  expect((await get(host.port, '', { cookie })).headers['cache-control']).toBe('no-cache');
});

test('the API over its socket: events, errors a person understands, pictures, a film to download', async () => {
  const { host, origin, cookie } = await openHost();
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api`, { headers: { cookie, origin } });
  await new Promise((resolve) => socket.once('open', resolve));
  onTestFinished(() => socket.terminate());
  const client: ContractRouterClient<typeof contract> = createORPCClient(
    new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }),
  );
  let project: ProjectState | null = null;
  const api = namingApi(client, () => project);
  const events: StudioEvent[] = [];
  let wake = () => {};
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => (wake = resolve));
  };
  void (async () => {
    for await (const event of await api.events()) {
      events.push(event);
      wake();
    }
  })().catch(() => {}); // the socket is closed at the end

  expect(await api.host()).toMatchObject({ host: 'browser' });
  await until(() => events.length >= 8);
  expect(events.slice(0, 8).map(({ type }) => type)).toEqual([
    ...['settings', 'engine', 'model-jobs', 'project', 'chunks', 'takes', 'assets', 'queue'],
  ]);

  await expect(api.document.undo()).rejects.toMatchObject({
    data: { code: 'other-project', message: 'This was meant for a project that is not open any more.' },
  });
  project = await api.projects.create({ title: 'Over the wire' });
  const shot = newShot('a cat', 2);
  const bad = { type: 'add-shot', parent: null, shot: { ...shot, chunks: -1, evil: true } } as never;
  await expect(api.document.apply({ commands: [bad], gesture: null })).rejects.toMatchObject({
    data: { code: 'bad-input', message: expect.stringContaining('chunks') },
  });
  await expect(api.chunks.record({ key: '../../etc/passwd' })).rejects.toMatchObject({ data: { code: 'bad-input' } });
  await api.document.apply({ commands: [{ type: 'add-shot', parent: null, shot }], gesture: null });
  const { jobId } = await api.queue.generate({ shotIds: [shot.id] });
  await until(() =>
    events.some((e) => e.type === 'queue' && e.queue.jobs.some((j) => j.id === jobId && j.state === 'done')),
  );

  const keys = events.flatMap((event) => (event.type === 'chunks' ? event.added.map(({ key }) => key) : []));
  for (const name of [`chunk/${keys[0]}/strip.webp`, `chunk/${keys[1]}/thumb.webp`, `frame/${keys[1]}/2.webp`]) {
    const picture = await get(host.port, `media/${name}`, { cookie });
    expect(picture.status, name).toBe(200);
    expect(picture.headers['content-type']).toBe('image/webp');
    expect(picture.headers['cache-control']).toContain('immutable');
    expect(picture.body.subarray(8, 12).toString(), name).toBe('WEBP');
  }
  expect((await get(host.port, `media/frame/${keys[1]}/3.webp`, { cookie })).status).toBe(404);
  expect((await get(host.port, `media/chunk/${keys[0]}/strip.webp`)).status).toBe(403);

  const { id } = await api.exports.start({ target: { kind: 'cut', leaf: shot.id }, file: null, ...mp4(16) });
  await until(() => events.some((e) => e.type === 'export' && e.export.id === id && e.export.state === 'done'));
  const [url] = (await api.exports.reveal({ id })).urls;
  const film = await get(host.port, (url ?? '').slice(1), { cookie });
  expect(film.headers['content-disposition']).toBe(
    `attachment; filename="Over the wire.mp4"; filename*=UTF-8''Over%20the%20wire.mp4`,
  );
  expect(film.headers['content-type']).toBe('video/mp4');
  expect(film.body.subarray(4, 8).toString()).toBe('ftyp');

  const stills = { format: 'png', fps: null, options: {} };
  const folder = await api.exports.start({ target: { kind: 'cut', leaf: shot.id }, file: null, ...stills });
  await until(() => events.some((e) => e.type === 'export' && e.export.id === folder.id && e.export.state === 'done'));
  const urls = (await api.exports.reveal({ id: folder.id })).urls;
  expect(urls).toHaveLength(1);
  const zip = await get(host.port, (urls[0] ?? '').slice(1), { cookie });
  expect(zip.headers['content-disposition']).toContain('.zip"');
  expect(zip.headers['content-type']).toBe('application/zip');
  expect(Number(zip.headers['content-length'])).toBe(zip.body.length);
  expect(zip.body.subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
});

test('rubbish on the socket ends nothing but itself', async () => {
  const { host, origin, cookie } = await openHost();
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api`, { headers: { cookie, origin } });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send('not even JSON');
  socket.send(Buffer.from([0xff, 0x00, 0x13]));
  socket.send('{"i":"1","p":{"u":"/__proto__/constructor","b":{}}}');
  const raw = connect(host.port, '127.0.0.1');
  raw.write('GET /%%% HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await new Promise((resolve) => raw.once('data', resolve));
  raw.destroy();
  socket.terminate();
  expect((await get(host.port, '', { cookie })).status).toBe(200);
});
