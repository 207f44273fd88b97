import type { Lexicon } from '../lexicon.ts';
import type { Mention } from './mentions.ts';
import type { Person } from './story-so-far.ts';

/** Most of whom `they` is told as. */
const mostTogether = 3;

/** Whom `he`, `she` or `it` means, by index; null where it may be more than one, or nobody fits. */
export function oneMeant(people: readonly Person[], seen: readonly number[], word: string): number | null {
  const fits = (index: number): boolean => {
    const { several, pronoun } = people[index] as Person;
    return !several && (pronoun === null || pronoun === word);
  };
  const last = only(seen.filter(fits), people, word);
  // A girl of whom the model has no word may be she as well.
  const strange = people.some(({ stranger }, index) => stranger && fits(index) && index !== last);
  if (strange && word !== 'it' && people[last ?? -1]?.pronoun !== word) return null;
  if (last !== undefined) return last;
  // `She`, where he was seen last: whoever else there is.
  return only([...people.keys()].filter(fits), people, word) ?? null;
}

/** The only one, or the only one of whom the pronoun was said; null: there are several; undefined: there is none. */
function only(who: readonly number[], people: readonly Person[], word: string): number | null | undefined {
  if (who.length <= 1) return who[0];
  const sure = who.filter((index) => people[index]?.pronoun === word);
  return sure.length === 1 ? (sure[0] as number) : null;
}

/** Those whom `they` or `them` means besides whom the prompt has named (`here`): who was last seen together, else the only two. */
export function allMeant(
  people: readonly Person[],
  seen: readonly number[],
  here: readonly number[],
  word: string,
): readonly number[] {
  const rest = seen.filter((index) => !here.includes(index));
  if (word === 'them' && here.length > 0) return rest.length >= 2 || people[rest[0] ?? -1]?.several ? few(rest) : [];
  if (here.length === 1) return rest.length === 1 ? rest : [];
  if (seen.length >= 2 || people[seen[0] ?? -1]?.several) return few(seen);
  return people.length === 2 && seen.length === 1 ? [...seen, seen[0] === 0 ? 1 : 0] : [];
}

const few = (who: readonly number[]): readonly number[] => (who.length <= mostTogether ? who : []);

/**
 * Whom a noun speaks of of those before, by index: nobody, one, or several whom it fits alike.
 * @param seen in this prompt and the one before
 */
export function candidates(
  people: readonly Person[],
  seen: readonly number[],
  { kind, colour, other, several, name }: Extract<Mention, { by: 'noun' }>,
  { colours }: Lexicon,
): readonly number[] {
  const same = (a: string, b: string): boolean => (colours.get(a) ?? a) === (colours.get(b) ?? b);
  const ofKind = [...people.keys()].filter(
    (index) => people[index]?.kind === kind && people[index]?.several === several,
  );
  // `The other cat` of two may be either.
  if (other) return ofKind.length > 1 ? ofKind : [];
  const fitting = ofKind.filter((index) => {
    const person = people[index] as Person;
    return (
      (colour === null || person.colour === null || same(colour, person.colour)) &&
      (name === null || person.name === null || person.name === name)
    );
  });
  const exact = fitting.filter((index) => {
    const person = people[index] as Person;
    return (name !== null && person.name === name) || (colour !== null && person.colour !== null);
  });
  for (const among of [exact, fitting.filter((index) => seen.includes(index)), fitting]) {
    if (among.length > 0) return among;
  }
  return [];
}
