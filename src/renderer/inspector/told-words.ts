/** A piece of what the model is told. */
export interface ToldPart {
  readonly text: string;
  /** The person did not write it. */
  readonly added: boolean;
}

/** Words, signs, and what parts them. */
const pieces = /\s+|[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*|[^\p{L}\p{N}\s]/gu;

/**
 * What the model is told, with the words that its prompt does not have set apart: the longest row of words that both have in
 * the same order is the person's own. Spaces beside a word of the person's own go with that.
 */
export function toldParts(prompt: string, told: string): ToldPart[] {
  const said = (prompt.toLowerCase().match(pieces) ?? []).filter((piece) => piece.trim() !== '');
  const all = told.match(pieces) ?? [];
  const words = all.flatMap((piece) => (piece.trim() === '' ? [] : [piece.toLowerCase()]));
  // common[i][j]: length of the longest common row of words[i...] and said[j...].
  const common = Array.from({ length: words.length + 1 }, () => new Uint16Array(said.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = words.length - 1; i >= 0; i--)
    for (let j = said.length - 1; j >= 0; j--)
      (common[i] as Uint16Array)[j] =
        words[i] === said[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const parts: { text: string; added: boolean }[] = [];
  let [i, j] = [0, 0];
  for (const text of all) {
    const last = parts.at(-1);
    if (text.trim() === '') {
      if (last) last.text += text;
      continue;
    }
    while (j < said.length && words[i] !== said[j] && at(i, j + 1) === at(i, j)) j++;
    const added = j >= said.length || words[i] !== said[j];
    if (!added) j++;
    i++;
    if (last?.added === added) last.text += text;
    else {
      const space = last?.added ? (/\s+$/.exec(last.text)?.[0] ?? '') : '';
      if (last && space !== '') last.text = last.text.slice(0, -space.length);
      parts.push({ text: `${space}${text}`, added });
    }
  }
  return parts;
}
