import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseQueueAddress } from '../../src/main/farm/index.ts';
import { connectToQueue } from '../../src/main/farm/queue/connection.ts';
import { WatchfulRedis } from '../../src/main/farm/queue/watchful-redis.ts';
import { freePort, noServer, QueueServer } from './farm-fixtures.ts';
import { CuttableWay } from './farm-network.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const canEncrypt = ((): boolean => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
})();
const leftOut = noServer ?? (canEncrypt ? null : 'install openssl first: apt-get install openssl');

let folder: string;
const servers: QueueServer[] = [];
const at = (name: string): string => join(folder, name);

/** A key, and a certificate that it signs itself, valid until a year. */
function certify(name: string, year: number, subject: string): void {
  const settings = [
    '[ca]\ndefault_ca = own\n[own]\nserial = serial\ndatabase = index\nnew_certs_dir = .\ndefault_md = sha256',
    'policy = any\nx509_extensions = names\n[any]\ncommonName = supplied\n[names]',
    `subjectAltName = ${subject}\n`,
  ];
  writeFileSync(at('settings'), settings.join('\n'));
  writeFileSync(at('index'), '');
  writeFileSync(at('serial'), '01');
  const run = (...words: string[]): void => void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
  run('req', '-new', ...key, '-out', 'request', '-subj', '/CN=farm');
  const dates = ['-startdate', '20200101000000Z', '-enddate', `${year}0101000000Z`];
  const files = ['-keyfile', `${name}.key`, '-in', 'request', '-out', `${name}.pem`, '-notext'];
  run('ca', '-batch', '-config', 'settings', '-selfsign', ...dates, ...files);
}

async function serve(...settings: string[]): Promise<QueueServer> {
  const server = await QueueServer.start(folder, { settings });
  servers.push(server);
  return server;
}

/** A server that encrypts at a port of its own. */
async function serveEncrypted(name: string, ...settings: string[]): Promise<{ server: QueueServer; port: number }> {
  const port = await freePort();
  const files = ['--tls-cert-file', at(`${name}.pem`), '--tls-key-file', at(`${name}.key`), '--tls-ca-cert-file'];
  const server = await serve('--tls-port', `${port}`, ...files, at(`${name}.pem`), ...settings);
  return { server, port };
}

/** Something that is no queue. */
async function serveOther(answer: (socket: Socket) => void): Promise<{ port: number; close: () => void }> {
  const open = new Set<Socket>();
  const other = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    answer(socket);
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    for (const socket of open) socket.destroy();
    other.close();
  };
  return { port: (other.address() as AddressInfo).port, close };
}

async function connect(url: string, environment: NodeJS.ProcessEnv = {}, timeoutMs?: number): Promise<string> {
  const { redis } = await connectToQueue(parseQueueAddress(url, environment), timeoutMs);
  const answer = await redis.ping();
  redis.disconnect();
  return answer;
}

const why = (url: string, environment: NodeJS.ProcessEnv = {}, timeoutMs?: number): Promise<string> =>
  connect(url, environment, timeoutMs).then(
    () => 'connected',
    (error) => {
      expect(error).toMatchObject({ code: 'farm' });
      expect(error.message).toMatch(/^The queue at rediss?:\/\/[a-z0-9.]+:\d+(\/\d+)? cannot be reached: .*\.$/);
      expect(error.message + error.hint).not.toContain('hunter2');
      return `${error.message.replace(/^.*cannot be reached: /, '')} ${error.hint}`;
    },
  );

