import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseModelConfig } from '../../src/main/engine/model/config.ts';
import { PromptTokenizer } from '../../src/main/engine/model/tokenizer/index.ts';
import { Vocabulary } from '../../src/main/studio/words/vocabulary.ts';

test('the built-in model: what is read is what its tokenizer keeps', () => {
  const folder = join(import.meta.dirname, '../../resources/models/animatic');
  const prompt = `${'a red cat, '.repeat(7)}and a robot waves, in the meadow at sunset.`;
  const { unreadFrom } = Vocabulary.open(folder).check(prompt);
  const { text } = parseModelConfig(readFileSync(join(folder, 'config.json'), 'utf8'), folder);
  const tokenizer = PromptTokenizer.open(join(folder, 'tokenizer.json'), text);
  const { ids, words } = tokenizer.encode(prompt);
  expect(unreadFrom).not.toBeNull();
  expect(tokenizer.encode(prompt.slice(0, unreadFrom ?? 0)).ids).toEqual(ids);
  expect(words.map((word) => word.text).join('')).toBe(prompt.slice(0, unreadFrom ?? 0).replaceAll(' ', ''));
});
