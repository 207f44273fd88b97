import type { Lexicon } from '../lexicon.ts';
import { lookUp, singular } from '../lexicon.ts';
import { endsSentence, isMark, type Token } from './tokens.ts';

/** Someone whom a prompt speaks of; `at` and `end` are tokens, `end` is the one after the last. */
export type Mention =
  | {
      readonly by: 'noun';
      readonly at: number;
      readonly end: number;
      /** The token of the kind of character. */
      readonly noun: number;
      readonly kind: string;
      readonly colour: string | null;
      /** `a red hat`; `nothing`: without one; null: nothing is said of it. */
      readonly wears: string | 'nothing' | null;
      /** A second one: whoever it is, nobody who was seen before. */
      readonly other: boolean;
      readonly several: boolean;
      /** The name that this prompt gives. */
      readonly name: string | null;
      /** Someone of a kind that the model has no word for. */
      readonly stranger: boolean;
    }
  | { readonly by: 'name'; readonly at: number; readonly end: number; readonly name: string }
  /** A pronoun: he, she or it. */
  | { readonly by: 'one'; readonly at: number; readonly end: number; readonly word: string }
  /** They, them or both. */
  | { readonly by: 'all'; readonly at: number; readonly end: number; readonly word: string };

const articles = new Set(['a', 'an', 'the', 'his', 'her', 'their', 'its', 'my', 'our', 'this', 'that']);
const numbers = new Set(['two', 'three', 'four', 'five', 'some', 'many', 'several', 'both']);
const others = new Set(['another', 'other', 'second', 'third', 'first']);
const one = new Set(['he', 'she', 'it', 'him', 'her']);
const all = new Set(['they', 'them', 'both']);
const wearing = new Set(['with', 'wearing', 'wears', 'wear', 'in', 'has', 'without']);
const worn = new Set([
  'hat',
  'scarf',
  'crown',
  'glasses',
  'cap',
  'beanie',
  'shawl',
  'spectacles',
  'sunglasses',
  'tiara',
]);
/** Words that begin a sentence as a name would: `Nearby is a fox`. */
const noNames = new Set(
  (
    'there,here,this,that,these,those,it,he,she,they,who,what,where,nearby,inside,outside,today,tonight,now,everyone,someone,' +
    'everybody,somebody,nobody,suddenly,later,meanwhile,finally,yesterday,tomorrow,soon,once,next,beside,behind,above,below,only'
  ).split(','),
);
const being = new Set(['is', 'was']);
const becoming = new Set(['is', 'was', 'becomes', 'turns', 'gets']);
/** Whom stories speak of though a model may have no word for them; what it has a word for is looked up first. */
const strangers = new Set(
  (
    'girl,boy,man,woman,child,children,kid,baby,men,women,people,person,lady,guy,king,queen,prince,princess,knight,witch,wizard,' +
    'mother,father,mom,mum,dad,brother,sister,son,daughter,uncle,aunt,grandma,grandpa,farmer,teacher,doctor,detective,' +
    'beekeeper,partner,neighbour,stranger,soldier,driver,monster,ghost,alien,dragon,horse,cow,bird,mouse,mice,wolf,lion,' +
    'tiger,elephant,pig,sheep,goat,fish,monkey,owl,squirrel,turtle,penguin,chicken,hen,snake,deer,bee,unicorn'
  ).split(','),
);
/** Words between an article and whom it belongs to, at most: `a red and very small cat`. */
const mostBetween = 4;
const breaks = new Set(
  'and,or,with,in,on,at,to,of,by,is,are,was,the,beside,near,towards,behind,while,then,meets,sees,chases,follows'.split(
    ',',
  ),
);

