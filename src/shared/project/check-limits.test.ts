import { describe, expect, test } from 'vitest';
import { applyCommand, emptyDocument } from './apply-command.ts';
import { beyondLimits } from './check-limits.ts';
import type { Command } from './commands.ts';
import type { ProjectDocument, ProjectShot } from './document.ts';
import { readDocument } from './document-versions.ts';
import { limits } from './limits.ts';

const shot = (id: string, patch: Partial<ProjectShot> = {}): ProjectShot => ({
  ...{ id, parent: null, name: '', prompt: 'a cat', chunks: 1, seed: 1, seedLocked: false },
  ...{ transition: 'continue', memory: {}, held: null },
  ...patch,
});
const one = (patch: Partial<ProjectShot> = {}): ProjectDocument => ({
  ...emptyDocument('Test'),
  shots: [shot('shot-1', patch)],
});
const id = 'shot-1';
const pins = (count: number) => Array.from({ length: count }, (_, frame) => ({ frame, name: 'cat' }));
const many = (count: number) => Array.from({ length: count }, (_, i) => shot(`shot-${i}`));

describe('what is saved can be opened, and what would be too large is refused with a sentence', () => {
  test.each<[string, ProjectDocument, Command, RegExp]>([
    [
      'pins',
      one({ memory: { pins: pins(limits.pins) } }),
      { type: 'pin-frame', shotId: id, frame: 900, name: 'dog' },
      /^"a cat": A shot may always remember up to 64 frames; this would be 65\.$/,
    ],
    [
      'bans',
      one({ memory: { bans: Array.from({ length: limits.bans }, (_, frame) => frame) } }),
      { type: 'ban-frame', shotId: id, frame: 9000 },
      /up to 4,096 frames; this would be 4,097/,
    ],
    [
      'a prompt',
      one(),
      { type: 'pick-take', id, prompt: 'x'.repeat(5000), seed: 1 },
      /A prompt may have up to 4,000 characters; this would be 5,000/,
    ],
    ['a seed', one(), { type: 'pick-take', id, prompt: 'a cat', seed: 2 ** 40 }, /A seed is a whole number up to/],
    ['a length', one(), { type: 'edit-shot', id, patch: { chunks: 1001 } }, /up to 1,000 chunks long/],
    ['a name', one(), { type: 'edit-shot', id, patch: { name: 'x'.repeat(121) } }, /name of a shot .* 120 characters/],
    ['a title', one(), { type: 'edit-project', title: 'x'.repeat(201) }, /title may have up to 200 characters/],
    ['a cut', one(), { type: 'name-cut', leaf: id, name: 'x'.repeat(121) }, /name of a cut may have up to 120/],
    [
      'shots',
      { ...emptyDocument('Test'), shots: many(limits.projectShots) },
      { type: 'paste-shots', after: null, shots: [shot('another-1')] },
      /up to 20,000 shots; this would be 20,001/,
    ],
  ])('%s', (_, document, command, sentence) => {
    expect(() => applyCommand(document, command)).toThrow(sentence);
    expect(readDocument(JSON.stringify(document)).value).toEqual(document);
  });
});

test('what an older Throughline saved too large opens, may be made smaller, and grows no further', () => {
  const saved = { ...one({ memory: { pins: pins(65) }, seed: 2 ** 40, prompt: 'x'.repeat(5000) }), version: 1 };
  const { value: document } = readDocument(JSON.stringify(saved));
  const less = applyCommand(document, { type: 'unpin-frame', shotId: id, frame: 0 });
  expect(less.shots[0]?.memory.pins).toHaveLength(64);
  expect(applyCommand(document, { type: 'edit-shot', id, patch: { name: 'Cat' } }).shots[0]?.name).toBe('Cat');
  const shorter = applyCommand(document, { type: 'edit-shot', id, patch: { prompt: 'x'.repeat(4500) } });
  expect(shorter.shots[0]?.prompt).toHaveLength(4500);
  expect(() => applyCommand(document, { type: 'pin-frame', shotId: id, frame: 70, name: 'dog' })).toThrow(/66/);
});

test('a shot beyond a limit cannot be generated, and says why', () => {
  expect(beyondLimits(shot('shot-1'))).toBeNull();
  expect(beyondLimits(shot('shot-1', { seed: 2 ** 40 }))?.message).toMatch(/seed/);
});
