import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { parseModelConfig } from '../config.ts';
import { PromptTokenizer } from './index.ts';

const file = fileURLToPath(new URL('../../../../../tests/fixtures/reference-small/tokenizer.json', import.meta.url));
const tokenizer = PromptTokenizer.open(file, { textLength: 8 });
const end = 1;
const unknown = 2;

it('encodes, ends with </s>, and pads with 0', () => {
  const { ids, length, words } = tokenizer.encode('a red cat');
  expect(ids).toEqual([14, 7, 5, end, 0, 0, 0, 0]);
  expect(length).toBe(4);
  expect(words.map(({ text, tokens }) => [text, ...tokens])).toEqual([
    ['a', 0],
    ['red', 1],
    ['cat', 2],
  ]);
});

it('collapses white space and ignores case', () => {
  expect(tokenizer.encode('  A \t Red\n\ncat ')).toEqual(tokenizer.encode('a red cat'));
});

it('keeps words it does not know, marked', () => {
  const { ids, words } = tokenizer.encode('a purple cat');
  expect(ids.slice(0, 4)).toEqual([14, unknown, 5, end]);
  expect(words.map(({ known }) => known)).toEqual([true, false, true]);
  expect(words[1]?.text).toBe('purple');
});

it('cuts a prompt that is too long, the last token still </s>', () => {
  const { ids, length, words } = tokenizer.encode('a red cat walks in the meadow at night');
  expect(ids).toEqual([14, 7, 5, 10, 16, 15, 3, end]);
  expect(length).toBe(8);
  expect(words.map(({ text }) => text)).toEqual(['a', 'red', 'cat', 'walks', 'in', 'the', 'meadow']);
});

it('cuts a prompt at the most tokens that a model takes, and pads it', () => {
  const { ids, length } = PromptTokenizer.open(file, { textLength: 8, maxTokens: 7 }).encode(
    'a red cat walks in the meadow at night',
  );
  expect(ids).toEqual([14, 7, 5, 10, 16, 15, end, 0]);
  expect(length).toBe(7);
});

it('leaves padding after the longest prompt of the built-in model, without which it draws confetti', () => {
  const folder = fileURLToPath(new URL('../../../../../resources/models/animatic/', import.meta.url));
  const { textLength, maxTokens } = parseModelConfig(readFileSync(`${folder}config.json`, 'utf8'), folder).text;
  const { ids } = PromptTokenizer.open(`${folder}tokenizer.json`, { textLength, maxTokens }).encode(
    'a red cat '.repeat(20),
  );
  expect(ids).toHaveLength(textLength);
  expect(ids.at(-2)).toBe(end);
  expect(ids.at(-1)).toBe(0);
});

it('makes of an empty prompt the end token alone', () => {
  expect(tokenizer.encode(' \n')).toMatchObject({ ids: [end, 0, 0, 0, 0, 0, 0, 0], length: 1, words: [] });
});

it.each([
  ['{}', /not a usable tokenizer/],
  ['not json', /not a usable tokenizer/],
])('refuses %s as a tokenizer', (content, says) => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const broken = join(folder, 'tokenizer.json');
  writeFileSync(broken, content);
  const attempt = (): unknown => PromptTokenizer.open(broken, { textLength: 8 });
  expect(attempt).toThrow(says);
  expect(attempt).toThrow(expect.objectContaining({ code: 'model-inconsistent' }));
});

it.each<[string, (json: ReturnType<typeof JSON.parse>) => void]>([
  ['words without numbers', (json) => (json.model.vocab.cat = 'five')],
  ['a negative id', (json) => (json.model.vocab.cat = -1)],
  ['a vocabulary that is a list', (json) => (json.model.vocab = ['a', 'cat'])],
  ['a normaliser of no kind', (json) => (json.normalizer = { type: 'Nothing' })],
  ['a way to split of no kind', (json) => (json.pre_tokenizer = { type: 'Nothing' })],
  ['a model of another kind', (json) => (json.model.type = 'Nothing')],
  [
    'an end token that is gone',
    (json) => {
      json.added_tokens = json.added_tokens.filter((t: { id: number }) => t.id !== 1);
      delete json.model.vocab['</s>'];
    },
  ],
])('refuses a damaged tokenizer when it is opened: %s', (_, damage) => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const json = JSON.parse(readFileSync(file, 'utf8'));
  damage(json);
  const broken = join(folder, 'tokenizer.json');
  writeFileSync(broken, JSON.stringify(json));
  const attempt = (): unknown => PromptTokenizer.open(broken, { textLength: 8, vocabSize: 64 });
  expect(attempt).toThrow(/is not a usable tokenizer/);
  expect(attempt).toThrow(expect.objectContaining({ code: 'model-inconsistent' }));
});
