import { type Lexicon, lexiconOf } from '../lexicon.ts';
import { readScene } from '../read-scene.ts';
import type { SceneWords } from '../scene-words.ts';
import { type Mention, mentionsIn, wearsAfter } from './mentions.ts';
import { settingAfter, settingMissing } from './setting.ts';
import { described, type Person, type StorySoFar, untold } from './story-so-far.ts';
import { endsSentence, type Token, tokensOf } from './tokens.ts';

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
  const tokens = tokensOf(prompt);
  const names = new Set(story.people.flatMap(({ name }) => name ?? []));
  const cast = new Cast(story, tokens, lexicon);
  for (const mention of mentionsIn(tokens, lexicon, names)) cast.meet(mention);
  const said = readScene(prompt, words);
  const setting = settingAfter(story.setting, tokens, said, lexicon);
  // Where nobody is, a prompt shows a place, or gives an order to the camera: nothing is missing in it.
  const missing = cast.seen.length === 0 ? [] : settingMissing(story.setting, setting, tokens, said, lexicon);
  const last = lastWord(tokens);
  const additions = [
    ...cast.additions,
    ...missing.map(({ text, what }) => ({ start: last, end: last, text: ` ${text}`, rank: RANK[what] })),
  ];
  return {
    prompt: withAdditions(prompt, tokens.length, additions, words.mostTokens ?? null),
    story: { people: cast.people, seen: cast.seen.length > 0 ? cast.seen : story.seen, setting },
  };
}

/** Follows who is spoken of through one prompt, and what is missing of them. */
class Cast {
  readonly additions: Addition[] = [];
  readonly people: Person[];
  /** Whom this prompt speaks of, by index of `people`. */
  readonly seen: number[] = [];
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
    } else if (mention.by === 'one') {
      // `A cat sits and it waves`: whoever a pronoun means stands in the prompt itself.
      if (this.seen.length === 0) this.#instead(mention, this.#before.seen.slice(0, 1));
    } else if (this.seen.length < 2 && !this.people[this.seen[0] ?? -1]?.several) {
      this.#instead(mention, this.#together());
    }
  }

  /** Those whom `they` means: who was last seen together, else the last two. */
  #together(): number[] {
    const { seen } = this.#before;
    if (this.seen.length === 1) return seen.filter((index) => !this.seen.includes(index)).slice(0, 1);
    if (seen.length >= 2 || this.people[seen[0] ?? -1]?.several) return seen.slice(0, 2);
    const another = this.people.length - 1 - [...this.people.keys()].reverse().findIndex((i) => !seen.includes(i));
    return seen.length === 1 && another < this.people.length && !seen.includes(another)
      ? [...seen, another]
      : [...seen];
  }

  /** A name or a pronoun is told as who it is. */
  #instead(mention: Mention, who: readonly number[]): void {
    const fresh = who.filter((index) => !this.seen.includes(index));
    if (fresh.length === 0) return;
    const { start, text } = this.#tokens[mention.at] as Token;
    const { end } = this.#tokens[mention.end - 1] as Token;
    const wears = wearsAfter(this.#tokens, mention.end, this.#lexicon);
    const told = fresh.map((index) => {
      const person = this.people[index] as Person;
      if (wears) this.people[index] = { ...person, wears: wears.what === 'nothing' ? null : wears.what };
      return `the ${described(wears ? { ...person, wears: null } : person)}`;
    });
    // `The cat comes. They wave.`
    const first =
      mention.by === 'all' && this.seen.length > 0 ? [`the ${(this.people[this.seen[0] ?? 0] as Person).noun}`] : [];
    const phrase = [...first, ...told].join(' and ');
    const both = text.toLowerCase() === 'both' ? ' both' : '';
    const asWritten = endsSentence(this.#tokens[mention.at - 1]) ? capitalAs(text, phrase) : phrase;
    this.additions.push({ start, end, text: `${asWritten}${both}`, rank: RANK.who });
    this.seen.push(...fresh);
  }

  #noun(mention: Extract<Mention, { by: 'noun' }>): void {
    const index = this.#known(mention);
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
      });
      this.seen.push(this.people.length - 1);
      return;
    }
    const person = this.people[index] as Person;
    if (!this.seen.includes(index) && !mention.several) this.#describe(mention, person, noun);
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
    if (mention.wears === null && person.wears !== null) {
      this.additions.push({ start: noun.end, end: noun.end, text: ` with ${person.wears}`, rank: RANK.wears });
    }
  }

  /** Whom a noun speaks of, if anybody before. */
  #known({ kind, colour, other, several, name }: Extract<Mention, { by: 'noun' }>): number {
    if (other) return -1;
    const fits = (person: Person): boolean =>
      person.kind === kind &&
      person.several === several &&
      (colour === null || person.colour === null || this.#sameColour(colour, person.colour)) &&
      (name === null || person.name === null || person.name === name);
    // Whoever was seen last is meant first.
    const order = [...this.seen, ...this.#before.seen, ...[...this.people.keys()].reverse()];
    return order.find((index) => fits(this.people[index] as Person)) ?? -1;
  }

  #sameColour(a: string, b: string): boolean {
    return (this.#lexicon.colours.get(a) ?? a) === (this.#lexicon.colours.get(b) ?? b);
  }
}

/** Where the last sentence's last word ends. */
function lastWord(tokens: readonly Token[]): number {
  for (let i = tokens.length - 1; i >= 0; i--) {
    if (/^[\p{L}\p{N}]/u.test(tokens[i]?.low ?? '')) return tokens[i]?.end ?? 0;
  }
  return 0;
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
