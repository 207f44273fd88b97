import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { PromptTokenizer } from './tokenizer.ts';

const file = fileURLToPath(new URL('../../../../tests/fixtures/reference-small/tokenizer.json', import.meta.url));
const tokenizer = PromptTokenizer.open(file, 8);
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
  const attempt = (): unknown => PromptTokenizer.open(broken, 8);
  expect(attempt).toThrow(says);
  expect(attempt).toThrow(expect.objectContaining({ code: 'model-inconsistent' }));
});
