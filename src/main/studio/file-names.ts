import { withoutDirectionMarks } from '../../shared/isolated-text.ts';

/** Longest name we make up, in characters; file systems allow 255 bytes. */
const longest = 60;
/** Names that Windows keeps for itself. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/** A title as a file name that every system takes. */
export function fileNameOf(title: string): string {
  const name = withoutDirectionMarks(title)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no file system wants them
    .replace(/[\u0000-\u001f<>:"/\\|?*]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, longest)
    .replace(/[. ]+$/, '');
  return name === '' || reserved.test(name) ? 'Untitled' : name;
}

/** `name.mp4`, or `name 2.mp4` where that is taken, and so on. */
export function unusedName(name: string, ending: string, isTaken: (path: string) => boolean): string {
  for (let count = 1; ; count++) {
    const path = `${name}${count === 1 ? '' : ` ${count}`}${ending}`;
    if (!isTaken(path)) return path;
  }
}
