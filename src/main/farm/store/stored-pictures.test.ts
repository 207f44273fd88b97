import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeS3 } from '../../../../tests/fakes/fake-s3.ts';
import type { ArtifactStore } from './artifact-store.ts';
import { openArtifactStore } from './open-store.ts';
import { encodePicture } from './picture-format.ts';
import { StoredPictures } from './stored-pictures.ts';

const wanted = { asset: 'ab'.repeat(32), width: 6, height: 4 };
const pixels = Uint8Array.from({ length: 6 * 4 * 3 }, (_, i) => i * 3);
const whole = encodePicture(wanted, pixels);
const name = `pictures/6x4/ab/${wanted.asset}.picture`;

let folder: string;
let s3: FakeS3;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-pictures-'));
  s3 = await FakeS3.start('films');
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3.user);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await s3.stop();
  rmSync(folder, { recursive: true });
});

/** The same bytes with some changed, and the digest at the end made to fit. */
function forged(change: (content: Buffer) => unknown): Buffer {
  const content = Buffer.from(whole.subarray(0, -32));
  change(content);
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
}

const strange: readonly [string, Uint8Array, string][] = [
  ['no picture', Buffer.from('GIF89a'), 'it is no picture of Throughline'],
  ['nothing', new Uint8Array(), 'it is no picture of Throughline'],
  ['half of one', whole.subarray(0, -1), 'it is cut short or was altered'],
  ['an altered one', whole.map((value, i) => (i === 60 ? value ^ 1 : value)), 'it is cut short or was altered'],
  ['a newer one', forged((bytes) => bytes.writeUInt8(2, 6)), 'it is of version 2, and this program knows 1'],
  ['another', encodePicture({ ...wanted, asset: 'cd'.repeat(32) }, pixels), 'it is another picture'],
  [
    'one of another size',
    encodePicture({ ...wanted, width: 4, height: 6 }, pixels),
    'it is cut to 4x6, and this model looks at 6x4',
  ],
  ['one that lies of its size', forged((bytes) => bytes.writeUInt32LE(2 ** 31, 39)), 'it is cut to 2147483648x4'],
  ['one with more in it', Buffer.concat([whole, whole]), 'and has to have'],
];

describe.each(['a folder', 'a bucket'])('in %s', (kind) => {
  let store: ArtifactStore;
  let pictures: StoredPictures;
  const refused: string[] = [];
  const plant = (bytes: Uint8Array): void => {
    if (kind === 'a bucket') {
      s3.objects.set(`team/${name}`, Buffer.from(bytes));
      return;
    }
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  };
  const find = () => pictures.find(wanted, ({ message }) => refused.push(message));
  beforeEach(async () => {
    refused.length = 0;
    store = await openArtifactStore(kind === 'a folder' ? folder : `s3://films/team?endpoint=${s3.endpoint}`);
    pictures = new StoredPictures(store);
  });

  test('a picture is written once, and read as it was; for another size it is another', async () => {
    expect([await pictures.has(wanted), await find()]).toEqual([false, null]);
    expect(await pictures.write(wanted, pixels)).toBe(true);
    expect(await pictures.write(wanted, pixels)).toBe(false);
    expect([await pictures.has(wanted), await find()]).toEqual([true, pixels]);
    const larger = { ...wanted, width: 12 };
    expect([await pictures.has(larger), await pictures.find(larger, () => {})]).toEqual([false, null]);
    expect(refused).toEqual([]);
  });

  test.each(strange)('%s is refused with a sentence, counts as missing, and is replaced', async (_, bytes, why) => {
    plant(bytes);
    expect(await find()).toBe(null);
    expect(refused).toEqual([expect.stringContaining(why)]);
    expect(refused[0]).toMatch(/^A picture from the farm was refused \(.*, picture abababababab\): /);
    expect(await pictures.write(wanted, pixels)).toBe(true);
    expect(await find()).toEqual(pixels);
  });

  test('one that is too large is not read', async () => {
    plant(whole);
    if (kind === 'a folder')
      truncateSync(join(folder, name), 2 ** 40); // a hole: takes no room
    else s3.claimedSize = 2 ** 40;
    expect(await find()).toBe(null);
    expect(refused).toEqual([expect.stringContaining(`it has ${2 ** 40} bytes, and has to have ${whole.length}`)]);
  });
});
