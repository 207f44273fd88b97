import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PromptTokenizer } from './index.ts';
import { UnigramTokenizer } from './unigram.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../../tests/fixtures/tokenizers/${name}`, import.meta.url));
const read = (name: string): ReturnType<typeof JSON.parse> => JSON.parse(readFileSync(fixture(name), 'utf8'));

describe.each(['unigram', 'unigram-bytes'])('%s: the ids that SentencePiece gives', (name) => {
  const tokenizer = new UnigramTokenizer(read(`${name}.tokenizer.json`));
  const expected: { text: string; ids: number[] }[] = read(`${name}.expected.json`);
  it.each(expected)('$text', ({ text, ids }) => {
    expect([...tokenizer.encode(text).map(({ id }) => id), tokenizer.endId]).toEqual(ids);
  });
  it('has texts to compare', () => expect(expected.length).toBeGreaterThan(10));
});

it('shows the words of tokens, bytes as the characters they spell', () => {
  const tokenizer = PromptTokenizer.open(fixture('unigram-bytes.tokenizer.json'), { textLength: 32 });
  const { words, length } = tokenizer.encode('The caf\u00e9 \u{1f431}!');
  expect(words.map(({ text, known }) => [text, known])).toEqual([
    ['The', true],
    ['caf\u00e9', true],
    ['\u{1f431}!', true],
  ]);
  expect(words.flatMap(({ tokens }) => tokens)).toEqual(Array.from({ length: length - 1 }, (_, i) => i));
});

it('marks a word with unknown characters where there are no bytes', () => {
  const tokenizer = PromptTokenizer.open(fixture('unigram.tokenizer.json'), { textLength: 32 });
  expect(tokenizer.encode('the caf\u00e9').words.map(({ text, known }) => [text, known])).toEqual([
    ['the', true],
    ['caf\u00e9', false],
  ]);
});

it('reads a special token in the text as that token', () => {
  const tokenizer = new UnigramTokenizer(read('unigram.tokenizer.json'));
  const ids = tokenizer.encode('the</s>the').map(({ id }) => id);
  const the = tokenizer.encode('the')[0]?.id;
  expect(ids).toEqual([the, tokenizer.endId, the]);
});

const small = {
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', prepend_scheme: 'always' },
  model: {
    type: 'Unigram',
    unk_id: 0,
    vocab: [
      ['<unk>', 0],
      ['</s>', 0],
      ['\u2581a', -1],
    ],
  },
};
const trie = (units: readonly number[], pool = ''): { type: string; precompiled_charsmap: string } => {
  const bytes = Buffer.alloc(4 + 4 * units.length);
  bytes.writeUInt32LE(4 * units.length, 0);
  for (const [i, unit] of units.entries()) bytes.writeUInt32LE(unit >>> 0, 4 + 4 * i);
  return { type: 'Precompiled', precompiled_charsmap: Buffer.concat([bytes, Buffer.from(pool)]).toString('base64') };
};
/** Leads from the root to a leaf for "x" whose value is 1000, outside the pool. */
const outside = Array.from({ length: 256 }, (_, i) => (i === 0 ? 0 : i === 0x78 ? 0x78 | 0x100 | (0x79 << 10) : 0));
outside[0x78 ^ 0x79] = 0x80000000 | 1000;

it('accepts the small file that the following ones damage', () => {
  expect(new UnigramTokenizer(small).encode('a a').map(({ id }) => id)).toEqual([2, 2]);
});

it.each<[string, object, RegExp]>([
  ['a vocabulary of words', { model: { ...small.model, vocab: ['a', 'b'] } }, /piece 0 of its vocabulary/],
  ['a score that is no number', { model: { ...small.model, vocab: [['a', '1']] } }, /piece 0 of its vocabulary/],
  ['no vocabulary', { model: { type: 'Unigram', unk_id: 0 } }, /model\.vocab/],
  ['no end token', { model: { ...small.model, vocab: [['<unk>', 0]] } }, /it has no <\/s>/],
  ['an unknown token outside', { model: { ...small.model, unk_id: 9 } }, /unknown token is outside/],
  ['bytes without byte pieces', { model: { ...small.model, byte_fallback: true } }, /0 of the 256 byte pieces/],
  ['an endless piece', { model: { ...small.model, vocab: [['x'.repeat(600), 0]] } }, /has 600 characters/],
  ['an unknown normaliser', { normalizer: { type: 'Magic' } }, /kind Magic, which is not supported/],
  [
    'a regular expression',
    { normalizer: { type: 'Replace', pattern: { Regex: '(a+)+$' }, content: '' } },
    /not supported/,
  ],
  ['a normaliser of nothing', { normalizer: { type: 'Precompiled' } }, /precompiled normaliser is damaged/],
  ['a normaliser cut short', { normalizer: trie([], '') }, /precompiled normaliser is damaged/],
  ['a normaliser that leads outside', { normalizer: trie(outside) }, /precompiled normaliser is damaged/],
  ['another way to split', { pre_tokenizer: { type: 'ByteLevel' } }, /splits words by ByteLevel/],
  [
    'ids beyond the encoder',
    { added_tokens: [{ id: 70, content: '<far>' }] },
    /an id of 70, and the text encoder knows 64/,
  ],
])('refuses %s when it is opened, not later', (_, change, says) => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'tokenizer.json');
  writeFileSync(file, JSON.stringify({ ...small, ...change }));
  const attempt = (): unknown => PromptTokenizer.open(file, { textLength: 8, vocabSize: 64 });
  expect(attempt).toThrow(says);
  expect(attempt).toThrow(expect.objectContaining({ code: 'model-inconsistent' }));
});
