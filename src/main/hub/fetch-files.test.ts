import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeHub, type Fault, refuse, serve } from '../../../tests/fakes/fake-hub.ts';
import type { ThroughlineError } from '../../shared/errors.ts';
import { hubEndpoint } from './endpoint.ts';
import { fetchFiles, modelFilesOf, planFetch } from './fetch-files.ts';
import type { Patience } from './hub-fetch.ts';
import { parseRepository } from './repository.ts';

/** So long that only a test of silence ends by it. */
const patience: Patience = { silenceMs: 20_000, pauseMs: 1, longestPauseMs: 5000, attempts: 3 };
const repository = 'someone/model';
const path = 'weights/base.pt';
const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) % 251));

let folder: string;
let hub: FakeHub;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-hub-'));
  hub = await FakeHub.start();
  hub.files.set(`${repository}:${path}`, content);
  hub.files.set(`${repository}:tokenizer.json`, Buffer.from('{"model":{"type":"Unigram"}}'));
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

const options = (more: object = {}) => ({
  endpoint: hubEndpoint({ HF_ENDPOINT: hub.url, HF_TOKEN: 'hf_secret', HF_HOME: join(folder, 'hf') }, folder),
  patience,
  ...more,
});
const downloads = () => join(folder, 'downloads');

async function get(wanted: readonly string[] = [path], more: object = {}): Promise<string[]> {
  const plan = await planFetch(
    wanted.map((file) => ({ repository, file })),
    downloads(),
    options(more),
  );
  return fetchFiles(plan, downloads(), options(more));
}

/** What lies in the downloads: whole files, and what is unfinished. */
const lying = (): string[] =>
  existsSync(downloads())
    ? readdirSync(downloads(), { recursive: true, encoding: 'utf8' }).filter((name) => /\.(pt|json|part)$/.test(name))
    : [];

const bytesOf =
  (fault: Fault): Fault =>
  (request, response, bytes) =>
    request.host === 'store' && bytes !== null && fault(request, response, bytes);

it('fetches big and small files of one commit, checked, by way of another host that never sees the token', async () => {
  const progress: number[] = [];
  const found = await get([path, 'tokenizer.json'], {
    onProgress: (at: { doneBytes: number }) => progress.push(at.doneBytes),
  });
  expect(found.map((file) => readFileSync(file))).toEqual([content, Buffer.from('{"model":{"type":"Unigram"}}')]);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBe(content.length + 28);
  const resolved = hub.requests.filter(({ url }) => url.includes('/resolve/'));
  expect(resolved.every(({ url }) => url.includes(hub.commit))).toBe(true);
  expect(new Set(hub.requests.map(({ host, authorization }) => `${host} ${authorization}`))).toEqual(
    new Set(['hub Bearer hf_secret', 'store null']),
  );
});

it('a connection that is cut is taken up where it was cut', async () => {
  let cuts = 0;
  hub.fault = bytesOf(({ range }, response, bytes) => {
    if (cuts++ >= 2) return false;
    serve(response, bytes as Buffer, range, cuts * 100_000);
    return true;
  });
  const [file] = await get();
  expect(readFileSync(file as string)).toEqual(content);
  const starts = hub.fetched('base.pt').map(({ range }) => Number(/\d+/.exec(range ?? '')?.[0]));
  // What the system had not handed on when the connection went is asked for again.
  expect(starts).toHaveLength(3);
  expect(starts[0]).toBe(0);
  expect(starts[1]).toBeGreaterThan(0);
  expect(starts[2]).toBeGreaterThan(100_000);
});

