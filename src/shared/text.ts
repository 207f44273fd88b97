const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * What a person sees as one sign: an emoji of several code points, a letter with its accents.
 * @returns them in order; joined they are the text
 */
export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/**
 * The text within `most` signs, the last an ellipsis where it was cut; never in the middle of a sign.
 * Reads no more of a long text than it needs.
 */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = firstGraphemes(text, most + 1);
  if (kept.length <= most) return text;
  return `${kept
    .slice(0, Math.max(0, most - 1))
    .join('')
    .trimEnd()}…`;
}

/** The longest beginning of a text that takes at most `mostBytes` in UTF-8 and `most` signs, cut between signs. */
export function textWithin(text: string, mostBytes: number, most = Number.POSITIVE_INFINITY): string {
  const encoder = new TextEncoder();
  let kept = '';
  let bytes = 0;
  let count = 0;
  for (const { segment } of segmenter.segment(text.slice(0, mostBytes))) {
    bytes += encoder.encode(segment).length;
    count++;
    if (bytes > mostBytes || count > most) break;
    kept += segment;
  }
  return kept;
}

function firstGraphemes(text: string, most: number): string[] {
  const found: string[] = [];
  for (const { segment } of segmenter.segment(text)) {
    found.push(segment);
    if (found.length === most) break;
  }
  return found;
}
