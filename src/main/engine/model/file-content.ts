import { ThroughlineError } from '../../../shared/errors.ts';

/** What a file is, told by its first bytes and never by its name. */
export type FileContent =
  | 'empty'
  | 'lfs-pointer'
  | 'web-page'
  | 'zip'
  /** A pickle, as torch wrote checkpoints before its zip format. */
  | 'pickle'
  | 'gguf'
  /** Words or JSON where weights should be: an error message, a redirect, an index. */
  | 'text'
  | 'safetensors'
  | 'unknown';

/** As many first bytes as {@link contentOf} looks at. */
export const contentBytes = 512;

const lfsVersion = 'version https://git-lfs';
const zipMagic = [0x50, 0x4b, 0x03, 0x04];
const pickleMagic = 0x80;

/** @param head the first {@link contentBytes} bytes, or all if there are fewer */
export function contentOf(head: Uint8Array): FileContent {
  if (head.length === 0) return 'empty';
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  if (text.startsWith(lfsVersion)) return 'lfs-pointer';
  if (/^(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml|!--)/i.test(text)) return 'web-page';
  if (zipMagic.every((byte, i) => head[i] === byte)) return 'zip';
  if (text.startsWith('GGUF')) return 'gguf';
  // A pickle names its protocol, 2 to 5, in its second byte; a safetensors file has the high bytes of a length there.
  if (head[0] === pickleMagic && (head[1] as number) >= 2 && (head[1] as number) <= 5 && text[8] !== '{')
    return 'pickle';
  if (text[8] === '{') return 'safetensors';
  const printable = [...text].filter((c) => /[\t\n\r\x20-\x7e]/.test(c)).length;
  return printable === text.length ? 'text' : 'unknown';
}

/**
 * The true sentence about a file that holds no weights, or null where it may hold some.
 * @param name of the file, as the person knows it
 */
export function notWeights(content: FileContent, name: string): ThroughlineError | null {
  switch (content) {
    case 'empty':
      return new ThroughlineError(
        'model-truncated',
        `The model file ${name} is empty (0 bytes).`,
        'It was not copied or downloaded whole: get it again.',
      );
    case 'lfs-pointer':
      return new ThroughlineError(
        'model-inconsistent',
        `${name} is not the weights but a Git LFS pointer to them.`,
        'Run "git lfs pull" where it was cloned, or download the file itself.',
      );
    case 'web-page':
      return new ThroughlineError(
        'model-inconsistent',
        `${name} is not the weights but a web page: the download ended at a sign-in or an error page.`,
        'Open its address in a browser, accept what it asks, and download the file again.',
      );
    case 'text':
      return new ThroughlineError(
        'model-inconsistent',
        `${name} is not the weights but a short text.`,
        'The download was answered with words: open the file to read them, and get the weights again.',
      );
    case 'gguf':
      return new ThroughlineError(
        'model-inconsistent',
        `${name} is a GGUF file, a format that Throughline does not read.`,
        'Get the same model as .safetensors, .pt or .pth.',
      );
    case 'zip':
    case 'pickle':
    case 'safetensors':
    case 'unknown':
      return null;
  }
}
