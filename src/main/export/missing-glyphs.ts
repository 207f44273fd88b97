import { createCanvas } from '@napi-rs/canvas';

/** A font that has a script's characters, by the script's name in Unicode; many systems come without. */
const fonts: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Bopomofo}/u, 'Noto Sans CJK'],
  [/\p{Script=Arabic}/u, 'Noto Sans Arabic'],
  [/\p{Script=Hebrew}/u, 'Noto Sans Hebrew'],
  [/\p{Script=Devanagari}/u, 'Noto Sans Devanagari'],
  [/\p{Script=Thai}/u, 'Noto Sans Thai'],
  [/\p{Extended_Pictographic}/u, 'Noto Emoji'],
];

/** Never assigned to a character: what every font draws for it, it draws for all that it lacks. */
const unassigned = '\u{10FFFD}';
const size = 24;

/**
 * The characters of a text, each once, that no font of a list has, those of the system included.
 * @param font as a canvas takes it, without weight and size: `"Inter", sans-serif`
 */
export function missingGlyphs(text: string, font: string): string[] {
  const context = createCanvas(2 * size, 2 * size).getContext('2d');
  context.font = `${size}px ${font}`;
  const drawn = (character: string): Buffer => {
    context.clearRect(0, 0, 2 * size, 2 * size);
    context.fillText(character, size / 4, 1.5 * size);
    return Buffer.from(context.getImageData(0, 0, 2 * size, 2 * size).data);
  };
  const box = drawn(unassigned);
  // Marks and signs without a shape of their own are drawn with what they stand at.
  const shaped = new Set([...text].filter((character) => !/[\s\p{M}\p{Cc}\p{Cf}]/u.test(character)));
  return [...shaped].filter((character) => character > '\u007f' && drawn(character).equals(box));
}

/** Says which characters are missing and which fonts have them; null where none is. */
export function missingGlyphsNote(missing: readonly string[]): string | null {
  if (missing.length === 0) return null;
  const shown = missing.slice(0, 12).join(' ');
  const names = new Set(
    missing.map((character) => fonts.find(([script]) => script.test(character))?.[1] ?? 'Noto Sans'),
  );
  const more = missing.length > 12 ? ` and ${missing.length - 12} others` : '';
  return `No font here has ${shown}${more}, so boxes stand in their place. Install ${[...names].join(' and ')}, and write it again.`;
}
