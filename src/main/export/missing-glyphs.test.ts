import { expect, it } from 'vitest';
import { missingGlyphs, missingGlyphsNote } from './missing-glyphs.ts';

it('finds what no font has, once, and nothing else', () => {
  // Private use: no font of a system has it, and a machine may well have those for Chinese.
  const missing = missingGlyphs('A café \u{F8FFE}, a fox \u{F8FFE} and \u{F8FFD}\u200d\n', 'sans-serif');
  expect(missing).toEqual(['\u{F8FFE}', '\u{F8FFD}']);
  expect(missingGlyphs('A cat waves in the meadow.', 'sans-serif')).toEqual([]);
});

it('names the fonts that have it', () => {
  expect(missingGlyphsNote([])).toBeNull();
  expect(missingGlyphsNote(['中', 'あ', '한'])).toMatch(/has 中 あ 한, .* Install Noto Sans CJK, and/);
  expect(missingGlyphsNote(['中', 'ش'])).toContain('Noto Sans CJK and Noto Sans Arabic');
  expect(missingGlyphsNote([...'一二三四五六七八九十百千万億'])).toContain('and 2 others');
});
