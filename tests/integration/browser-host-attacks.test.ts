/** Clients that do what no browser does. Whatever they send or do not send, the host stays and answers the next one. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { BrowserHost, type BrowserHostOptions } from '../../src/main/server/browser-host.ts';
import { Studio } from '../../src/main/studio/studio.ts';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { studioOptions, testFolder } from './studio-fixtures.ts';

async function openHost(limits: BrowserHostOptions['limits'] = {}) {
  const folder = testFolder();
  const pagesFolder = join(folder, 'renderer');
  mkdirSync(pagesFolder);
  writeFileSync(join(pagesFolder, 'index.html'), '<title>Editor</title>');
  writeFileSync(join(pagesFolder, 'large.js'), Buffer.alloc(64 * 1024 * 1024, ' '));
  const studio = new Studio({
    ...studioOptions(folder),
    startEngine: async (options) => new FakeStudioEngine(options),
  });
  const host = await BrowserHost.start({ studio, pagesFolder, port: 0, limits });
  onTestFinished(async () => {
    await host.close();
    await studio.dispose();
  });
  const { port } = host;
  const first = await get(port, `/${new URL(host.link()).search}`);
  const cookie = String(first.headers['set-cookie']).split(';')[0] ?? '';
  return { host, port, cookie, origin: `http://127.0.0.1:${port}` };
}

function get(port: number, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown> }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Sends bytes as they are; what came back until the host closed the connection. */
async function raw(port: number, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {}); // cut off while we write
  let answer = '';
  socket.on('data', (data) => {
    answer += data.toString('latin1');
  });
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  await new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
  socket.destroy();
  return answer;
}

const upgradeTo = (path: string, headers: Record<string, string> = {}) =>
  [
    `GET ${path} HTTP/1.1`,
    ...Object.entries({
      Host: '127.0.0.1',
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      ...headers,
    }).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

/** A WebSocket frame of the client's, masked with zeros. */
function frame(opcode: number, payload: Buffer, final = true): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([0, 0x80 | payload.length])
      : payload.length < 65536
        ? Buffer.from([0, 0x80 | 126, payload.length >> 8, payload.length & 255])
        : Buffer.concat([Buffer.from([0, 0x80 | 127, 0, 0, 0, 0]), uint32(payload.length)]);
  head[0] = (final ? 0x80 : 0) | opcode;
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A socket of the API by hand: the handshake is done, nothing else is ever answered by itself. */
async function rawApi(port: number, cookie: string, origin: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.write(upgradeTo('/api', { Host: `127.0.0.1:${port}`, Cookie: cookie, Origin: origin }));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /);
  return socket;
}

/** Asks until it is so; the test's own time limit is the only one. */
const eventually = <T>(ask: () => T) => expect.poll(ask, { timeout: 140_000 });

const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

test('an upgrade or a request for what is no address is refused, let in or not', async () => {
  const { port, cookie, origin } = await openHost();
  const known = { Host: `127.0.0.1:${port}`, Cookie: cookie, Origin: origin };
  for (const path of ['//', '//[', '///', '/\\', '/%', '/api\\', '*', 'http://[/', '/api/../..', '/?token=%']) {
    expect(await raw(port, upgradeTo(path)), path).toMatch(/^HTTP\/1\.1 40[03] /);
    expect(await raw(port, upgradeTo(path, known)), path).toMatch(/^HTTP\/1\.1 40[04] /);
    const lines = [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, `Cookie: ${cookie}`, 'Connection: close', '\r\n'];
    expect(await raw(port, lines.join('\r\n')), path).toMatch(/^HTTP\/1\.1 (200|40[04]) /);
  }
  expect((await get(port, '/', { cookie })).status).toBe(200);
});

