import { cpSync, existsSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf, openModelFolder } from '../model/model-folder.ts';
import { digestWithoutReading } from './kept-digests.ts';

const tinyModel = join(import.meta.dirname, '../../../../tests/fixtures/reference-small');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-digests-'));
  cpSync(tinyModel, join(folder, 'model'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const kept = () => join(folder, 'graphs/digests.json');
const model = () => openModelFolder(join(folder, 'model'));

test('a digest is the same whether the weights are read or not, and is kept', async () => {
  const digest = await digestOf(model());
  expect(await digestWithoutReading(model(), kept())).toBe(digest);
  expect(existsSync(kept())).toBe(true);
  // Only what is kept can say this one: the weights were not read again.
  writeFileSync(kept(), readFileSync(kept(), 'utf8').replaceAll(digest, 'a'.repeat(64)));
  linkSync(join(folder, 'model/dit.safetensors'), join(folder, 'beside-the-graphs'));
  expect(await digestWithoutReading(model(), kept())).toBe('a'.repeat(64));
});

test('weights that were changed are another model', async () => {
  const before = await digestWithoutReading(model(), kept());
  const file = join(folder, 'model/dit.safetensors');
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  rmSync(file);
  writeFileSync(file, bytes);
  const after = await digestWithoutReading(model(), kept());
  expect(after).toBe(await digestOf(model()));
  expect(after).not.toBe(before);
});

test('what is kept may be anything', async () => {
  const digest = await digestOf(model());
  for (const text of ['', '{', '[]', '{"version":1,"models":[{}]}', '{"version":2}']) {
    await digestWithoutReading(model(), kept());
    writeFileSync(kept(), text);
    expect(await digestWithoutReading(model(), kept())).toBe(digest);
  }
});
