import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint } from '../../src/main/engine/checkpoints/containers/index.ts';
import { elementCount, readWhole } from '../../src/main/engine/checkpoints/stored-tensor.ts';
import { geometryOf, parseModelConfig } from '../../src/main/engine/model/config.ts';
import { readSafetensors } from '../../src/main/engine/model/safetensors.ts';
import { PromptTokenizer } from '../../src/main/engine/model/tokenizer/index.ts';
import { Vocabulary } from '../../src/main/studio/words/vocabulary.ts';
import { jsonBytes, type Parser, textOf } from './parser.ts';

const root = join(import.meta.dirname, '../..');
const model = join(root, 'tests/fixtures/reference-small');
const file = (name: string) => new Uint8Array(readFileSync(join(model, name)));

/** A file with a header and as many bytes of data as it says. */
function safetensors(): Uint8Array {
  const header = jsonBytes({
    __metadata__: { format: 'pt' },
    'a.weight': { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
    'a.bias': { dtype: 'BF16', shape: [4], data_offsets: [24, 32] },
  });
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return Uint8Array.of(...length, ...header, ...new Uint8Array(32));
}

const prompts = ['A red cat sits in the meadow.', '', '  ', '🦊 \u202E e\u0301', 'x'.repeat(3000), '<unk> </s> <pad>'];

/** A tokenizer whose vocabulary is small, so that its structure is what changes. */
function smallTokenizer(): Uint8Array {
  const tokenizer = JSON.parse(textOf(file('tokenizer.json')));
  const vocabulary = tokenizer.model?.vocab;
  if (Array.isArray(vocabulary)) tokenizer.model.vocab = vocabulary.slice(0, 60);
  else if (vocabulary) tokenizer.model.vocab = Object.fromEntries(Object.entries(vocabulary).slice(0, 60));
  return jsonBytes(tokenizer);
}

const containers = join(root, 'tests/fixtures/containers');
const containersEnding = (...endings: string[]) =>
  readdirSync(containers)
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => new Uint8Array(readFileSync(join(containers, name))))
    .filter(({ length }) => length <= largestSample);
/** Of checkpoints: what is tried is how they are laid out, not their weights. */
const largestSample = 100_000;

/** Reads the tables of a checkpoint, and some of its smaller tensors. */
function checkpoint(name: string, kind: Parser['kind'], corpus: Parser['corpus']): Parser {
  return {
    name,
    kind,
    corpus,
    read: async (input, folder) => {
      const path = join(folder, 'x.pt');
      writeFileSync(path, input);
      const opened = openCheckpoint(path);
      try {
        for (const { tensor } of opened.entries.slice(0, 20)) {
          if (elementCount(tensor.shape) <= 10_000) await readWhole(tensor);
        }
      } finally {
        opened.dispose();
      }
    },
  };
}

export const modelParsers: readonly Parser[] = [
  checkpoint('torch-checkpoint', 'bytes', () => containersEnding('.pt', '.pth')),
  checkpoint('safetensors-checkpoint', 'bytes', () => [safetensors(), ...containersEnding('.safetensors')]),
  checkpoint('shard-index', 'json', () => containersEnding('.index.json')),
  {
    name: 'safetensors',
    kind: 'bytes',
    corpus: () => [safetensors()],
    read: (input, folder) => {
      const path = join(folder, 'x.safetensors');
      writeFileSync(path, input);
      for (const entry of readSafetensors(path).values()) {
        const inside = entry.offsetBytes >= 0 && entry.offsetBytes + entry.sizeBytes <= input.length;
        if (!inside) throw new Error(`${entry.name} lies outside of its file`);
      }
    },
  },
  {
    name: 'model-config',
    kind: 'json',
    corpus: () => [
      file('config.json'),
      new Uint8Array(readFileSync(join(root, 'resources/models/animatic/config.json'))),
    ],
    read: (input) => {
      geometryOf(parseModelConfig(textOf(input), 'config.json'));
    },
  },
  {
    name: 'tokenizer',
    kind: 'json',
    corpus: () => [smallTokenizer()],
    read: (input, folder) => {
      const path = join(folder, 'tokenizer.json');
      writeFileSync(path, input);
      const tokenizer = PromptTokenizer.open(path, { textLength: 64, maxTokens: 32 });
      for (const prompt of prompts) {
        const { ids } = tokenizer.encode(prompt);
        if (ids.length !== 64 || !ids.every(Number.isInteger)) throw new Error(`ids are ${ids.join()}`);
      }
    },
  },
  {
    name: 'vocabulary',
    kind: 'json',
    corpus: () => [
      jsonBytes({
        words: [
          { word: 'cat', part: 'noun', group: 'character', synonyms: ['kitten'] },
          { word: 'red', part: 'adjective', group: 'colour' },
        ],
      }),
    ],
    read: (input, folder) => {
      writeFileSync(join(folder, 'vocabulary.json'), input);
      const vocabulary = Vocabulary.open(folder);
      for (const prompt of prompts) vocabulary.check(prompt);
    },
  },
];
