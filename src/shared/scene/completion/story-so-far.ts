/** Someone whom the story has named. */
export interface Person {
  /** What the model takes for one kind of character: `cat`. */
  readonly kind: string;
  /** The person's own word for it: `kitten`; of several, `two ducks`. */
  readonly noun: string;
  readonly colour: string | null;
  /** `a red hat`. */
  readonly wears: string | null;
  /** In small letters. */
  readonly name: string | null;
  readonly several: boolean;
  /** `he`, `she` or `it`, where the story has said so; null: it may be any. */
  readonly pronoun: string | null;
  /** Someone whom the model has no word for: counts where it is asked who a pronoun means, and is never told of. */
  readonly stranger: boolean;
}

/** Where, when and in which weather, as the story said it: to stand in a sentence. */
export interface Setting {
  /** `in the kitchen`. */
  readonly place: string | null;
  /** `at night`; null by day. */
  readonly time: string | null;
  /** `in the rain`; null where it is dry. */
  readonly weather: string | null;
}

/** Who and what a story has named so far; plain data. */
export interface StorySoFar {
  readonly people: readonly Person[];
  /** Who was last seen, by index of `people`: whom the sentence was about first. */
  readonly seen: readonly number[];
  readonly setting: Setting;
}

export const untold: StorySoFar = { people: [], seen: [], setting: { place: null, time: null, weather: null } };

/** How someone is told of: `orange cat with a red hat`. */
export function described({ noun, colour, wears }: Person): string {
  return `${colour === null ? '' : `${colour} `}${noun}${wears === null ? '' : ` with ${wears}`}`;
}
