import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { artifactOf, plannedChunks } from '../../../../tests/fakes/chunk-artifacts.ts';
import { fakeInfo } from '../../../../tests/fakes/fake-engine.ts';
import { FakeS3 } from '../../../../tests/fakes/fake-s3.ts';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { PlannedChunk } from '../../../shared/recipes.ts';
import { decodeArtifact, encodeArtifact, largestArtifactBytes } from './artifact-format.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { Artifacts } from './artifacts.ts';
import { openArtifactStore } from './open-store.ts';

const identity = { model: fakeInfo, deviceClass: 'cpu-x64' };
const [first, second] = plannedChunks(2) as [PlannedChunk, PlannedChunk];
const whole = encodeArtifact(artifactOf(first), 'cpu-x64');
const wanted = { key: first.key, ...identity };

let folder: string;
let s3: FakeS3;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-store-'));
  s3 = await FakeS3.start('films');
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3.user);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await s3.stop();
  rmSync(folder, { recursive: true });
});

const refusal = (bytes: Uint8Array, what: Partial<typeof wanted> = {}): string => {
  try {
    decodeArtifact(bytes, { ...wanted, ...what }, 'here');
    return 'taken';
  } catch (error) {
    if (error instanceof ThroughlineError && error.code === 'bad-artifact') return error.message;
    throw error;
  }
};

/** The same bytes with some changed, and the digest at the end made to fit. */
function forged(change: (content: Buffer) => unknown): Buffer {
  const before = Buffer.from(whole.subarray(0, -32));
  const changed = change(before);
  const content = Buffer.isBuffer(changed) ? changed : before;
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
}

/** An artifact whose description is whatever is given. */
function described(header: Uint8Array, latents = Buffer.alloc(48)): Buffer {
  const fixed = Buffer.from(whole.subarray(0, 12));
  fixed.writeUInt32LE(header.length, 8);
  return forged(() => Buffer.concat([fixed, header, latents]));
}

describe('what arrives', () => {
  test('is what was sent, to the bit', () => {
    expect(decodeArtifact(whole, wanted, 'here')).toEqual(artifactOf(first));
  });

  test('is refused with a sentence that says why', () => {
    const start = 'A chunk from the farm was refused (here): ';
    expect(refusal(Buffer.from('GIF89a, a picture of somebody else'))).toBe(`${start}it is no chunk of Throughline.`);
    expect(refusal(whole.subarray(0, whole.length - 1))).toBe(`${start}it is cut short or was altered.`);
    expect(refusal(whole.subarray(0, 9))).toBe(`${start}it is cut short or was altered.`);
    expect(refusal(new Uint8Array())).toBe(`${start}it is no chunk of Throughline.`);
    expect(refusal(forged((bytes) => void bytes.writeUInt8(2, 7)))).toContain('of version 2');
    expect(refusal(forged((bytes) => void bytes.writeUInt32LE(2 ** 31, 8)))).toContain('lengths contradict');
    expect(refusal(forged((bytes) => void bytes.writeFloatLE(3.5, bytes.length - 4)))).toContain('not those it names');
    expect(refusal(whole, { key: second.key })).toContain('of another chunk');
    expect(refusal(whole, { model: { ...fakeInfo, digest: '0'.repeat(64) } })).toContain('another model made it');
    expect(refusal(whole, { deviceClass: 'webgpu-x64' })).toContain('made on cpu-x64, and webgpu-x64 was asked for');
    expect(refusal(described(deflateSync('{"key": 3}')))).toContain('its description is wrong at key');
    expect(refusal(described(Buffer.from('not deflated')))).toContain('its description cannot be read');
    expect(refusal(described(deflateSync(Buffer.alloc(64 * 2 ** 20))))).toContain('its description cannot be read');
    expect(refusal(Buffer.alloc(largestArtifactBytes + 1))).toContain('no chunk has more than');
    const infinite = artifactOf(first);
    infinite.latents[3] = Number.POSITIVE_INFINITY;
    expect(refusal(encodeArtifact(infinite, 'cpu-x64'))).toContain('what is no number');
    const strange = { ...artifactOf(first), record: { version: 1 } } as unknown as Parameters<typeof encodeArtifact>[0];
    expect(refusal(encodeArtifact(strange, 'cpu-x64'))).toContain('its record cannot be read');
    const claimed = { ...artifactOf(second), key: first.key };
    expect(refusal(encodeArtifact(claimed, 'cpu-x64'))).toContain('of another chunk');
  });

  test('however it was altered, it is refused or the same', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, sealed) => {
        const change = (bytes: Buffer): void => void bytes.writeUInt8((bytes[at] as number) ^ flip, at);
        if (sealed && at < whole.length - 32) {
          // A forger who knows the format: refused, or only words of no account differ.
          expect(refusal(forged(change))).toMatch(/^(A chunk from the farm was refused|taken)/);
          return;
        }
        const bytes = Buffer.from(whole);
        change(bytes);
        expect(refusal(bytes)).toMatch(/^A chunk from the farm was refused/);
      }),
    );
  });
});