test('what is no request, or too large a one, is answered and cut off', async () => {
  const { port, cookie, origin } = await openHost();
  const known = `Host: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n`;
  const cases: readonly [what: string, parts: readonly (string | Buffer)[], answer: RegExp][] = [
    ['noise', [Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 31) & 255))], /^HTTP\/1\.1 400 /],
    ['TLS', [Buffer.from('16030100f8010000f40303', 'hex'), Buffer.alloc(240)], /^HTTP\/1\.1 400 /],
    ['a header without end', [`GET / HTTP/1.1\r\nX: ${'a'.repeat(200_000)}`], /^HTTP\/1\.1 431 |^$/],
    ['many headers', [`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(20_000)}\r\n`], /^HTTP\/1\.1 431 |^$/],
    ['no host', ['GET / HTTP/1.0\r\n\r\n'], /^HTTP\/1\.1 421 /],
    ['a broken host', ['GET / HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n'], /^HTTP\/1\.1 421 /],
    ['two hosts', ['GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'], /^HTTP/],
    [
      'two lengths',
      ['GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
      /^HTTP\/1\.1 400 /,
    ],
    [
      'a body after a question',
      [`GET / HTTP/1.1\r\n${known}Content-Length: 999999999999\r\n\r\n`, Buffer.alloc(99_999)],
      /^HTTP\/1\.1 200 /,
    ],
    [
      'a body in parts',
      [`GET / HTTP/1.1\r\n${known}Transfer-Encoding: chunked\r\n\r\n`, 'zzz\r\n'],
      /^HTTP\/1\.1 (200|400) /,
    ],
    ['a tunnel', ['CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'], /^$|^HTTP\/1\.1 4/],
    [
      'an expectation',
      [`GET / HTTP/1.1\r\n${known}Expect: everything\r\nConnection: close\r\n\r\n`],
      /^HTTP\/1\.1 417 /,
    ],
    [
      'no upgrade',
      [upgradeTo('/api', { Upgrade: 'h2c', Cookie: cookie, Origin: origin, Host: `127.0.0.1:${port}` })],
      /^HTTP\/1\.1 4/,
    ],
    [
      'no key',
      [upgradeTo('/api', { 'Sec-WebSocket-Key': '', Cookie: cookie, Origin: origin, Host: `127.0.0.1:${port}` })],
      /^HTTP\/1\.1 400 /,
    ],
    [
      'an old version',
      [upgradeTo('/api', { 'Sec-WebSocket-Version': '1', Cookie: cookie, Origin: origin, Host: `127.0.0.1:${port}` })],
      /^HTTP\/1\.1 4/,
    ],
  ];
  for (const [what, parts, answer] of cases) expect(await raw(port, ...parts), what).toMatch(answer);
  expect((await get(port, '/', { cookie })).status).toBe(200);
});

test('a client that never finishes its question, or never takes its answer, is cut off', async () => {
  const { host, port, cookie } = await openHost({ headersTimeMs: 200, requestTimeMs: 400, idleTimeMs: 300 });
  const silent = connect(port, '127.0.0.1');
  const half = connect(port, '127.0.0.1');
  half.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow');
  const deaf = connect(port, '127.0.0.1');
  deaf.write(`GET /large.js HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\n\r\n`);
  deaf.pause();
  const ends = [silent, half, deaf].map(async (socket) => {
    socket.on('error', () => {});
    await closed(socket);
  });
  half.resume();
  silent.resume();
  await Promise.all(ends.slice(0, 2));
  // What the system took lies in its buffers; the host has let go.
  await eventually(() => host.load.connections).toBe(0);
  deaf.resume();
  await ends[2];
  expect((await get(port, '/', { cookie })).status).toBe(200);
});