/** Everyone whom a prompt speaks of, in its order. `names` are those that the story has given before, in small letters. */
export function mentionsIn(tokens: readonly Token[], lexicon: Lexicon, names: ReadonlySet<string>): Mention[] {
  const out: Mention[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const { low } = tokens[i] as Token;
    const hit = lookUp(lexicon.characters, low) ?? strangerOf(low);
    // `There is no duck`, `without the fox`: nobody is there.
    if (hit && isDenied(tokens, i)) continue;
    if (hit) {
      const mention = nounAt(tokens, i, hit.value, lexicon, out.at(-1)?.end ?? 0);
      const introduced = out.at(-1);
      // `Mia is an orange cat`, `Tom, a red fox`: one person, spoken of once.
      if (
        mention.by === 'noun' &&
        mention.name !== null &&
        introduced?.by === 'name' &&
        introduced.name === mention.name
      ) {
        out.pop();
      }
      out.push(mention);
      i = mention.end - 1;
    } else if (names.has(low) || (lexicon.names.has(low) && isName(tokens, i, lexicon))) {
      const owner = tokens[i + 1]?.low === "'" && tokens[i + 2]?.low === 's';
      if (!owner) out.push({ by: 'name', at: i, end: i + 1, name: low });
    } else if (one.has(low) && standsAlone(tokens, i, lexicon)) {
      out.push({ by: 'one', at: i, end: i + 1, word: pronounOf(low) });
    } else if (all.has(low) && (low !== 'both' || lexicon.actions.has(tokens[i + 1]?.low ?? ''))) {
      if (out.at(-1)?.by !== 'all') out.push({ by: 'all', at: allFrom(tokens, i), end: i + 1, word: low });
    }
  }
  return out;
}

/** `the two of them` is one phrase. */
function allFrom(tokens: readonly Token[], at: number): number {
  if (tokens[at - 1]?.low !== 'of' || !/^(two|three|both|all)$/.test(tokens[at - 2]?.low ?? '')) return at;
  return tokens[at - 3]?.low === 'the' ? at - 3 : at - 2;
}

const pronounOf = (low: string): string => (low === 'him' ? 'he' : low === 'her' ? 'she' : low);

const strangerOf = (low: string): { value: string } | null =>
  strangers.has(low) || strangers.has(singular(low)) ? { value: `stranger ${singular(low)}` } : null;

function isDenied(tokens: readonly Token[], noun: number): boolean {
  for (let i = noun - 1; i >= 0 && i >= noun - 3 && !isMark(tokens[i]); i--) {
    const { low } = tokens[i] as Token;
    if (low === 'no' || low === 'without') return true;
    if (breaks.has(low) && low !== 'the') return false;
  }
  return false;
}

/** The colour that a prompt says someone has: `is red`, `becomes a deep red`. */
export function colourAfter(tokens: readonly Token[], from: number, lexicon: Lexicon): string | null {
  let i = from;
  if (!becoming.has(tokens[i]?.low ?? '')) return null;
  for (i++; i < from + 4; i++) {
    const low = tokens[i]?.low ?? '';
    const next = tokens[i + 1];
    // Not `is red-faced`, and not `is a red cat`, which is a noun of its own.
    if (lexicon.colours.has(low))
      return endsSentence(next) || isMark(next) || breaks.has(next?.low ?? '') || next?.low === 'like' ? low : null;
    if (!/^(now|all|very|bright|light|deep)$/.test(low)) return null;
  }
  return null;
}

function nounAt(tokens: readonly Token[], noun: number, kind: string, lexicon: Lexicon, from: number): Mention {
  let at = noun;
  let colour: string | null = null;
  let other = false;
  const word = tokens[noun]?.low ?? '';
  let several = word !== singular(word);
  for (let i = noun - 1; i >= from && i >= noun - mostBetween; i--) {
    const { low } = tokens[i] as Token;
    if (isMark(tokens[i]) && low !== '-') break;
    if (others.has(low)) other = true;
    if (numbers.has(low)) several = true;
    if (articles.has(low) || numbers.has(low) || low === 'another') {
      at = i;
      break;
    }
    if (breaks.has(low) && low !== 'and') break;
    if (colour === null && lexicon.colours.has(low)) {
      colour = low;
      at = i;
    }
  }
  const wears = wearsAfter(tokens, noun + 1, lexicon);
  return {
    by: 'noun',
    at,
    end: wears?.end ?? noun + 1,
    noun,
    kind,
    colour: colour ?? colourAfter(tokens, noun + 1, lexicon),
    wears: wears?.what ?? null,
    other,
    several: several && !kind.startsWith('stranger'),
    stranger: kind.startsWith('stranger'),
    name: nameOf(tokens, at, wears?.end ?? noun + 1, noun + 1, lexicon),
  };
}

/** `with a red hat`, from a token on. */
export function wearsAfter(
  tokens: readonly Token[],
  from: number,
  lexicon: Lexicon,
): { readonly what: string | 'nothing'; readonly end: number } | null {
  const first = tokens[from]?.low ?? '';
  if (!wearing.has(first)) return null;
  let colour = '';
  let i = from + 1;
  if (articles.has(tokens[i]?.low ?? '')) i++;
  for (; i < from + 5; i++) {
    const low = tokens[i]?.low ?? '';
    if (worn.has(low)) {
      const article = low.endsWith('s') ? '' : 'a ';
      return { what: first === 'without' ? 'nothing' : `${article}${colour}${low}`, end: i + 1 };
    }
    if (lexicon.colours.has(low)) colour = `${low} `;
    if (isMark(tokens[i]) || breaks.has(low)) return null;
  }
  return null;
}