describe.each(['a folder', 'a bucket', 'a bucket of a server that knows no conditions'])('in %s', (kind) => {
  let store: ArtifactStore;
  /** Puts bytes where a chunk lies, past all checks. */
  const plant = (bytes: Uint8Array): void => {
    const name = `chunks/cpu-x64/${first.key.slice(0, 2)}/${first.key}.chunk`;
    if (kind !== 'a folder') {
      s3.objects.set(`team/${name}`, Buffer.from(bytes));
      return;
    }
    mkdirSync(join(folder, 'store', name, '..'), { recursive: true });
    writeFileSync(join(folder, 'store', name), bytes);
  };
  beforeEach(async () => {
    s3.refusesConditions = kind.includes('no conditions');
    const place = kind === 'a folder' ? join(folder, 'store') : `s3://films/team?endpoint=${s3.endpoint}`;
    store = await openArtifactStore(place);
    await store.check();
  });

  test('a chunk is written once, and read as it was', async () => {
    const artifacts = new Artifacts(store, identity);
    expect(await artifacts.read(first.key)).toBe(null);
    expect(await artifacts.write(artifactOf(first))).toBe(true);
    expect(await artifacts.write({ ...artifactOf(first), elapsedMs: 99 })).toBe(false);
    expect(await artifacts.read(first.key)).toEqual(artifactOf(first));
    const elsewhere = new Artifacts(store, { ...identity, deviceClass: 'webgpu-x64' });
    expect(await elsewhere.read(first.key)).toBe(null);
  });

  test('one that is damaged is refused, counts as missing, and is replaced by a whole one', async () => {
    const artifacts = new Artifacts(store, identity);
    plant(whole.subarray(0, 100));
    await expect(artifacts.read(first.key)).rejects.toThrow('cut short or was altered');
    const refused: string[] = [];
    expect(await artifacts.find(first.key, ({ message }) => refused.push(message))).toBe(null);
    expect(refused).toHaveLength(1);
    expect(await artifacts.write(artifactOf(first))).toBe(true);
    expect(await artifacts.read(first.key)).toEqual(artifactOf(first));
  });

  test('one that is too large is not read', async () => {
    const artifacts = new Artifacts(store, identity);
    plant(whole);
    if (kind === 'a folder') {
      const { name, parentPath } = readdirSync(join(folder, 'store'), { recursive: true, withFileTypes: true }).find(
        (entry) => entry.isFile(),
      ) as { name: string; parentPath: string };
      truncateSync(join(parentPath, name), 2 ** 40); // a hole: takes no room
    } else s3.claimedSize = 2 ** 40;
    await expect(artifacts.read(first.key)).rejects.toThrow(`it has ${2 ** 40} bytes`);
  });
});

test('a folder is written whole: nothing but chunks lies there', async () => {
  const store = await openArtifactStore(folder);
  await new Artifacts(store, identity).write(artifactOf(first));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toEqual([`${first.key}.chunk`]);
  expect(readFileSync(join(files[0]?.parentPath ?? '', files[0]?.name ?? ''))).toEqual(Buffer.from(whole));
});

test('a folder that cannot be used says what to do', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect((await openArtifactStore(join(folder, 'file'))).check()).rejects.toThrow(
    /folder .* cannot be used \(EEXIST\)/,
  );
});

test('addresses that are no store', async () => {
  const message = (text: string) =>
    openArtifactStore(text).then(
      () => 'taken',
      (error: Error) => error.message,
    );
  expect(await message('')).toBe('The store of the farm has no name.');
  expect(await message('http://films')).toBe('http:// is no store that Throughline knows.');
  expect(await message('s3://me:secret@films')).toBe('The address of a bucket must not hold a password.');
  expect(await message('s3://films?endpoint=file:///etc')).toContain('endpoint takes an http or https address');
});
