const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * Whether a JSON text is nested deeper than `most`; reads no further than needed to know. What parses, checks and
 * prints values recurses, and a few kilobytes of `[` would overflow its stack.
 */
export function isDeeperThan(most: number, json: string): boolean {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < json.length; i++) {
    const sign = json.charCodeAt(i);
    if (inText) {
      if (sign === backslash) i++;
      else if (sign === quote) inText = false;
    } else if (sign === quote) inText = true;
    else if (sign === openBracket || sign === openBrace) {
      depth++;
      if (depth > most) return true;
    } else if (sign === closeBracket || sign === closeBrace) depth--;
  }
  return false;
}
