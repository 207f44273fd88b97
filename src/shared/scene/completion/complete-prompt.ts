import { type Lexicon, lexiconOf } from '../lexicon.ts';
import { readScene } from '../read-scene.ts';
import type { SceneWords } from '../scene-words.ts';
import { colourAfter, type Mention, mentionsIn, wearsAfter } from './mentions.ts';
import { isOnlyThought, settingAfter, settingMissing } from './setting.ts';
import { described, type Person, type StorySoFar, untold } from './story-so-far.ts';
import { endsSentence, isMark, type Token, tokensOf, withoutAsides } from './tokens.ts';
import { allMeant, candidates, oneMeant } from './who-is-meant.ts';
import { partsWith, wearing } from './worn.ts';

/** A prompt as the model is told it, and where the story stands with it. */
export interface CompletedPrompt {
  /** The given one, character for character, where nothing was left out. */
  readonly prompt: string;
  readonly story: StorySoFar;
}

/** Something to be told besides: in place of the text at start..end, which may be empty. */
interface Addition {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** What goes first where not all fits. */
  readonly rank: number;
}

const RANK = { who: 0, colour: 1, place: 2, wears: 3, time: 4, weather: 5 };

/**
 * Tells a model what a prompt leaves to the shots before it: who a name, a pronoun or `the cat` is, in which colour and
 * with what on; where, when and in which weather, where the prompt says nothing of it. `She dances.` becomes `The orange
 * cat dances in the living room.` What the person wrote stays, but for names and pronouns, and nothing is invented: every
 * word that is added stood in an earlier prompt. Additions that do not fit into what the model reads are left out, the
 * least important first. Pure.
 *
 * @param before where the story stands; null at its start
 * @param words of the model; null, of a model without vocabulary: the prompt stays as it is
 */
export function completePrompt(before: StorySoFar | null, prompt: string, words: SceneWords | null): CompletedPrompt {
  const story = before ?? untold;
  if (words === null) return { prompt, story };
  const lexicon = lexiconOf(words);
  const shown = withoutAsides(prompt);
  const tokens = tokensOf(shown);
  const names = new Set(story.people.flatMap(({ name }) => name ?? []));
  const cast = new Cast(story, tokens, lexicon);
  for (const mention of mentionsIn(tokens, lexicon, names)) cast.meet(mention);
  const said = readScene(shown, words);
  const setting = settingAfter(story.setting, tokens, said, lexicon);
  // Where nobody is, a prompt shows a place, or gives an order to the camera: nothing is missing in it.
  const last = endOfStatement(tokens, cast.spokenAt);
  const missing = last === null ? [] : settingMissing(story.setting, setting, tokens, said, lexicon);
  const additions = [
    ...cast.additions,
    ...missing.map(({ text, what }) => ({ start: last ?? 0, end: last ?? 0, text: ` ${text}`, rank: RANK[what] })),
  ];
  return {
    prompt: withAdditions(prompt, tokensOf(prompt).length, additions, words.mostTokens ?? null),
    // Who is dreamt of does not come into the story.
    story: isOnlyThought(tokens)
      ? story
      : { people: partsWith(story.people, cast.people, tokens), seen: cast.whoNow(), setting },
  };
}

/** Follows who is spoken of through one prompt, and what is missing of them. */
class Cast {
  readonly additions: Addition[] = [];
  readonly people: Person[];
  /** Whom this prompt speaks of, by index of `people`. */
  readonly seen: number[] = [];
  /** The tokens that speak of somebody. */
  readonly spokenAt: number[] = [];
  /** A pronoun was left as it is written. */
  #unsure = false;
  readonly #before: StorySoFar;
  readonly #tokens: readonly Token[];
  readonly #lexicon: Lexicon;

  constructor(before: StorySoFar, tokens: readonly Token[], lexicon: Lexicon) {
    this.people = [...before.people];
    this.#before = before;
    this.#tokens = tokens;
    this.#lexicon = lexicon;
  }

