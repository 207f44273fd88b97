/**
 * Makes the pictures of words that the built-in model's folder carries for prompt help: each word in a plain sentence, one
 * chunk, seed 1. To be run again whenever the weights change: `npm run make:word-pictures`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas, ImageData } from '@napi-rs/canvas';
import { EngineClient } from '../src/main/engine/client.ts';
import { modelFolderDigest } from '../src/main/studio/project/sample-project.ts';
import { appFolders } from '../src/main/studio/settings/app-folders.ts';
import { wordPictureFiles } from '../src/main/studio/words/word-pictures.ts';

/** Of a picture in the sheet, in pixels. */
const [width, height] = [80, 48];
/** Of the first chunk, where a doing can be seen. */
const shownFrame = 5;
const seed = 1;
const quality = 80;
const atPlace: Readonly<Record<string, string>> = { beach: 'on', moon: 'on', farm: 'on' };
/** Of each group that can be seen, the sentence that shows a word of it, and which words are shown where not all are. */
const sentences: Readonly<
  Record<string, { readonly of: (word: string) => string; readonly only?: readonly string[] }>
> = {
  character: {
    of: (word) => `A ${word} stands in the meadow.`,
    only: ['cat', 'dog', 'rabbit', 'bear', 'robot', 'duck', 'frog', 'fox'],
  },
  colour: { of: (word) => `${word === 'orange' ? 'An' : 'A'} ${word} cat stands in the meadow.` },
  accessory: { of: (word) => `A close-up of a white cat with a red ${word} in the meadow.` },
  action: { of: (word) => `A red cat ${word} in the meadow.` },
  place: {
    of: (word) => `A red cat stands ${atPlace[word] ?? 'in'} the ${word}.`,
    only: ['meadow', 'forest', 'beach', 'desert', 'snow', 'city', 'room', 'moon', 'kitchen', 'farm'],
  },
  time: {
    of: (word) => `A red cat stands in the city ${word === 'night' || word === 'sunset' ? 'at' : 'by'} ${word}.`,
    only: ['day', 'night', 'sunset'],
  },
  weather: { of: () => 'A red cat stands in the meadow in the rain.', only: ['rain'] },
  size: {
    of: (word) =>
      word === 'wide' ? 'A wide shot of a red cat in the meadow.' : 'A close-up of a red cat in the meadow.',
    only: ['wide', 'close'],
  },
};

const { modelFolder } = appFolders();
const vocabulary: { words: { word: string; group: string; synonyms: string[] }[] } = JSON.parse(
  readFileSync(join(modelFolder, 'vocabulary.json'), 'utf8'),
);
const shown: { readonly word: string; readonly prompt: string }[] = [];
const alike = new Set<string>();
for (const { word, group, synonyms } of vocabulary.words) {
  const sentence = sentences[group];
  if (!sentence || alike.has(word) || (sentence.only && !sentence.only.includes(word))) continue;
  for (const other of [word, ...synonyms]) alike.add(other);
  shown.push({ word, prompt: sentence.of(word) });
}

const folder = mkdtempSync(join(tmpdir(), 'throughline-words-'));
const engine = await EngineClient.start({
  ...{ modelFolder, device: 'cpu', threads: 2, cacheFile: join(folder, 'states.sqlite'), latentsOf: () => null },
});
const sheet = createCanvas(width, height * shown.length);
try {
  const { info } = engine;
  const context = sheet.getContext('2d');
  context.imageSmoothingQuality = 'high';
  for (const [i, { word, prompt }] of shown.entries()) {
    const { frames } = await engine.renderChunk({
      key: `word/${i}`,
      recipe: {
        ...{ chunkIndex: 0, prompt, seed, transition: 'continue', sampler: info.sampler, memory: info.memory },
      },
      ancestors: [],
    });
    const { width: from, height: high } = info.video;
    const pixels = new Uint8ClampedArray(from * high * 4).fill(255);
    const offset = shownFrame * from * high * 3;
    for (let pixel = 0; pixel < from * high; pixel++)
      for (let channel = 0; channel < 3; channel++)
        pixels[pixel * 4 + channel] = frames[offset + pixel * 3 + channel] as number;
    const picture = createCanvas(from, high);
    picture.getContext('2d').putImageData(new ImageData(pixels, from, high), 0, 0);
    context.drawImage(picture, 0, i * height, width, height);
    console.log(`${i + 1} of ${shown.length}: ${word}: ${prompt}`);
  }
} finally {
  await engine.dispose();
  rmSync(folder, { recursive: true, force: true });
}
const words = shown.map(({ word }) => word);
writeFileSync(join(modelFolder, wordPictureFiles.sheet), await sheet.encode('webp', quality));
writeFileSync(
  join(modelFolder, wordPictureFiles.words),
  `${JSON.stringify({ model: await modelFolderDigest(modelFolder), width, height, words })}\n`,
);
