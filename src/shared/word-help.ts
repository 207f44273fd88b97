/** Why other words are named instead of one that a model does not know, or that there are none. */
export type WordReason =
  /** They mean about the same. */
  | 'meaning'
  /** They are other forms of it, as `walks` is of `walked`. */
  | 'form'
  /** It is the plural of what the model knows. */
  | 'plural'
  /** They name things of the same kind ({@link UnknownWord.group}). */
  | 'kind'
  /** It is no English word, and they are written much alike: it may be a typing error. */
  | 'spelling'
  /** It is an emoji or another sign, which no model reads as a word. */
  | 'symbol'
  /** No word stands for it; {@link UnknownWord.advice} may say what to do. */
  | 'none';

/** A word of a prompt that the model does not know. Offsets in UTF-16 units. */
export interface UnknownWord {
  readonly start: number;
  readonly end: number;
  readonly word: string;
  readonly reason: WordReason;
  /** Words to take instead, the nearest first. */
  readonly suggestions: readonly string[];
  /** For `kind`: the vocabulary's group that the word belongs to. */
  readonly group: string | null;
  /** A sentence on what to write instead. */
  readonly advice: string | null;
}

/** How a model takes a prompt. */
export interface PromptCheck {
  /** Of the part that it reads. */
  readonly unknown: readonly UnknownWord[];
  /** Where it stops reading, since no more fits, in UTF-16 units; null if it reads all. */
  readonly unreadFrom: number | null;
}

/** A word that a model knows. */
export interface KnownWord {
  readonly word: string;
  /** Part of speech. */
  readonly part: string;
  readonly group: string;
  /** Words that the model draws alike. */
  readonly synonyms: readonly string[];
}

/** What words look like: pictures that a model made of plain sentences with them. */
export interface WordPictures {
  /** Of one picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** In the order of their pictures in the sheet, from the top. */
  readonly words: readonly string[];
  /** Data URL of the pictures, one below the other. */
  readonly sheet: string;
}

/** How the groups of a vocabulary are called on the screen, in the order that they are listed. */
const groupNames: Readonly<Record<string, string>> = {
  character: 'Characters',
  name: 'Names',
  colour: 'Colours',
  accessory: 'Worn things',
  prop: 'Things',
  action: 'Actions',
  place: 'Places',
  time: 'Times of day',
  weather: 'Weather',
  size: 'Shot sizes',
  camera: 'Camera moves',
  grammar: 'Small words',
};

/** A group's name; a group that only one model has is called as it says. */
export function groupName(group: string): string {
  return groupNames[group] ?? group.charAt(0).toUpperCase() + group.slice(1);
}

/** The groups of some words, in the order that they are listed. */
export function groupsOf(words: readonly KnownWord[]): string[] {
  const order = Object.keys(groupNames);
  const place = (group: string) => (order.includes(group) ? order.indexOf(group) : order.length);
  return [...new Set(words.map(({ group }) => group))].sort((a, b) => place(a) - place(b));
}

/** What is said of an unknown word, before and after the word itself; suggestions follow. */
export function explainWord({ reason, group, suggestions, advice }: UnknownWord): {
  readonly before: string;
  readonly after: string;
} {
  const unknown = 'The model does not know';
  switch (reason) {
    case 'meaning':
      return { before: unknown, after: '. Near in meaning:' };
    case 'form':
      return { before: unknown, after: '. It knows:' };
    case 'plural':
      return { before: `${unknown} the plural`, after: '. It knows:' };
    case 'kind':
      return { before: unknown, after: `. ${groupName(group ?? '')} that it knows:` };
    case 'spelling':
      return { before: unknown, after: '. If it is a typing error:' };
    case 'symbol':
      return {
        before: 'The model cannot read',
        after: suggestions.length > 0 ? '. As a word:' : ' and leaves it out.',
      };
    case 'none':
      return { before: unknown, after: ` and leaves it out.${advice === null ? '' : ` ${advice}`}` };
  }
}

/** The words that nothing is offered for, by what is advised instead: one sentence for all that share it. Without advice last. */
export function leftOutWords(
  unknown: readonly UnknownWord[],
): readonly { readonly words: readonly string[]; readonly advice: string }[] {
  const byAdvice = new Map<string, Set<string>>();
  for (const { word, suggestions, advice } of unknown) {
    if (suggestions.length > 0) continue;
    const words = byAdvice.get(advice ?? '') ?? new Set();
    byAdvice.set(advice ?? '', words.add(word));
  }
  return [...byAdvice]
    .map(([advice, words]) => ({ advice, words: [...words] }))
    .sort((a, b) => Number(a.advice === '') - Number(b.advice === ''));
}

/** What a model makes of the words of a whole story. */
export interface StoryWords {
  /** Each once, the one that most shots have first. */
  readonly unknown: readonly {
    readonly word: string;
    /** Shots that have it, counted from 0. */
    readonly shots: readonly number[];
    readonly help: UnknownWord;
  }[];
  /** Shots whose prompts are too long, counted from 0, with the beginning of what is not read. */
  readonly tooLong: readonly { readonly shot: number; readonly unread: string }[];
}

/** Words shown of what a model does not read. */
const wordsQuoted = 3;

/** The first words of a text, for it to be found by. */
export function firstWords(text: string): string {
  return text.trim().split(/\s+/).slice(0, wordsQuoted).join(' ');
}

/** @param checks one for each prompt, in order */
export function storyWords(prompts: readonly string[], checks: readonly PromptCheck[]): StoryWords {
  const found = new Map<string, { word: string; shots: number[]; help: UnknownWord }>();
  const tooLong: { shot: number; unread: string }[] = [];
  for (const [shot, { unknown, unreadFrom }] of checks.entries()) {
    for (const help of unknown) {
      const name = help.word.toLowerCase();
      const before = found.get(name);
      if (!before) found.set(name, { word: name, shots: [shot], help });
      else if (before.shots.at(-1) !== shot) before.shots.push(shot);
    }
    if (unreadFrom !== null) tooLong.push({ shot, unread: firstWords((prompts[shot] ?? '').slice(unreadFrom)) });
  }
  return { unknown: [...found.values()].sort((a, b) => b.shots.length - a.shots.length), tooLong };
}

/** Shots named before the rest is counted. */
const mostShots = 4;

/** `shot 3`, `shots 1, 2`, `10 shots`; shots counted from 0. */
export function shotsNamed(shots: readonly number[]): string {
  if (shots.length > mostShots) return `${shots.length} shots`;
  return `${shots.length === 1 ? 'shot' : 'shots'} ${shots.map((shot) => shot + 1).join(', ')}`;
}
