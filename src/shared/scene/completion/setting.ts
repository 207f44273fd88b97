import type { Lexicon } from '../lexicon.ts';
import type { SceneOfPrompt } from '../read-scene.ts';
import { noPlaces } from '../scene-words.ts';
import type { Setting } from './story-so-far.ts';
import { isMark, type Token } from './tokens.ts';

/** Words that say where someone is without naming a place that lists have. */
const somewhere = new Set(
  'home,indoors,inside,outdoors,outside,downtown,elsewhere,away,underwater,upstairs,downstairs'.split(','),
);
const prepositions = new Set('in,on,at,by,near,inside,under,beside'.split(','));
/** Places that one is on, not in. */
const on = new Set(
  'beach,seaside,shore,coast,seashore,moon,mars,farm,farmyard,street,road,island,roof,rooftop,bridge,hill,stage,playground,ship,boat,train,bus'.split(
    ',',
  ),
);
const articles = new Set(['the', 'a', 'an', 'his', 'her', 'their', 'its', 'my', 'our', 'this', 'that']);
const ends = /\b(stopped|stops|no longer|clears?( up)?|sunny|sunshine|sun comes out|dry|over)\b/;
const rain = new Set(['rain', 'rains', 'raining', 'rainy', 'rainstorm', 'drizzle', 'pouring']);
const times: Readonly<Record<string, string>> = { night: 'at night', evening: 'at sunset' };

/** Where, when and in which weather a story stands with a prompt. */
export function settingAfter(
  before: Setting,
  tokens: readonly Token[],
  said: SceneOfPrompt,
  lexicon: Lexicon,
): Setting {
  if (isOnlyThought(tokens)) return before;
  const place = placeAfter(before, tokens, said, lexicon);
  // In another place, or at another time, it is a fine day until the prompt says otherwise.
  const stays =
    said.jump === null &&
    (said.places.length === 0 ? !saysSomewhere(tokens, lexicon) : before.place !== null && samePlace(before, said));
  const time = said.time ? (times[said.time.id] ?? null) : stays ? before.time : null;
  const text = tokens.map(({ low }) => low).join(' ');
  const weather = ends.test(text) ? null : (weatherIn(tokens, lexicon) ?? (stays ? before.weather : null));
  // Under a roof it does not rain.
  const indoors = tokens.some(({ low }) => /^(home|indoors|inside)$/.test(low));
  return { place, time, weather: indoors ? null : weather };
}

/** What a prompt leaves out of a setting, to stand at its end. */
export function settingMissing(
  before: Setting,
  now: Setting,
  tokens: readonly Token[],
  said: SceneOfPrompt,
  lexicon: Lexicon,
): { readonly text: string; readonly what: 'place' | 'time' | 'weather' }[] {
  if (isOnlyThought(tokens)) return [];
  const out: { text: string; what: 'place' | 'time' | 'weather' }[] = [];
  if (
    said.places.length === 0 &&
    !saysSomewhere(tokens, lexicon) &&
    !tokens.some(({ low }) => lexicon.places.has(low)) &&
    before.place !== null
  )
    out.push({ text: before.place, what: 'place' });
  if (said.time === null && now.time !== null) out.push({ text: now.time, what: 'time' });
  if (weatherIn(tokens, lexicon) === null && now.weather !== null) out.push({ text: now.weather, what: 'weather' });
  return out;
}

const saysSomewhere = (tokens: readonly Token[], lexicon: Lexicon): boolean =>
  tokens.some(({ low }) => somewhere.has(low)) || namesUnknownPlace(tokens, lexicon);

/** `dreams of the beach`, `in the dream`: what is told is not where they are. */
export const isOnlyThought = (tokens: readonly Token[]): boolean =>
  tokens.some(
    ({ low }, i) =>
      /^(dream|dreams|dreaming)$/.test(low) ||
      (/^(of|about)$/.test(low) &&
        /^(think|talk|sing|tell|speak|remind|read)(s|ing)?$/.test(tokens[i - 1]?.low ?? '')) ||
      /^(remember|imagine|miss)(s|es|ing)?$/.test(low),
  );

/** `in the observatory`: a word that no list has. */
const namesUnknownPlace = (tokens: readonly Token[], lexicon: Lexicon): boolean =>
  tokens.some(({ low }, i) => {
    const noun = tokens[i + 2]?.low ?? '';
    return (
      /^(in|inside|into|at)$/.test(low) &&
      articles.has(tokens[i + 1]?.low ?? '') &&
      noun !== '' &&
      !isMark(tokens[i + 2]) &&
      !lexicon.words.has(noun) &&
      !lexicon.places.has(noun) &&
      !lexicon.times.has(noun) &&
      !lexicon.weather.has(noun) &&
      !noPlaces.has(noun)
    );
  });

/** Null where it cannot be said: of two places, or where someone went home and the others did not. */
function placeAfter(before: Setting, tokens: readonly Token[], said: SceneOfPrompt, lexicon: Lexicon): string | null {
  if (said.places.length > 1) return null;
  if (said.places.length === 0) {
    if (namesUnknownPlace(tokens, lexicon)) return null;
    const home = tokens.findIndex(({ low }) => low === 'home');
    if (home >= 0 && tokens[home - 1]?.low !== 'at') return null;
  }
  return placeOf(tokens, said) ?? before.place;
}

const samePlace = ({ place }: Setting, said: SceneOfPrompt): boolean =>
  said.places.some(({ word }) => place?.endsWith(` ${word}`) ?? false);

/** `in the small kitchen`: the last place that a prompt names, as it names it; `at home` where no list knows it. */
function placeOf(tokens: readonly Token[], said: SceneOfPrompt): string | null {
  const named = said.places.at(-1);
  if (!named) return elsewhere(tokens);
  const words = named.word.split(' ');
  const at = tokens.findLastIndex((_, i) => words.every((word, k) => isForm(tokens[i + k]?.low ?? '', word)));
  if (at < 0) return `${on.has(words.at(-1) ?? '') ? 'on' : 'in'} the ${named.word}`;
  const noun = tokens
    .slice(at, at + words.length)
    .map(({ low }) => low)
    .join(' ');
  let from = at;
  while (
    from > 0 &&
    from > at - 3 &&
    !articles.has(tokens[from - 1]?.low ?? '') &&
    !isMark(tokens[from - 1]) &&
    !prepositions.has(tokens[from - 1]?.low ?? '')
  )
    from--;
  const preposition = [tokens[from - 1]?.low, tokens[from - 2]?.low].find(
    (word) => word !== undefined && prepositions.has(word),
  );
  return `${preposition ?? (on.has(words.at(-1) ?? '') ? 'on' : 'in')} the ${noun}`;
}

const isForm = (token: string, word: string): boolean =>
  token === word || token === `${word}s` || token === `${word}es`;

function elsewhere(tokens: readonly Token[]): string | null {
  const found = tokens.find(({ low }) => somewhere.has(low))?.low;
  return found === 'home' ? 'at home' : found === 'away' || found === 'elsewhere' ? null : (found ?? null);
}

function weatherIn(tokens: readonly Token[], lexicon: Lexicon): string | null {
  const hit = tokens.find(({ low }) => lexicon.weather.has(low))?.low;
  const falls = tokens.some(
    ({ low }, i) => low === 'snow' && /^(falls?|falling|is|starts|begins)$/.test(tokens[i + 1]?.low ?? ''),
  );
  if (falls) return 'in the snowfall';
  if (hit === undefined) return null;
  if (rain.has(hit)) return 'in the rain';
  return hit === 'storm' || hit === 'fog' ? `in the ${hit}` : 'in the snowfall';
}
