import type { Person } from './story-so-far.ts';
import type { Token } from './tokens.ts';

/** Words with which something that is worn changes hands or is no longer worn. */
const parting =
  /^(take|takes|taking|took|remove|removes|removing|give|gives|giving|gave|drop|drops|dropping|lose|loses|losing|lost|fall|falls|falling|fell|throw|throws|put|puts|steal|steals|swap|swaps|trade|trades|hand|hands|lend|lends|borrow|borrows|off|away|without|longer|nothing|no|not)$/;

const itemOf = ({ wears }: Person): string | undefined => wears?.split(' ').at(-1);

/** Whether it may be told what someone wears: not where the prompt itself speaks of that thing. */
export function wearing(person: Person, tokens: readonly Token[]): boolean {
  const item = itemOf(person);
  return item !== undefined && !tokens.some(({ low }) => low === item) && !wearsNothing(tokens);
}

/** Everyone, without what they may no longer wear after a prompt. */
export function partsWith(before: readonly Person[], people: readonly Person[], tokens: readonly Token[]): Person[] {
  const all = wearsNothing(tokens);
  return people.map((person, index) => {
    const item = itemOf(person);
    const at = tokens.findIndex(({ low }) => low === item);
    if (item === undefined || (at < 0 && !all)) return person;
    // Whoever puts it on in this prompt has it.
    if (!all && person.wears !== (before[index]?.wears ?? null)) return person;
    const said = tokens.slice(Math.max(0, at - 5), at + 3).some(({ low }) => parting.test(low));
    // `A duck wears his glasses`, which were another's.
    const handed =
      /^(the|his|her|their)$/.test(tokens[at - 1]?.low ?? '') && /^(wears?|wearing)$/.test(tokens[at - 2]?.low ?? '');
    return all || said || handed ? { ...person, wears: null } : person;
  });
}

const wearsNothing = (tokens: readonly Token[]): boolean =>
  tokens.some(({ low }, i) => low === 'nothing' && /^(wears?|wearing)$/.test(tokens[i - 1]?.low ?? ''));
