import { linesOf } from './lines.ts';
import { looksLikePromptLines } from './prompt-lines.ts';

/** What a text is read as, before its JSON is looked into: `json` is any of the formats in JSON. */
export type TextKind = 'prompt-script' | 'json' | 'final-draft' | 'fountain' | 'prompt-lines' | 'plain-text';

export interface Recognised {
  readonly kind: TextKind;
  /** The line that made a screenplay of a text whose ending does not say so; null where the ending says it. */
  readonly headingLine: number | null;
}

/** Files that are no script although they may look like text, by how they begin. */
const strangers: readonly (readonly [begins: string, is: string])[] = [
  ['%PDF-', 'a PDF'],
  ['PK\u0003\u0004', 'a ZIP archive (Fade In, Celtx and Word documents are)'],
  ['{\\rtf', 'a rich text document (RTF)'],
  ['version https://git-lfs', 'a Git LFS pointer: the file itself was not fetched'],
  ['SQLite format 3', 'a database'],
];

/** What a file is that is no story, in words: `a PDF`; null where it may be one. */
export function strangerIn(text: string): string | null {
  const beginning = text.slice(0, 200);
  const stranger = strangers.find(([begins]) => beginning.startsWith(begins))?.[1];
  return stranger ?? (/^\s*<(!doctype html|html)\b/i.test(beginning) ? 'a web page' : null);
}

/** Endings that say that a file is no script, whatever text is in it. */
const strangeEndings: readonly (readonly [endings: string, is: string])[] = [
  ['png jpg jpeg gif webp avif heic bmp tif tiff psd', 'a picture'],
  ['mp4 m4v mov mkv webm avi', 'a film'],
  ['wav mp3 m4a aac flac ogg opus aif aiff', 'a sound'],
  ['exe dll msi app dmg so dylib apk bat cmd sh ps1', 'a program'],
  ['zip 7z rar gz tar xz', 'an archive'],
  ['safetensors ckpt pt pth bin gguf onnx', 'weights of a model'],
];

/** What a file's name says that it is, where that is no script: `a picture`; else null. */
export function strangerNamed(fileName: string): string | null {
  const ending = /\.([^.\\/]+)$/.exec(fileName.toLowerCase())?.[1] ?? '';
  return strangeEndings.find(([endings]) => endings.split(' ').includes(ending))?.[1] ?? null;
}

/** By ending first, then by what the text itself says. */
export function recognise(fileName: string, text: string): Recognised {
  const ending = /\.[^.\\/]*$/.exec(fileName.toLowerCase())?.[0] ?? '';
  const as = (kind: TextKind, headingLine: number | null = null): Recognised => ({ kind, headingLine });
  if (ending === '.fdx' || /^\s{0,100}<(\?xml|FinalDraft)\b/.test(text.slice(0, 200))) return as('final-draft');
  if (ending === '.jsonl') return as('prompt-script');
  if (ending === '.json' || /^\s*(\{|\[\s*["{\]])/.test(text.slice(0, 1000))) return as('json');
  if (ending === '.fountain' || ending === '.spmd') return as('fountain');
  if (looksLikePromptLines(text)) return as('prompt-lines');
  const headingLine = firstSceneHeading(text);
  return headingLine === null ? as('plain-text') : as('fountain', headingLine);
}

/** The names of endings that an open dialog offers, without dots. */
export const scriptEndings = ['fountain', 'spmd', 'fdx', 'json', 'jsonl', 'txt', 'md'] as const;

/** A scene heading in capitals with an empty line before and after it: a screenplay, whatever the file is called. */
function firstSceneHeading(text: string): number | null {
  let before = '';
  let candidate = 0;
  for (const [number, line] of linesOf(text)) {
    if (candidate > 0 && line.trim() === '') return candidate;
    candidate = before.trim() === '' && /^(INT|EXT|EST|INT\.?\/EXT|I\/E)[. ]/.test(line) ? number : 0;
    before = line;
  }
  return candidate > 0 ? candidate : null;
}
