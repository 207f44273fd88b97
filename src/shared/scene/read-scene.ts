import { type Lexicon, lexiconOf, lookUp, singular, type TimeId } from './lexicon.ts';
import {
  cameraMoves,
  noPlaces,
  placesAfterPreposition,
  type SceneWords,
  type ShotSize,
  sizePatterns,
  timeJump,
} from './scene-words.ts';

/** A place as a prompt names it. Two with one `id` are the same place. */
export interface NamedPlace {
  readonly id: string;
  /** The prompt's own word. */
  readonly word: string;
}

export interface NamedTime {
  readonly id: TimeId;
  readonly word: string;
}

/** Someone whom a prompt names: what they are, and in which colour if it says so. */
export interface NamedCharacter {
  readonly id: string;
  readonly colour: string | null;
  /** The prompt's own words: `blue robot`. */
  readonly word: string;
}

/** What a prompt says of where, when and from how far. Empty or null: it says nothing. */
export interface SceneOfPrompt {
  readonly places: readonly NamedPlace[];
  readonly time: NamedTime | null;
  /** Each once. Empty too where the model has no vocabulary. */
  readonly who: readonly NamedCharacter[];
  readonly size: ShotSize | null;
  /** The camera moves in it, so that the size changes on the way. */
  readonly cameraMoves: boolean;
  /** The words that jump in time (`the next day`), or null. */
  readonly jump: string | null;
}

const articles = new Set('the,a,an,his,her,their,its,my,our,this,that'.split(','));
const prepositions = new Set(
  'in,inside,into,on,onto,at,through,across,along,over,by,near,beside,among,between,under,aboard,to,towards,toward,within,around,beneath'.split(
    ',',
  ),
);
const looking = new Set('look,looks,looking,gaze,gazes,gazing,stare,stares,staring,point,points,pointing'.split(','));
/** Words between a preposition and its noun, at most: `in the small quiet kitchen`. */
const mostAdjectives = 3;

/**
 * Reads where, when and from how far a prompt shows.
 * @param words of the model, where it has a vocabulary: what it takes for one place is one place
 */
export function readScene(prompt: string, words: SceneWords | null): SceneOfPrompt {
  const lexicon = lexiconOf(words);
  const text = prompt.toLowerCase().replaceAll('’', "'");
  const tokens = text.match(/[\p{L}\p{N}']+|[.,;:!?]/gu) ?? [];
  return {
    places: placesIn(tokens, lexicon),
    time: timeIn(tokens, lexicon),
    who: whoIn(tokens, lexicon),
    size: sizePatterns.find(([pattern]) => pattern.test(text))?.[1] ?? null,
    cameraMoves: cameraMoves.test(text),
    jump: timeJump.exec(text)?.[0] ?? null,
  };
}

function placesIn(tokens: readonly string[], { places, open }: Lexicon): NamedPlace[] {
  const found = new Map<string, NamedPlace>();
  for (let i = 0; i < tokens.length; i++) {
    const pair = `${tokens[i]} ${tokens[i + 1]}`;
    const two = lookUp(places, pair);
    const one = two === null ? lookUp(places, tokens[i] as string) : null;
    const hit = two ?? one;
    if (!hit) continue;
    const place = { id: hit.value, word: hit.word };
    if (two === null && placesAfterPreposition.has(hit.word) && !followsPreposition(tokens, i)) continue;
    if (!found.has(place.id)) found.set(place.id, place);
    if (two !== null) i++;
  }
  if (found.size === 0 && open) {
    const unlisted = unlistedPlace(tokens);
    if (unlisted) found.set(unlisted.id, unlisted);
  }
  return [...found.values()];
}

function timeIn(tokens: readonly string[], { times }: Lexicon): NamedTime | null {
  for (let i = 0; i < tokens.length; i++) {
    const hit = lookUp(times, `${tokens[i]} ${tokens[i + 1]}`) ?? lookUp(times, tokens[i] as string);
    if (hit && tokens[i - 1] !== 'good') return { id: hit.value, word: hit.word };
  }
  return null;
}

/** Words between a colour and whose it is, at most: `a red and very small cat`. */
const mostBetween = 3;

function whoIn(tokens: readonly string[], { characters, colours }: Lexicon): NamedCharacter[] {
  const found = new Map<string, NamedCharacter>();
  for (const [i, token] of tokens.entries()) {
    const hit = lookUp(characters, token);
    if (!hit) continue;
    let colour: string | null = null;
    for (let at = i - 1; at >= 0 && at >= i - mostBetween && colour === null; at--) {
      if (articles.has(tokens[at] as string)) break;
      colour = colours.get(tokens[at] as string) ?? null;
    }
    const word = colour === null ? hit.word : `${colour} ${hit.word}`;
    found.set(`${colour} ${hit.value}`, { id: hit.value, colour, word });
  }
  // `The red cat jumps and the cat waves` names one cat.
  return [...found.values()].filter(
    (one) => one.colour !== null || ![...found.values()].some((other) => other !== one && other.id === one.id),
  );
}

/** A noun after `in the` that no list knows: `in the observatory`. */
function unlistedPlace(tokens: readonly string[]): NamedPlace | null {
  for (let i = 0; i + 2 < tokens.length; i++) {
    if (!/^(in|inside|into)$/.test(tokens[i] as string) || !articles.has(tokens[i + 1] as string)) continue;
    let end = i + 2;
    while (end < tokens.length && end < i + 3 + mostAdjectives && isNounPart(tokens[end] as string)) end++;
    const word = tokens[end - 1] as string;
    if (end > i + 2 && !noPlaces.has(word) && !noPlaces.has(singular(word))) return { id: singular(word), word };
  }
  return null;
}

/** Words that may stand in a name such as `old stone observatory`. */
function isNounPart(token: string): boolean {
  const ends = /^([.,;:!?]|and|or|with|while|as|of|at|on|in|by|is|are|to|under|near|that|who|which|where|when)$/;
  return !ends.test(token);
}

/** Whether `in the`, `on a quiet` or the like stands before a word. */
function followsPreposition(tokens: readonly string[], at: number): boolean {
  for (let i = at - 1; i >= 0 && i >= at - 1 - mostAdjectives; i--) {
    const token = tokens[i] as string;
    if (/^[.,;:!?]$/.test(token)) return false;
    if (prepositions.has(token)) return !looking.has(tokens[i - 1] ?? '');
    // `by the trees of the meadow`: an article ends the name, and a preposition must come right before it.
    if (articles.has(token)) return prepositions.has(tokens[i - 1] ?? '') && !looking.has(tokens[i - 2] ?? '');
  }
  return false;
}
