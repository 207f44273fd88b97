import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadImage } from '@napi-rs/canvas';
import { expect, test } from 'vitest';
import { modelFolderDigest } from '../project/sample-project.ts';
import { appFolders } from '../settings/app-folders.ts';
import { Vocabulary } from './vocabulary.ts';
import { readWordPictures, wordPictureFiles } from './word-pictures.ts';

test('the built-in model shows its words, as its own weights draw them', async () => {
  const { modelFolder } = appFolders();
  const pictures = readWordPictures(modelFolder);
  if (!pictures) throw new Error('There are none: npm run make:word-pictures');
  const { model } = JSON.parse(readFileSync(join(modelFolder, wordPictureFiles.words), 'utf8'));
  expect(model, 'out of date: npm run make:word-pictures').toBe(await modelFolderDigest(modelFolder));
  const known = new Set(Vocabulary.open(modelFolder).words.map(({ word }) => word));
  expect(pictures.words.filter((word) => !known.has(word))).toEqual([]);
  expect(pictures.words).toEqual(expect.arrayContaining(['cat', 'meadow', 'red', 'waves', 'night', 'hat']));
  const sheet = await loadImage(Buffer.from(pictures.sheet.split(',')[1] as string, 'base64'));
  expect([sheet.width, sheet.height]).toEqual([pictures.width, pictures.height * pictures.words.length]);
});

test('a folder without pictures, with half of them or with others than a list of words has none', () => {
  const half = mkdtempSync(join(tmpdir(), 'word-pictures-'));
  try {
    expect(readWordPictures(join(half, 'nowhere'))).toBeNull();
    writeFileSync(
      join(half, wordPictureFiles.words),
      JSON.stringify({ model: '', width: 8, height: 8, words: ['cat'] }),
    );
    expect(readWordPictures(half)).toBeNull();
    writeFileSync(join(half, wordPictureFiles.sheet), Buffer.alloc(5_000_000));
    expect(readWordPictures(half)).toBeNull();
    writeFileSync(join(half, wordPictureFiles.sheet), Buffer.alloc(10));
    expect(readWordPictures(half)?.words).toEqual(['cat']);
    writeFileSync(join(half, wordPictureFiles.words), '{"words": 3}');
    expect(readWordPictures(half)).toBeNull();
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
});
