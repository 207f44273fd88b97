import dictionary from 'dictionary-en';
import nspell from 'nspell';

let english: ReturnType<typeof nspell> | undefined;

/** Whether a word stands in an English dictionary. The first call prepares it, which takes about 0.2 s and 30 MB. */
export function isEnglish(word: string): boolean {
  english ??= nspell(Buffer.from(dictionary.aff), Buffer.from(dictionary.dic));
  return english.correct(word);
}

/** Typing errors that a word of so many letters may have. */
function errorsIn(word: string): number {
  return word.length < 3 ? 0 : word.length < 7 ? 1 : 2;
}

/** Those of `words` that `word` may be a typing error for, the nearest first. Nothing for what is English itself. */
export function typingErrorFor(word: string, words: readonly string[]): string[] {
  const most = errorsIn(word);
  const near = words
    .map((known) => ({ known, distance: editDistance(word, known, most) }))
    .filter(({ known, distance }) => distance <= most && known.length > distance + 1)
    .sort((a, b) => a.distance - b.distance)
    .map(({ known }) => known);
  return near.length === 0 || isEnglish(word) ? [] : near;
}

/** Insertions, deletions, changes and swaps of neighbours between two words; gives up above `most`. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(change, (last[j] as number) + 1, (row[j - 1] as number) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      row.push(cost);
    }
    if (Math.min(...row) > most) return most + 1;
    before = last;
    last = row;
  }
  return last[b.length] as number;
}