  meet(mention: Mention): void {
    if (mention.by === 'noun') this.#noun(mention);
    else if (mention.by === 'name') {
      const index = this.people.findIndex(({ name }) => name === mention.name);
      // A name that was never told of is the model's to know.
      if (index >= 0) this.#instead(mention, [index]);
    } else if (mention.by === 'one') this.#pronoun(mention);
    else if (!this.#unsure && this.seen.length < 2 && !this.people[this.seen[0] ?? -1]?.several) {
      const who = allMeant(this.people, this.#before.seen, this.seen, mention.word);
      // `One of them` needs a noun of several.
      const part = this.#tokens[mention.at - 1]?.low === 'of' && !this.people[who[0] ?? -1]?.several;
      if (!part) this.#instead(mention, who);
    }
  }

  /** Whom the next prompt's pronouns may mean. After `the other runs`, anybody. */
  whoNow(): readonly number[] {
    if (this.#tokens.some(({ low }, i) => low === 'others' || (low === 'other' && this.#tokens[i - 1]?.low === 'the')))
      return [...this.people.keys()];
    return this.seen.length > 0 ? this.seen : this.#before.seen;
  }

  #pronoun(mention: Extract<Mention, { by: 'one' }>): void {
    const [only] = this.seen;
    if (this.seen.length > 0) {
      // `A cat sits and it waves`: whoever a pronoun means stands in the prompt itself. Who she is, one knows where she
      // begins the next sentence and nobody else may be meant.
      const person = this.people[only ?? -1] as Person;
      const clear = this.people.length === 1 || (person.name !== null && only === this.people.length - 1);
      if (this.seen.length === 1 && clear && !person.several && endsSentence(this.#tokens[mention.at - 1]))
        this.people[only ?? 0] = { ...person, pronoun: person.pronoun ?? mention.word };
      else if (this.#isObject(mention)) this.#instead(mention, this.#otherThanSeen(mention.word));
      return;
    }
    const index = this.#unsure ? null : oneMeant(this.people, this.#before.seen, mention.word);
    // After a pronoun that was left as written the next may mean anybody.
    if (index === null) this.#unsure = true;
    else {
      const person = this.people[index] as Person;
      if (mention.word !== 'it') this.people[index] = { ...person, pronoun: mention.word };
      this.#instead(mention, [index]);
    }
  }

  /** `A dog walks up to her`: not whom the sentence is about, who would be herself. */
  #isObject({ at }: Mention): boolean {
    if (!/^(him|her)$/.test(this.#tokens[at]?.low ?? '')) return false;
    const subject = this.spokenAt.at(-1) ?? at;
    return this.seen.length === 1 && !this.#tokens.slice(subject, at).some((token) => endsSentence(token));
  }

  /** The one of those last seen whom this prompt has not named and a pronoun fits; nobody where there are several. */
  #otherThanSeen(word: string): readonly number[] {
    const fits = this.#before.seen.filter((index) => {
      const { several, pronoun } = this.people[index] as Person;
      return !this.seen.includes(index) && !several && (pronoun === null || pronoun === word);
    });
    return fits.length === 1 ? fits : [];
  }

  /** A name or a pronoun is told as who it is. */
  #instead(mention: Mention, who: readonly number[]): void {
    const fresh = who.filter((index) => !this.seen.includes(index));
    if (fresh.length === 0) return;
    const called = fresh.map((index) => described(this.people[index] as Person));
    if (fresh.some((index) => this.people[index]?.stranger) || new Set(called).size < called.length) {
      // Words for a stranger, or for two who look alike, there are none.
      this.seen.push(...fresh);
      return;
    }
    const { start, text } = this.#tokens[mention.at] as Token;
    const { end } = this.#tokens[mention.end - 1] as Token;
    const wears = wearsAfter(this.#tokens, mention.end, this.#lexicon);
    const colour = colourAfter(this.#tokens, mention.end, this.#lexicon);
    const told = fresh.map((index) => {
      const person = this.people[index] as Person;
      if (wears) this.people[index] = { ...person, wears: wears.what === 'nothing' ? null : wears.what };
      if (colour !== null) this.people[index] = { ...(this.people[index] as Person), colour };
      const unsaid = wears || !wearing(person, this.#tokens) ? null : person.wears;
      return `the ${described({ ...person, wears: unsaid, colour: colour === null ? person.colour : null })}`;
    });
    // `The cat comes. They wave.`
    const first =
      mention.by === 'all' && mention.word !== 'them' && this.seen.length > 0
        ? [`the ${(this.people[this.seen[0] ?? 0] as Person).noun}`]
        : [];
    const phrase = [...first, ...told].join(' and ');
    const both = text.toLowerCase() === 'both' ? ' both' : '';
    const asWritten = endsSentence(this.#tokens[mention.at - 1]) ? capitalAs(text, phrase) : phrase;
    this.additions.push({ start, end, text: `${asWritten}${both}`, rank: RANK.who });
    this.seen.push(...fresh);
    this.spokenAt.push(mention.at);
  }

  #noun(mention: Extract<Mention, { by: 'noun' }>): void {
    const meant = candidates(this.people, [...this.seen, ...this.#before.seen], mention, this.#lexicon);
    if (!mention.stranger) this.spokenAt.push(mention.noun);
    if (meant.length > 1) {
      // Two whom the word fits: it stays as written, and so does the next pronoun.
      this.seen.push(...meant.filter((index) => !this.seen.includes(index)));
      return;
    }
    const index = meant[0] ?? -1;
    const noun = this.#tokens[mention.noun] as Token;
    const wears = mention.wears === 'nothing' ? null : mention.wears;
    if (index < 0) {
      const number = this.#tokens[mention.at]?.low ?? '';
      this.people.push({
        kind: mention.kind,
        noun: mention.several && /^(two|three|four|five)$/.test(number) ? `${number} ${noun.low}` : noun.low,
        colour: mention.several ? null : mention.colour,
        wears,
        name: mention.name,
        several: mention.several,
        pronoun: null,
        stranger: mention.stranger,
      });
      this.seen.push(this.people.length - 1);
      return;
    }
    const person = this.people[index] as Person;
    if (!this.seen.includes(index) && !mention.several && !mention.stranger) this.#describe(mention, person, noun);
    this.people[index] = {
      ...person,
      colour: mention.colour ?? person.colour,
      wears: mention.wears === null ? person.wears : wears,
      name: mention.name ?? person.name,
    };
    if (!this.seen.includes(index)) this.seen.push(index);
  }

  /** Colour and what is worn, where the prompt does not say them. */
  #describe(mention: Extract<Mention, { by: 'noun' }>, person: Person, noun: Token): void {
    if (mention.colour === null && person.colour !== null) {
      const before = this.#tokens[mention.noun - 1];
      const colour = person.colour;
      const article = /^an?$/.test(before?.low ?? '') ? before : undefined;
      // `a` and `an` go by the word that follows.
      if (article) {
        const text = capitalAs(article.text, `${/^[aeiou]/.test(colour) ? 'an' : 'a'} ${colour}`);
        this.additions.push({ start: article.start, end: article.end, text, rank: RANK.colour });
      } else {
        const sentence = endsSentence(before) && noun.text !== noun.low;
        const text = sentence ? `${capitalAs(noun.text, colour)} ${noun.low}` : `${colour} ${noun.text}`;
        this.additions.push({ start: noun.start, end: noun.end, text, rank: RANK.colour });
      }
    }
    // `The fox's house`: what is worn has no place before it.
    const owner = this.#tokens[mention.noun + 1]?.low === "'";
    if (mention.wears === null && person.wears !== null && !owner && wearing(person, this.#tokens)) {
      this.additions.push({ start: noun.end, end: noun.end, text: ` with ${person.wears}`, rank: RANK.wears });
    }
  }
}

/** Where the last sentence that says something of somebody ends; null where none does, or where it breaks off: `The cat doesn't`. */
function endOfStatement(tokens: readonly Token[], spokenAt: readonly number[]): number | null {
  const last = Math.max(-1, ...spokenAt);
  if (last < 0) return null;
  let end = last;
  while (!endsSentence(tokens[end + 1])) end++;
  while (end > last && isMark(tokens[end])) end--;
  // Nothing of a setting stands in brackets.
  const open = tokens.slice(0, end + 1).filter(({ low }) => low === '(' || low === '[').length;
  const closed = tokens.slice(0, end + 1).filter(({ low }) => low === ')' || low === ']').length;
  if (open > closed) return null;
  const text = tokens[end]?.low ?? '';
  return text === 't' || /^(is|are|was|does|do|did|has|can|will|too|not|leaves|exits|departs|disappears)$/.test(text)
    ? null
    : (tokens[end]?.end ?? null);
}

const capitalAs = (like: string, text: string): string =>
  /^\p{Lu}/u.test(like) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;

/** The prompt with as many additions as fit, in the order of their ranks. */
function withAdditions(
  prompt: string,
  tokens: number,
  additions: readonly Addition[],
  mostTokens: number | null,
): string {
  let room = mostTokens === null ? Number.POSITIVE_INFINITY : mostTokens - tokens;
  const taken: (Addition & { readonly i: number })[] = [];
  for (const addition of additions.map((addition, i) => ({ ...addition, i })).sort((a, b) => a.rank - b.rank)) {
    const cost = tokensOf(addition.text).length - tokensOf(prompt.slice(addition.start, addition.end)).length;
    if (cost > room) continue;
    room -= cost;
    taken.push(addition);
  }
  let out = prompt;
  // From the end on, so that offsets stay.
  for (const { start, end, text } of taken.sort((a, b) => b.start - a.start || b.end - a.end || b.i - a.i)) {
    out = `${out.slice(0, start)}${text}${out.slice(end)}`;
  }
  return out;
}