test('thousands of connections keep nobody out', async () => {
  const { host, port, cookie, origin } = await openHost({ strangers: 50, sockets: 4 });
  const strangers: Socket[] = [];
  onTestFinished(() => {
    for (const socket of strangers) socket.destroy();
  });
  for (let i = 0; i < 1500; i++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    strangers.push(socket);
    if (i % 100 === 99) await once(socket, 'connect');
  }
  await eventually(
    () => strangers.filter(({ destroyed, readyState }) => !destroyed && readyState === 'open').length,
  ).toBeLessThan(1500);
  expect((await get(port, '/', { cookie })).status).toBe(200);
  await eventually(() => host.load.connections).toBeLessThanOrEqual(52);

  // Sockets of the API are for those who were let in, and not without end either.
  const statuses: (number | 'open')[] = [];
  for (let i = 0; i < 6; i++) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/api`, { headers: { cookie, origin } });
    onTestFinished(() => socket.terminate());
    statuses.push(
      await new Promise<number | 'open'>((resolve) => {
        socket.on('open', () => resolve('open'));
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
        socket.on('error', () => {});
      }),
    );
  }
  expect(statuses).toEqual(['open', 'open', 'open', 'open', 503, 503]);
});

test('frames of every wrong kind end their own socket at most', async () => {
  const { host, port, cookie, origin } = await openHost({ messageBytes: 1_000_000, closeTimeMs: 200 });
  const deep = (sign: string) => `{"i":"1","p":{"u":"/host","b":{"json":${sign.repeat(200_000)}`;
  const bad: readonly [what: string, frames: readonly Buffer[]][] = [
    ['binary', [frame(2, Buffer.from([0xff, 0, 0x13]))]],
    ['not UTF-8', [frame(1, Buffer.from([0xc3, 0x28]))]],
    ['an unknown opcode', [frame(3, Buffer.alloc(1))]],
    ['a reserved bit', [Buffer.from([0xf1, 0x80, 0, 0, 0, 0])]],
    ['unmasked', [Buffer.from([0x81, 1, 0x61])]],
    ['a continuation of nothing', [frame(0, Buffer.from('x'))]],
    ['a control frame in parts', [frame(9, Buffer.from('x'), false)]],
    ['a long control frame', [frame(9, Buffer.alloc(200))]],
    ['a close with half a code', [frame(8, Buffer.from([3]))]],
    ['larger than allowed', [frame(1, Buffer.alloc(1_000_001, 'a'))]],
    ['larger than memory', [Buffer.from([0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0])]],
    [
      'larger than allowed, in parts',
      [frame(1, Buffer.alloc(600_000, 'a'), false), frame(0, Buffer.alloc(600_000, 'a'))],
    ],
    [
      'endless parts',
      [
        frame(1, Buffer.from('a'), false),
        Buffer.concat(Array.from({ length: 20_000 }, () => frame(0, Buffer.alloc(0), false))),
      ],
    ],
    ['deep arrays', [frame(1, Buffer.from(deep('[')))]],
    ['deep objects', [frame(1, Buffer.from(deep('{"a":')))]],
  ];
  for (const [what, frames] of bad) {
    const socket = await rawApi(port, cookie, origin);
    socket.resume();
    const end = closed(socket);
    for (const each of frames) socket.write(each);
    await end;
    expect((await get(port, '/', { cookie })).status, what).toBe(200);
  }
  await eventually(() => host.load.sockets).toBe(0);
});

test('messages that make no sense get no answer or an error, and the next one is answered', async () => {
  const { port, cookie, origin } = await openHost();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api`, { headers: { cookie, origin } });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  for (const message of [
    '',
    'not even JSON',
    'null',
    '[]',
    '0',
    '{}',
    '{"i":1}',
    '{"i":{},"p":{}}',
    '{"i":"1","t":99,"p":{"u":"/host"}}',
    '{"i":"2","p":{"u":"http://[","b":{}}}',
    '{"i":"3","p":{"u":"//","b":{}}}',
    '{"i":"4","p":{"u":"/__proto__/constructor","b":{}}}',
    '{"i":"5","p":{"u":"/projects/open","b":{"json":{"file":"x"},"meta":[[1,"__proto__","x"]]}}}',
    '{"i":"6","p":{"u":"/projects/open","b":{"json":{"__proto__":{"file":"/etc/passwd"}}}}}',
    '{"i":"7","p":{"u":"/host","h":{"content-type":"multipart/form-data"},"b":""}}',
    '{"i":"8","p":{"u":"/host","h":{"content-type":7,"content-disposition":[]},"b":""}}',
    '{"i":"9","p":{"u":"/host","h":null,"m":5}}',
    '{"i":"10","p":{"u":"/host","m":"GET"}}',
    '{"i":"11","p":{"u":"/events","h":{"content-type":"text/event-stream"}}}',
    '{"i":"11","t":4,"p":null}',
    '{"i":"99","t":3,"p":{"e":"message"}}',
    '{"i":"99","t":3}',
  ])
    socket.send(message);
  const answers: string[] = [];
  socket.on('message', (data) => answers.push(String(data)));
  socket.send('{"i":"100","p":{"u":"/host","b":{}}}');
  await eventually(() => answers.some((text) => text.includes('"100"'))).toBe(true);
  expect(answers.find((text) => text.includes('"100"'))).toContain('browser');
  expect(({} as { x?: unknown; file?: unknown }).file).toBeUndefined();
});

test('too many calls at once, answers nobody reads, a client that is gone: that socket alone is cut off', async () => {
  const { host, port, cookie, origin } = await openHost({ callsAtOnce: 20, unreadBytes: 100_000, heartbeatMs: 3000 });
  const greedy = new WebSocket(`ws://127.0.0.1:${port}/api`, { headers: { cookie, origin } });
  await once(greedy, 'open');
  for (let i = 0; i < 50; i++) greedy.send(`{"i":"${i}","p":{"u":"/events","b":{}}}`);
  const [code] = (await once(greedy, 'close')) as [number];
  expect(code).toBe(1008);

  // Answers every ping by itself, so it stays.
  const alive = new WebSocket(`ws://127.0.0.1:${port}/api`, { headers: { cookie, origin } });
  onTestFinished(() => alive.terminate());
  await once(alive, 'open');

  // Does not answer pings.
  const gone = await rawApi(port, cookie, origin);
  gone.resume();
  await closed(gone);

  // Answers them, and takes nothing of what it asked for.
  const deaf = await rawApi(port, cookie, origin);
  deaf.pause();
  const ask = Buffer.concat(
    Array.from({ length: 200 }, (_, i) => frame(1, Buffer.from(`{"i":"${i}","p":{"u":"/model/vocabulary","b":{}}}`))),
  );
  let asking = true;
  const gently = async () => {
    while (asking && !deaf.destroyed) {
      deaf.write(Buffer.concat([ask, frame(10, Buffer.alloc(0))]));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const done = gently();
  await eventually(() => host.load.sockets).toBe(1);
  asking = false;
  await done;
  deaf.destroy();
  expect(alive.readyState).toBe(WebSocket.OPEN);
  expect((await get(port, '/', { cookie })).status).toBe(200);
});

test('a page of another site or another local server gets nothing with the cookie', async () => {
  const { port, cookie } = await openHost();
  for (const from of ['cross-site', 'same-site']) {
    expect((await get(port, '/large.js', { cookie, 'sec-fetch-site': from })).status).toBe(403);
    expect((await get(port, '/media/x', { cookie, 'sec-fetch-site': from })).status).toBe(403);
    // Following a link to the editor itself is what people do.
    expect((await get(port, '/', { cookie, 'sec-fetch-site': from })).status).toBe(200);
  }
  expect((await get(port, '/large.js', { cookie, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
});

test('files are taken from our own page alone, and one that breaks off leaves the host as it was', async () => {
  const { port, cookie, origin } = await openHost();
  const post = async (
    headers: Record<string, string>,
    path = '/upload/sound?project=none&name=x.wav',
    body = 'words',
  ) => {
    const lines = Object.entries({ Host: `127.0.0.1:${port}`, 'Content-Length': String(body.length), ...headers });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return (await raw(port, `POST ${path} HTTP/1.1\r\n${head}Connection: close\r\n\r\n${body}`)).split(' ')[1];
  };
  expect(await post({})).toBe('403');
  expect(await post({ Cookie: cookie })).toBe('403');
  expect(await post({ Cookie: cookie, Origin: 'https://evil.example' })).toBe('403');
  expect(await post({ Cookie: cookie, Origin: `http://127.0.0.1:${port + 1}` })).toBe('403');
  expect(await post({ Origin: origin })).toBe('403');
  expect(await post({ Cookie: cookie, Origin: origin, Host: 'evil.example' })).toBe('421');
  // Of no project that is open.
  expect(await post({ Cookie: cookie, Origin: origin })).toBe('422');
  expect(await post({ Cookie: cookie, Origin: origin }, '/upload/sound?project=none')).toBe('400');
  expect(await post({ Cookie: cookie, Origin: origin }, '/upload/other?project=none&name=x')).toBe('405');
  expect((await get(port, '/upload/sound?project=none&name=x', { cookie })).status).toBe(404);
  const broken = connect({ port, host: '127.0.0.1' });
  broken.on('error', () => {});
  await once(broken, 'connect');
  const head = `Host: 127.0.0.1:${port}\r\nCookie: ${cookie}\r\nOrigin: ${origin}\r\nContent-Length: 1000000`;
  broken.write(`POST /upload/sound?project=none&name=x.wav HTTP/1.1\r\n${head}\r\n\r\nhalf of it`);
  broken.destroy();
  expect((await get(port, '/', { cookie })).status).toBe(200);
});
