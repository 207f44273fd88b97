import type { ProjectShot, ShotId } from './document.ts';

/** A shot's number: a whole number, then letters for what was put in later. `12`, `12A`, `12AA`. */
const pattern = /^(\d{1,6})([A-Z]*)$/;

/**
 * Numbers for the shots of a cut that have none. A number that was handed out stays as it is: what stands between 12 and 13
 * becomes 12A, 12B and so on, what stands before the first becomes A1, what stands after the last goes on counting.
 * A number that is not of this kind (a scene's own, say) is left alone and counts as none.
 * @param path the shots of the cut, in story order
 * @returns the new numbers, by shot
 */
export function numbersFor(path: readonly ProjectShot[]): Map<ShotId, string> {
  const numbers = new Map<ShotId, string>();
  const taken = new Set(path.map(({ fields }) => fields?.number ?? '').filter((number) => number !== ''));
  const lastNumbered = path.findLastIndex((shot) => pattern.test(shot.fields?.number ?? ''));
  let before: string | null = null;
  let count = 0;
  for (const [index, shot] of path.entries()) {
    const own = shot.fields?.number ?? '';
    const match = pattern.exec(own);
    if (match) {
      before = own;
      count = Math.max(count, Number(match[1]));
    }
    if (own !== '') continue;
    const number: string = index > lastNumbered ? nextWhole() : before === null ? before1() : nextLetter(before);
    numbers.set(shot.id, number);
    taken.add(number);
    if (index > lastNumbered || before !== null) before = number;
  }
  return numbers;

  function nextWhole(): string {
    do count++;
    while (taken.has(String(count)));
    return String(count);
  }

  function before1(): string {
    for (let i = 0; ; i++) if (!taken.has(`${letters(i)}1`)) return `${letters(i)}1`;
  }

  function nextLetter(number: string): string {
    const whole = pattern.exec(number)?.[1] ?? number;
    for (let i = 0; ; i++) if (!taken.has(`${whole}${letters(i)}`)) return `${whole}${letters(i)}`;
  }
}

/** A to Z, then AA to AZ, BA and on. */
function letters(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${letters(Math.floor(index / 26) - 1)}${letter}`;
}