/** The name that is given to whoever is at tokens at..end: `Mia is a`, `Tom, a`, `a fox named Tom`, `the cat Mia`, `Ben the robot`. */
function nameOf(tokens: readonly Token[], at: number, end: number, afterNoun: number, lexicon: Lexicon): string | null {
  const before = tokens[at - 1];
  const named = (i: number): string | null => (isName(tokens, i, lexicon) ? (tokens[i] as Token).low : null);
  // At a sentence's beginning any word has a capital: `Meanwhile, a fox` names nobody, `Hugo, a fox, runs` does.
  const taught = (i: number): string | null =>
    endsSentence(tokens[i - 1]) && !lexicon.names.has(tokens[i]?.low ?? '') ? null : named(i);
  const hasArticle = articles.has(tokens[at]?.low ?? '');
  if (before && being.has(before.low) && hasArticle && named(at - 2) !== null) return named(at - 2);
  if (before?.low === ',' && hasArticle) {
    const name = tokens[end]?.low === ',' ? named(at - 2) : taught(at - 2);
    if (name !== null) return name;
  }
  // `Mia's a cat`: an apostrophe and an s.
  if (before?.low === 's' && tokens[at - 2]?.low === "'" && named(at - 3) !== null) return named(at - 3);
  if (tokens[at]?.low === 'the' && taught(at - 1) !== null) return taught(at - 1);
  for (const i of [afterNoun, end]) {
    const next = tokens[i]?.low;
    if (next === 'named' || next === 'called') return named(i + 1);
    if (next === ',' && (tokens[i + 1]?.low === 'named' || tokens[i + 1]?.low === 'called')) return named(i + 2);
  }
  // `his cat, Rosa, sleeps`, `a fox - her name is Rosa`.
  if (tokens[end]?.low === ',' && tokens[end + 2]?.low === ',' && named(end + 1) !== null) return named(end + 1);
  for (let i = end; i < end + 4; i++) {
    if (tokens[i]?.low === 'name' && being.has(tokens[i + 1]?.low ?? '')) return named(i + 2);
  }
  return named(afterNoun);
}

/** A word with a capital that the model does not read as anything else; one of its names in any letters. */
function isName(tokens: readonly Token[], at: number, lexicon: Lexicon): boolean {
  const token = tokens[at];
  if (!token || isMark(token)) return false;
  if (lexicon.names.has(token.low)) return /^\p{Lu}/u.test(token.text) || !lexicon.words.has(token.low);
  return /^\p{Lu}\p{Ll}+$/u.test(token.text) && !lexicon.words.has(token.low) && !noNames.has(token.low);
}

/** Whether a sentence or one of its halves begins at a word: `Then it`, `and it`. */
const begins = (tokens: readonly Token[], at: number): boolean =>
  endsSentence(tokens[at - 1]) ||
  isMark(tokens[at - 1]) ||
  /^(then|now|and|but|so|again|while|as|when|suddenly|meanwhile)$/.test(tokens[at - 1]?.low ?? '');

/** Whether a pronoun is someone: not `her hat`, and not `it rains`. */
function standsAlone(tokens: readonly Token[], at: number, lexicon: Lexicon): boolean {
  const { low } = tokens[at] as Token;
  const next = tokens[at + 1];
  if (low === 'her') return endsSentence(next) || isMark(next) || breaks.has(next?.low ?? '');
  if (low !== 'it') return true;
  // `picks it up`, `wears it` may be a thing; `it is a robot` says who someone is.
  if (
    !(begins(tokens, at) || lexicon.actions.has(next?.low ?? '')) ||
    /^(falls|fell|fits|belongs)$/.test(next?.low ?? '')
  )
    return false;
  if (next?.low === "'" || (being.has(next?.low ?? '') && /^(an?|the)$/.test(tokens[at + 2]?.low ?? ''))) return false;
  for (let i = at + 1; i <= at + 5 && !endsSentence(tokens[i]); i++) {
    const word = tokens[i]?.low ?? '';
    if (lexicon.actions.has(word)) return true;
    if (lexicon.weather.has(word) || lexicon.times.has(word) || /^(dark|light|late|cold|warm)$/.test(word))
      return false;
  }
  return true;
}