describe.skipIf(leftOut !== null)(`connections to a queue${leftOut ? ` (${leftOut})` : ''}`, () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'throughline-tls-'));
    certify('own', 2999, 'IP:127.0.0.1');
    certify('old', 2021, 'IP:127.0.0.1');
    certify('elsewhere', 2999, 'DNS:elsewhere.example');
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    rmSync(folder, { recursive: true });
  });

  test('an encrypted one with a certificate of a team’s own authority, and a password from address, environment or file', async () => {
    const { server, port } = await serveEncrypted('own', '--tls-auth-clients', 'no', '--requirepass', 'right');
    const authority = { THROUGHLINE_QUEUE_CA: at('own.pem') };
    writeFileSync(at('password'), 'right\n');
    expect(await connect(`rediss://:right@127.0.0.1:${port}`, authority)).toBe('PONG');
    const environment = { ...authority, THROUGHLINE_QUEUE_PASSWORD: 'right' };
    expect(await connect(`rediss://127.0.0.1:${port}`, environment)).toBe('PONG');
    expect(await connect(`redis://127.0.0.1:${server.port}`, environment)).toBe('PONG');
    const file = { ...authority, THROUGHLINE_QUEUE_PASSWORD_FILE: at('password') };
    expect(await connect(`rediss://127.0.0.1:${port}/3`, file)).toBe('PONG');

    const password =
      'Put it into THROUGHLINE_QUEUE_PASSWORD, or into a file that THROUGHLINE_QUEUE_PASSWORD_FILE names.';
    expect(await why(`redis://127.0.0.1:${server.port}`)).toBe(`it asks for a password (NOAUTH). ${password}`);
    expect(await why(`redis://:hunter2@127.0.0.1:${server.port}`)).toBe(
      `it does not take this name and password (WRONGPASS). ${password}`,
    );
    expect(await why(`redis://127.0.0.1:${server.port}/99`, environment)).toMatch(/^it has no such database \(.*\)\. /);
    // Encryption on one side only.
    expect(await why(`redis://:right@127.0.0.1:${port}`)).toBe('it encrypts. Use rediss:// instead of redis://.');
    expect(await why(`rediss://:right@127.0.0.1:${server.port}`, authority, 1000)).toBe(
      'it does not encrypt. Use redis:// instead of rediss://, or the port that encrypts.',
    );
    expect(await why(`rediss://:right@127.0.0.1:${port}`)).toMatch(
      /^its certificate is of an authority that is not known here \([A-Z_]+\)\. THROUGHLINE_QUEUE_CA takes/,
    );
  });

  test('a certificate that has expired, one for another name, and a server that wants one of ours', async () => {
    const old = await serveEncrypted('old', '--tls-auth-clients', 'no');
    expect(await why(`rediss://127.0.0.1:${old.port}`, { THROUGHLINE_QUEUE_CA: at('old.pem') })).toMatch(
      /^its certificate is not valid today \(CERT_HAS_EXPIRED\)\. Renew it/,
    );
    const elsewhere = await serveEncrypted('elsewhere', '--tls-auth-clients', 'no');
    expect(await why(`rediss://127.0.0.1:${elsewhere.port}`, { THROUGHLINE_QUEUE_CA: at('elsewhere.pem') })).toMatch(
      /^its certificate is for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)\. Use the name in the certificate/,
    );
    const strict = await serveEncrypted('own');
    expect(await why(`rediss://127.0.0.1:${strict.port}`, { THROUGHLINE_QUEUE_CA: at('own.pem') })).toMatch(
      /^it hangs up once the connection is encrypted( \(.*\))?\. .* set its tls-auth-clients to no, and a password\.$/,
    );
  });

  test('nobody there, nobody who answers, somebody else, and a user who may do nothing', async () => {
    const http = await serveOther((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const silent = await serveOther(() => {});
    const server = await serve('--user', 'guest', 'on', '>hunter2', '~*', '+ping');
    const nobody = 'Start the server, or see whether name and port are right.';
    expect(await why(`redis://127.0.0.1:${await freePort()}`)).toBe(`nothing listens there (ECONNREFUSED). ${nobody}`);
    expect(await why('rediss://nowhere.invalid:6379')).toMatch(
      /^no machine of that name is known \((ENOTFOUND|EAI_AGAIN)\)\. /,
    );
    for (const scheme of ['redis', 'rediss'])
      expect(await why(`${scheme}://127.0.0.1:${silent.port}`, {}, 500)).toMatch(
        /^nothing answers there \(ETIMEDOUT\)\. See whether the machine is on, the port is right/,
      );
    for (const scheme of ['redis', 'rediss'])
      expect(await why(`${scheme}://127.0.0.1:${http.port}`)).toMatch(
        /^what answers there is no Redis or Valkey that can be used \(.*\)\. See whether name and port are right\.$/,
      );
    expect(await why(`redis://guest:hunter2@127.0.0.1:${server.port}`)).toMatch(
      /^this user may not do what a farm needs \(NOPERM\)\. /,
    );
    http.close();
    silent.close();
  });
});

test.skipIf(noServer !== null)(
  'a connection that a firewall forgot is given up for another, and what was asked is answered',
  async () => {
    const place = mkdtempSync(join(tmpdir(), 'throughline-silence-'));
    const server = await QueueServer.start(place);
    const way = await CuttableWay.to(server.port);
    const redis = new WatchfulRedis({ port: Number(new URL(way.url).port), maxRetriesPerRequest: null }, 1000);
    const other = redis.duplicate();
    expect(await redis.set('kept', 'yes')).toBe('OK');
    expect(await other.get('kept')).toBe('yes');
    way.cut();
    const asked = [redis.get('kept'), other.get('kept')];
    way.mend(false);
    expect(await Promise.all(asked)).toEqual(['yes', 'yes']);
    for (const one of [redis, other]) one.disconnect();
    way.close();
    await server.kill();
    rmSync(place, { recursive: true });
  },
);

test('what cannot be read of the environment or the address is told before anything is connected', () => {
  const message = (text: string, environment: NodeJS.ProcessEnv): string => {
    try {
      parseQueueAddress(text, environment);
      return 'taken';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(message('rediss://host', { THROUGHLINE_QUEUE_CA: '/none.pem' })).toBe(
    '/none.pem, which THROUGHLINE_QUEUE_CA names, cannot be read.',
  );
  expect(
    message('rediss://host', { THROUGHLINE_QUEUE_CA: import.meta.filename.replace('farm-connection', 'farm') }),
  ).toMatch(/holds no certificate\.$/);
  expect(message('redis://host', { THROUGHLINE_QUEUE_PASSWORD_FILE: '/none' })).toBe(
    '/none, which THROUGHLINE_QUEUE_PASSWORD_FILE names, cannot be read.',
  );
  expect(message('redis://:100%@host', {})).toMatch(/^The name or password in the address of the queue/);
});
