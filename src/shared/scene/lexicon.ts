import { generalPlaces, generalTimes, generalWeather, type SceneWords, type TimeOfDay } from './scene-words.ts';

export type TimeId = TimeOfDay | `model:${string}`;

/** Words as one model takes them. */
export interface Lexicon {
  readonly places: ReadonlyMap<string, string>;
  readonly times: ReadonlyMap<string, TimeId>;
  readonly characters: ReadonlyMap<string, string>;
  readonly colours: ReadonlyMap<string, string>;
  /** Those that the model has been taught. */
  readonly names: ReadonlySet<string>;
  readonly actions: ReadonlySet<string>;
  readonly weather: ReadonlySet<string>;
  /** All that the model reads. */
  readonly words: ReadonlySet<string>;
  /** Whether a noun that no list knows may be a place: a model with a vocabulary would not read it. */
  readonly open: boolean;
}

const lexicons = new WeakMap<SceneWords, Lexicon>();
const generalLexicon = makeLexicon(null);

/** The value of a word, or of the word that it is a plural or possessive of. */
export function lookUp<Value>(map: ReadonlyMap<string, Value>, word: string): { value: Value; word: string } | null {
  for (const form of [word, singular(word)]) {
    const value = map.get(form);
    if (value !== undefined) return { value, word: form };
  }
  return null;
}

/** Without the ending of a plural or a possessive. */
export function singular(word: string): string {
  const bare = word.replace(/'s?$/, '');
  if (/[^aeiou]ies$/.test(bare)) return `${bare.slice(0, -3)}y`;
  if (/(ches|shes|sses|xes|zes)$/.test(bare)) return bare.slice(0, -2);
  return /[^su]s$/.test(bare) ? bare.slice(0, -1) : bare;
}

export function lexiconOf(words: SceneWords | null): Lexicon {
  if (!words) return generalLexicon;
  let known = lexicons.get(words);
  if (!known) {
    known = makeLexicon(words);
    lexicons.set(words, known);
  }
  return known;
}

/** General English, with what the model takes for the same thing made the same. */
function makeLexicon(words: SceneWords | null): Lexicon {
  const places = new Map(generalPlaces.flatMap((set) => set.map((word): [string, string] => [word, set[0] as string])));
  for (const set of words?.places ?? []) {
    const [first = ''] = set;
    const ids = new Set(set.flatMap((word) => places.get(word) ?? []));
    const id = `model:${first}`;
    for (const [word, known] of places) if (ids.has(known) && !isOwn(word, words)) places.set(word, id);
    for (const word of set) places.set(word, id);
  }
  const times = new Map<string, TimeId>(generalTimes);
  for (const set of words?.times ?? []) {
    const id = set.map((word) => generalTimes.get(word)).find((time) => time !== undefined) ?? `model:${set[0] ?? ''}`;
    for (const word of set) times.set(word, id);
  }
  return {
    places,
    times,
    characters: firstOfSet(words?.characters ?? []),
    colours: firstOfSet(words?.colours ?? []),
    names: new Set(words?.names),
    actions: new Set(words?.actions),
    weather: new Set(generalWeather),
    words: new Set(words?.all),
    open: words === null,
  };
}

/** Every word of a set by the set's first. */
function firstOfSet(sets: readonly (readonly string[])[]): Map<string, string> {
  return new Map(sets.flatMap((set) => set.map((word): [string, string] => [word, set[0] as string])));
}

/** Whether the model itself says what a word means. */
function isOwn(word: string, words: SceneWords | null): boolean {
  return words?.places.some((set) => set.includes(word)) ?? false;
}
