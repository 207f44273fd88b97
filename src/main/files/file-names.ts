import { withoutDirectionMarks } from '../../shared/isolated-text.ts';
import { textWithin } from '../../shared/text.ts';

/** Longest name we make up, in signs, and in bytes of UTF-8: some encrypted folders take no more than 143 bytes. */
const longest = 60;
const longestBytes = 130;
/** Names that Windows keeps for itself, whatever ending they have. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])$/i;

/**
 * A title as a file name that every system takes, without an ending: at most 60 signs, never cut in the middle of one,
 * and nothing in it that a file system refuses or that makes it read as another name.
 */
export function fileNameOf(title: string): string {
  const plain = withoutDirectionMarks(title)
    .toWellFormed()
    .normalize('NFC')
    // Controls, separators of every system, and half characters.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no file system wants them
    .replace(/[\u0000-\u001f\u007f-\u009f<>:"/\\|?*\ufffd\u2028\u2029\ufeff]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const name = textWithin(plain, longestBytes, longest).replace(/[. ]+$/, '');
  return name === '' || reserved.test(name.split('.')[0]?.trim() ?? '') ? 'Untitled' : name;
}

/** `name.mp4`, or `name 2.mp4` where that is taken, and so on. */
export function unusedName(name: string, ending: string, isTaken: (path: string) => boolean): string {
  for (let count = 1; ; count++) {
    const path = numbered(name, ending, count);
    if (!isTaken(path)) return path;
  }
}

/** The `count`th name of a file: `name.mp4`, `name 2.mp4`, `name 3.mp4`. */
export function numbered(name: string, ending: string, count: number): string {
  return `${name}${count === 1 ? '' : ` ${count}`}${ending}`;
}
