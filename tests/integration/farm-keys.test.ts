import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FakeStudioEngine } from '../fakes/fake-studio-engine.ts';
import { freePort } from './farm-fixtures.ts';
import { studioOptions, TestWindow, testFolder } from './studio-fixtures.ts';

/** The only keys of the server. */
const known = { id: 'S3RVER', secret: 'S3RVER' };
/** Nothing listens there: only the store is looked at. */
const queue = 'redis://127.0.0.1:1';

async function bucket(): Promise<string> {
  const folder = testFolder();
  const where = { address: '127.0.0.1', port: await freePort(), directory: join(folder, 'objects') };
  const real = new S3rver({ ...where, silent: true, configureBuckets: [{ name: 'films' }] });
  const { port } = await real.run();
  onTestFinished(async () => {
    const closed = real.close();
    real.httpServer.closeAllConnections();
    await closed;
  });
  return `s3://films/team?endpoint=http://127.0.0.1:${port}`;
}

/** @param keychain what a system's keychain keeps; null for none */
function open(keychain: Map<string, string> | null) {
  const folder = testFolder();
  const options = studioOptions(join(folder, 'editor'));
  const secrets = keychain && {
    read: (name: string) => keychain.get(name) ?? null,
    write: (name: string, secret: string | null) =>
      void (secret === null ? keychain.delete(name) : keychain.set(name, secret)),
  };
  const window = new TestWindow({
    ...options,
    host: { ...options.host, ...(secrets ? { secrets } : {}) },
    startEngine: async (engine) => new FakeStudioEngine({ ...engine, device: 'cpu' }),
  });
  const said = async (place: object): Promise<readonly { ok: boolean; message: string; hint: string }[]> =>
    (await window.api.farm.tryIt({ queue, store: '', deviceClass: null, ...place })).findings.slice(1, 2);
  return { folder, window, api: window.api, said };
}

test('keys of a bucket are kept outside of every file and event, and used for that bucket alone', async () => {
  // Nothing of this machine's own.
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, '');
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
  onTestFinished(() => void vi.unstubAllEnvs());
  const words: unknown[] = [];
  for (const level of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((...said) => void words.push(said));
  onTestFinished(() => void vi.restoreAllMocks());
  const [store, another] = [await bucket(), await bucket()];
  const chain = new Map<string, string>();
  const first = open(chain);
  const hint = 'Give the right keys of the bucket under Settings, Render on.';
  expect(await first.said({ store })).toMatchObject([
    { ok: false, message: expect.stringContaining('no key is set'), hint },
  ]);
  const wrong = { id: 'S3RVER', secret: 'not-the-secret-1' };
  expect(await first.said({ store, keys: wrong })).toMatchObject([
    { ok: false, message: expect.stringContaining('the secret key is wrong'), hint },
  ]);
  expect(await first.said({ store, keys: known })).toMatchObject([{ ok: true }]);
  // Trying keeps nothing.
  expect(await first.said({ store })).toMatchObject([{ ok: false }]);
  await expect(first.api.farm.setBucketKeys({ keys: known })).rejects.toMatchObject({
    data: { message: 'The farm’s store is no bucket, and needs no keys.' },
  });

  await first.api.settings.update({ farm: { queue, store, deviceClass: null } });
  const secret = { id: 'S3RVER', secret: 'not-the-secret-2' };
  expect(await first.api.farm.setBucketKeys({ keys: secret })).toEqual({ kept: 'keychain' });
  expect(await first.said({ store })).toMatchObject([
    { ok: false, message: expect.stringContaining('the secret key is wrong') },
  ]);
  expect(await first.api.farm.setBucketKeys({ keys: known })).toEqual({ kept: 'keychain' });
  expect(await first.said({ store })).toMatchObject([{ ok: true }]);
  // Of another server nobody is asked with these.
  expect(await first.said({ store: another })).toMatchObject([
    { ok: false, message: expect.stringContaining('no key is set') },
  ]);
  await first.window.close();
  const files = readdirSync(first.folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(first.folder, name)).isFile(),
  );
  const everything = [
    ...files.map((name) => readFileSync(join(first.folder, name), 'latin1')),
    JSON.stringify([first.window.events, words]),
  ];
  for (const text of everything) for (const one of ['not-the-secret', 'S3RVER']) expect(text.includes(one)).toBe(false);

  // The next start finds them in the keychain; forgotten, they are gone from it.
  const second = open(chain);
  await second.api.settings.update({ farm: { queue, store, deviceClass: null } });
  expect(await second.said({ store })).toMatchObject([{ ok: true }]);
  await second.api.farm.setBucketKeys({ keys: null });
  expect([chain.size, (await second.said({ store }))[0]?.ok]).toEqual([0, false]);
});

test('without a keychain keys are kept until the program ends, and that is said', async () => {
  const store = await bucket();
  const { api, said } = open(null);
  await api.settings.update({ farm: { queue, store, deviceClass: null } });
  expect(await api.farm.setBucketKeys({ keys: known })).toEqual({ kept: 'session' });
  expect(await said({ store })).toMatchObject([{ ok: true }]);
});
