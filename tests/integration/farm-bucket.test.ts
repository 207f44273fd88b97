import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { Artifacts, openArtifactStore } from '../../src/main/farm/index.ts';
import { S3Store } from '../../src/main/farm/store/s3-store.ts';
import { artifactOf, plannedChunks } from '../fakes/chunk-artifacts.ts';
import { fakeInfo } from '../fakes/fake-engine.ts';
import { FakeS3 } from '../fakes/fake-s3.ts';
import { broom, Client, freePort, noServer, QueueServer, WorkerProcess } from './farm-fixtures.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const identity = { model: fakeInfo, deviceClass: 'cpu-x64' };
const [chunk] = plannedChunks(1);
if (!chunk) throw new Error('no chunk was planned');
/** The one user that the real server knows; its secret is the same. */
const user = 'S3RVER';

let folder: string;
let real: S3rver;
let endpoint: string;
let fake: FakeS3;
let running: { kill(): Promise<void> }[];

const failure = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    ({ code, message, hint }) => `${code}: ${message} ${hint}`,
  );
const checked = async (place: string): Promise<string> => failure((await openArtifactStore(place)).check());
const asUser = (id: string, secret: string): void => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', id);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-bucket-'));
  const where = { address: '127.0.0.1', port: await freePort(), directory: join(folder, 'objects') };
  real = new S3rver({ ...where, silent: true, configureBuckets: [{ name: 'films' }] });
  const { port } = await real.run();
  endpoint = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  const closed = real.close();
  real.httpServer.closeAllConnections();
  await closed;
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  fake = await FakeS3.start('films');
  running = [];
  // Nobody else is asked for keys.
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'none'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(running.map((one) => one.kill()));
  await fake.stop();
});

describe('a bucket of a real server, which computes each signature anew', () => {
  test('takes a chunk and gives it back as it was', async () => {
    asUser(user, user);
    const store = await openArtifactStore(`s3://films/a team's/ü?endpoint=${endpoint}`);
    await store.check();
    const artifacts = new Artifacts(store, identity);
    expect(await artifacts.read(chunk.key)).toBe(null);
    expect(await artifacts.has(chunk.key)).toBe(false);
    expect(await artifacts.write(artifactOf(chunk))).toBe(true);
    expect(await artifacts.has(chunk.key)).toBe(true);
    expect(await artifacts.read(chunk.key)).toEqual(artifactOf(chunk));
  });

  test('refuses a wrong key, a wrong secret and a name that is no bucket, each in a sentence', async () => {
    const bucket = "farm: The farm's bucket s3://films cannot be used: ";
    asUser(user, 'wrong');
    expect(await checked(`s3://films?endpoint=${endpoint}`)).toBe(
      `${bucket}the secret key is wrong (SignatureDoesNotMatch, 403). See whether AWS_SECRET_ACCESS_KEY is right. What was finished is kept.`,
    );
    asUser('STRANGER', user);
    expect(await checked(`s3://films?endpoint=${endpoint}`)).toContain(`${bucket}the server does not know this key`);
    asUser(user, user);
    expect(await checked(`s3://elsewhere?endpoint=${endpoint}`)).toContain(
      'there is no bucket of that name (NoSuchBucket',
    );
    const elsewhere = new Artifacts(await openArtifactStore(`s3://elsewhere?endpoint=${endpoint}`), identity);
    expect(await failure(elsewhere.read(chunk.key))).toContain('there is no bucket of that name');
    expect(await failure(elsewhere.write(artifactOf(chunk)))).toContain('there is no bucket of that name');
  });

  test('that is not there, or not at that name, and no key at all', async () => {
    asUser(user, user);
    expect(await checked(`s3://films?endpoint=http://127.0.0.1:${await freePort()}`)).toContain(
      'nothing listens there (ECONNREFUSED)',
    );
    expect(await checked('s3://films?endpoint=http://nowhere.invalid')).toContain('no machine of that name is known');
    expect(await checked(`s3://films?endpoint=${endpoint.replace('http', 'https')}`)).toContain('it does not encrypt');
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', '');
    expect(await checked(`s3://films?endpoint=${endpoint}`)).toContain('no key is set (CredentialsProviderError)');
  });

  test.skipIf(noServer !== null)(`holds the results of a farm${noServer ? ` (${noServer})` : ''}`, async () => {
    asUser(user, user);
    const server = await QueueServer.start(folder);
    const store = `s3://films/farm?endpoint=${endpoint}`;
    const workers = [0, 1].map(
      (i) => new WorkerProcess(folder, `bucket-${i}`, { queue: server.url, chunkMs: 5, store }),
    );
    running.push(server, ...workers);
    const client = new Client(broom(2, 4, 2));
    await client.make(folder, server.url, { store });
    expect(client.chunks.size).toBe(client.tree.length);
    const again = new Client(client.tree);
    await again.make(folder, server.url, { store });
    expect(again.chunks).toEqual(client.chunks);
    expect(workers.flatMap(({ made }) => made)).toHaveLength(client.tree.length);
  });
});