it('what was cancelled goes on where it stopped, and is no file until it is whole', async () => {
  const stop = new AbortController();
  // The first bytes are held back from ending: the server goes silent in the middle.
  hub.fault = bytesOf((_, response, bytes) => {
    response.writeHead(206, { 'content-range': `bytes 0-${content.length - 1}/${content.length}` });
    response.write((bytes as Buffer).subarray(0, 120_000));
    return true;
  });
  const onProgress = ({ doneBytes }: { doneBytes: number }) => {
    if (doneBytes >= 120_000) stop.abort();
  };
  await expect(get([path], { signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'cancelled' });
  expect(lying()).toEqual([expect.stringMatching(/base\.pt\.part$/)]);
  hub.fault = () => false;
  const [file] = await get();
  expect(readFileSync(file as string)).toEqual(content);
  expect(hub.fetched('base.pt').map(({ range }) => range)).toEqual(['bytes=0-', 'bytes=120000-']);
  // And what is there whole is not fetched again.
  await get();
  expect(hub.fetched('base.pt')).toHaveLength(2);
});

it('a server that ignores ranges costs time and nothing else', async () => {
  let first = true;
  hub.fault = bytesOf((_, response, bytes) => {
    serve(response, bytes as Buffer, null, first ? 50_000 : undefined);
    first = false;
    return true;
  });
  const [file] = await get();
  expect(readFileSync(file as string)).toEqual(content);
});

it('waits as long as the Hub asks for, and repeats what may succeed later', async () => {
  const refusals = [
    [429, { 'retry-after': '0' }],
    [503, {}],
  ] as const;
  let at = 0;
  hub.fault = ({ url }, response) => {
    const refusal = url.includes('/revision/') ? refusals[at++] : undefined;
    if (refusal) refuse(response, refusal[0], null, refusal[1]);
    return refusal !== undefined;
  };
  expect(await get()).toHaveLength(1);
  expect(at).toBe(3);
});

it('a file in the cache of the Hub’s own tools is used from there', async () => {
  const repo = join(folder, 'hf/hub/models--someone--model');
  const blob = createHash('sha256').update(content).digest('hex');
  mkdirSync(join(repo, 'blobs'), { recursive: true });
  mkdirSync(join(repo, 'snapshots', hub.commit, 'weights'), { recursive: true });
  writeFileSync(join(repo, 'blobs', blob), content);
  symlinkSync(`../../../blobs/${blob}`, join(repo, 'snapshots', hub.commit, path));
  expect(await get()).toEqual([join(repo, 'snapshots', hub.commit, path)]);
  expect(hub.fetched('base.pt')).toEqual([]);
  expect(lying()).toEqual([]);
});

const answers = (status: number, code: string | null, more = {}): Fault => {
  return (_, response) => {
    refuse(response, status, code, more);
    return true;
  };
};
const instead = (bytes: Buffer | string, headers: Record<string, string> = {}): Fault =>
  bytesOf((_, response) => {
    response.writeHead(200, headers).end(bytes);
    return true;
  });

it.each<[string, Fault, RegExp, RegExp]>([
  [
    'no such repository',
    answers(401, 'RepoNotFound'),
    /There is no repository someone\/model that your token may read/,
    /name/,
  ],
  ['gated', answers(403, 'GatedRepo'), /only to people who accepted its terms/, /Accept them on its page/],
  ['forbidden', answers(403, null), /only to people who accepted its terms/, /Accept/],
  ['no such revision', answers(404, 'RevisionNotFound'), /has no revision main/, /name/],
  ['too many requests', answers(429, null, { 'retry-after': '3600' }), /asks to be left alone/, /some minutes/],
  ['too many requests, again and again', answers(429, null), /asks to be left alone/, /some minutes/],
  ['a fault of the Hub', answers(502, null), /problem of its own \(502\)/, /later/],
  ['something else', answers(418, null), /refused .*418/, /Check/],
  [
    'not the Hub',
    (_, response) => Boolean(response.writeHead(200).end('<html>Log in</html>')),
    /not an answer of the Hub/,
    /login/,
  ],
  [
    'a circle',
    ({ url }, response) => Boolean(response.writeHead(302, { location: url }).end()),
    /in a circle/,
    /later/,
  ],
  ['a file that went', bytesOf(answers(404, 'EntryNotFound')), /has no file weights\/base\.pt/, /--file/],
  ['a wrong digest', instead(Buffer.alloc(content.length)), /arrived damaged/, /again/],
  ['a wrong length', instead('short', { 'content-length': '5' }), /another length/, /again/],
  ['a web page', instead('<html>', { 'content-type': 'text/html' }), /A web page came instead/, /login/],
  [
    'an end that does not come',
    bytesOf((_, response) => {
      response.writeHead(200);
      const more = (): void =>
        void (response.destroyed || response.write(Buffer.alloc(100_000), () => setImmediate(more)));
      more();
      return true;
    }),
    /does not end where/,
    /again/,
  ],
  [
    'a connection that is cut again and again',
    bytesOf(({ range }, response, bytes) => {
      serve(response, bytes as Buffer, range, Number(/\d+/.exec(range ?? '')?.[0]));
      return true;
    }),
    /breaks again and again/,
    /goes on where it stopped/,
  ],
])('%s has its sentence, and leaves nothing that looks whole', async (_, fault, message, hint) => {
  hub.fault = fault;
  const error = (await get().then(
    () => null,
    (thrown) => thrown,
  )) as ThroughlineError;
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
  expect(`${error.message} ${error.hint}`).not.toContain('hf_secret');
  expect(lying().filter((name) => !name.endsWith('.part'))).toEqual([]);
});

it('silence counts as a cut connection', async () => {
  hub.fault = bytesOf(() => true);
  const impatient = { ...patience, silenceMs: 50, attempts: 2 };
  await expect(get([path], { patience: impatient })).rejects.toThrow(/cannot be reached/);
});

it('asks for room on the disk before anything is fetched', async () => {
  await expect(get([path], { freeBytes: () => 1000 })).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringContaining('0.0 GB are free'),
  });
  expect(hub.fetched('base.pt')).toEqual([]);
});

it('a Hub that cannot be reached is told as that', async () => {
  const wanted = [{ repository, file: path }];
  const endpoint = { ...options().endpoint, url: 'http://127.0.0.1:9' };
  await expect(planFetch(wanted, downloads(), { ...options(), endpoint })).rejects.toThrow(/cannot be reached/);
});

it('takes the weights and the tokenizer where no file is named, and no path that leaves its folder', async () => {
  hub.files.set(`${repository}:README.md`, Buffer.from('words'));
  expect((await modelFilesOf(repository, options())).map(({ file }) => file).sort()).toEqual(['tokenizer.json', path]);
  hub.files.set(`${repository}:../../outside.pt`, content);
  await expect(get(['../../outside.pt'])).rejects.toThrow(/not an answer of the Hub/);
});

it.each(['model', 'a/b/c', '../b', 'a/..', 'a/b@', 'a/b@x y', 'a/b@../c', 'https://a/b'])(
  '%s names no repository',
  (text) => {
    expect(() => parseRepository(text)).toThrow(/does not name a repository/);
  },
);

it.each(['http://example.org', 'ftp://example.org', 'nonsense'])('HF_ENDPOINT=%s is refused', (url) => {
  expect(() => hubEndpoint({ HF_ENDPOINT: url }, folder)).toThrow(/HF_ENDPOINT/);
});

it('reads the token of a login', () => {
  mkdirSync(join(folder, 'hf'), { recursive: true });
  writeFileSync(join(folder, 'hf/token'), 'hf_file\n');
  expect(hubEndpoint({ HF_HOME: join(folder, 'hf') }, folder).token).toBe('hf_file');
  expect(hubEndpoint({ HF_HOME: join(folder, 'hf'), HF_TOKEN: 'hf_named' }, folder).token).toBe('hf_named');
  expect(hubEndpoint({}, folder).token).toBeNull();
});