describe('a bucket of a server that misbehaves', () => {
  const opened = (patienceMs?: number): S3Store =>
    new S3Store({ bucket: 'films', prefix: '', endpoint: fake.endpoint, region: 'us-east-1' }, null, patienceMs);
  beforeEach(() => asUser(fake.user, 'secret'));

  test('may list and read, and not write', async () => {
    fake.refuses = { methods: ['PUT'], status: 403, code: 'AccessDenied' };
    expect(await failure(opened().check())).toContain(
      'this key may not do that (AccessDenied, 403). It must be allowed to list, read and write there.',
    );
    fake.refuses = { methods: ['HEAD'], status: 403, code: 'AccessDenied' };
    expect(await failure(new Artifacts(opened(), identity).has(chunk.key))).toContain('this key may not do that');
  });

  test.each([
    [507, 'XMinioStorageFull'],
    [403, 'QuotaExceeded'],
  ])('is full: %d %s', async (status, code) => {
    fake.refuses = { methods: ['PUT'], status, code };
    expect(await failure(new Artifacts(opened(), identity).write(artifactOf(chunk)))).toBe(
      "disk-full: The farm's bucket s3://films is full. Free some space there and ask for the film again. What was finished is kept.",
    );
    expect(fake.objects.size).toBe(0);
  });

  test('ends its answers in the middle: it is asked again, and told if it goes on so', async () => {
    const artifacts = new Artifacts(opened(), identity);
    await artifacts.write(artifactOf(chunk));
    fake.cutsLeft = 2;
    expect(await artifacts.read(chunk.key)).toEqual(artifactOf(chunk));
    fake.cutsLeft = 99;
    expect(await failure(artifacts.read(chunk.key))).toMatch(
      /its answers end in the middle \(.*\)\. See what its log says/,
    );
  });

  test('never answers: that is told, and nothing waits for ever', async () => {
    fake.delayMs = null;
    expect(await failure(opened(200).check())).toContain('nothing answers there (TimeoutError)');
    expect(await failure(new Artifacts(opened(200), identity).read(chunk.key))).toContain('nothing answers there');
  });

  test.skipIf(noServer !== null)(
    `is slow: the next chunk is begun once the one before is there, and whoever dies in between loses one${noServer ? ` (${noServer})` : ''}`,
    async () => {
      const server = await QueueServer.start(folder);
      const store = `s3://films/farm?endpoint=${fake.endpoint}`;
      fake.delayMs = 300;
      const options = { queue: server.url, chunkMs: 5, leaseMs: 1000, store };
      const doomed = new WorkerProcess(folder, 'doomed', options);
      running.push(server, doomed);
      const client = new Client(broom(6, 0, 0));
      const all = client.make(folder, server.url, { store, chunksAtMost: 8 });
      for (let begun = 1; begun <= 3; begun++) {
        await doomed.until('making', begun);
        const chunks = [...fake.objects.keys()].filter((name) => name.endsWith('.chunk'));
        expect(chunks.length).toBeGreaterThanOrEqual(begun - 1);
      }
      await doomed.kill();
      const heir = new WorkerProcess(folder, 'heir', options);
      running.push(heir);
      await all;
      expect(client.chunks.size).toBe(client.tree.length);
      // Its third may have come to the store all the same; nothing before that is made again.
      expect([3, 4]).toContain(heir.begun.length);
    },
  );

  test.skipIf(noServer !== null)(
    `is slow: a worker whose results take longer than its lease keeps its work${noServer ? ` (${noServer})` : ''}`,
    async () => {
      const server = await QueueServer.start(folder);
      const store = `s3://films/farm?endpoint=${fake.endpoint}`;
      fake.delayMs = 700;
      const worker = new WorkerProcess(folder, 'slow', { queue: server.url, chunkMs: 5, leaseMs: 1000, store });
      const other = new WorkerProcess(folder, 'other', { queue: server.url, chunkMs: 5, leaseMs: 1000, store });
      running.push(server, worker, other);
      const client = new Client(broom(1, 3, 1));
      await client.make(folder, server.url, { store });
      expect(client.chunks.size).toBe(client.tree.length);
      expect([...worker.made, ...other.made].sort()).toEqual(client.tree.map(({ key }) => key).sort());
    },
  );
});
