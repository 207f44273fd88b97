import type { Transition } from '../story.ts';
import { type NamedCharacter, type NamedPlace, type NamedTime, readScene, type SceneOfPrompt } from './read-scene.ts';
import type { SceneWords, ShotSize } from './scene-words.ts';

/**
 * Where a story stands: what its last prompts said of place, time and shot size. A prompt that says nothing of the place
 * leaves it as it was; so does one that says nothing of the time, unless the place is another.
 */
export interface Scene {
  readonly places: readonly NamedPlace[];
  readonly time: NamedTime | null;
  /** Who has been seen since the last cut. */
  readonly who: readonly NamedCharacter[];
  /** Null: the camera moved, so it may be any. */
  readonly size: ShotSize | null;
}

/** How a shot begins, and why. */
export interface Beginning {
  readonly transition: Transition;
  /** `another place: kitchen after beach`, to stand in a sentence; null where a person chose. */
  readonly reason: string | null;
}

/** What a prompt leaves unsaid: one looks from the middle distance. */
const plainSize: ShotSize = 'medium shot';

/**
 * Decides how a shot begins where that is left to us: a cut where its prompt names another place, another time of day or
 * another shot size than the story stands at, or someone who was not there; else it continues. In doubt it cuts: a cut that was not needed shows a new
 * picture, a continuation through two places shows neither. Pure.
 *
 * @param before where the story stands; null at its start
 * @param words of the model, where it has a vocabulary
 * @returns the beginning, and where the story stands with this shot
 */
export function beginShot(
  before: Scene | null,
  prompt: string,
  words: SceneWords | null,
): { readonly beginning: Beginning; readonly scene: Scene } {
  const said = readScene(prompt, words);
  if (!before)
    return { beginning: { transition: 'continue', reason: 'the story begins here' }, scene: sceneFrom(said) };
  const change = changeOf(before, said);
  const cut = (reason: string): Beginning => ({ transition: 'cut', reason });
  const scene = change === null ? sceneAfter(before, said) : sceneFrom(said, before);
  return {
    beginning: change === null ? { transition: 'continue', reason: sameWords(before, said) } : cut(change),
    scene,
  };
}

/** What is another thing than before, in words; null where nothing is. */
function changeOf(before: Scene, said: SceneOfPrompt): string | null {
  if (said.places.length > 0 && !said.places.some(({ id }) => before.places.some((place) => place.id === id))) {
    const now = wordsOf(said.places);
    return before.places.length > 0
      ? `another place: ${now} after ${wordsOf(before.places)}`
      : `a place is named: ${now}`;
  }
  if (said.jump) return `another time: ${said.jump}`;
  if (said.time && !sameTime(before.time, said.time)) {
    return `another time of day: ${said.time.word}${before.time ? ` after ${before.time.word}` : ''}`;
  }
  const added = said.who.find((one) => !before.who.some((other) => maybeSame(one, other)));
  if (added) return `someone else is there: ${added.word}`;
  const size = said.size ?? plainSize;
  if (!said.cameraMoves && before.size !== null && size !== before.size) {
    return `another shot size: ${size} after ${before.size}`;
  }
  return null;
}

/** A colour that one of two prompts leaves unsaid may be the other's. */
function maybeSame(a: NamedCharacter, b: NamedCharacter): boolean {
  return a.id === b.id && (a.colour === null || b.colour === null || a.colour === b.colour);
}

/** Those no longer named may still be seen, and whoever is named again without a colour keeps it. */
function together(before: readonly NamedCharacter[], said: readonly NamedCharacter[]): NamedCharacter[] {
  const known = said.map((one) => (one.colour === null ? (before.find((other) => maybeSame(one, other)) ?? one) : one));
  return [...known, ...before.filter((one) => !known.some((other) => maybeSame(one, other)))];
}

/** Until a time is named it is day. Morning and afternoon are both day, but not each other. */
function sameTime(before: NamedTime | null, now: NamedTime): boolean {
  const light = (id: NamedTime['id']) => (id === 'morning' || id === 'afternoon' ? 'day' : id);
  const was = before?.id ?? 'day';
  if (was === now.id) return true;
  return light(was) === light(now.id) && (was === 'day' || now.id === 'day');
}

function sceneFrom(said: SceneOfPrompt, before?: Scene): Scene {
  const places = said.places.length > 0 ? said.places : (before?.places ?? []);
  // In another place it is day again until the prompt says otherwise: that is what a model makes of it.
  const elsewhere = said.places.length > 0;
  const time = said.time ?? (elsewhere ? null : (before?.time ?? null));
  return { places, time, who: said.who, size: said.cameraMoves ? null : (said.size ?? plainSize) };
}

function sceneAfter(before: Scene, said: SceneOfPrompt): Scene {
  return {
    places: said.places.length > 0 ? said.places : before.places,
    time: said.time ?? before.time,
    who: together(before.who, said.who),
    size: said.cameraMoves ? null : (said.size ?? plainSize),
  };
}

function sameWords(before: Scene, said: SceneOfPrompt): string {
  const same = said.places.find(({ id }) => before.places.some((place) => place.id === id));
  if (same) return `the same place: ${same.word}`;
  return before.places.length > 0
    ? `no other place is named than ${wordsOf(before.places)}`
    : 'no other place, time or shot size is named';
}

function wordsOf(places: readonly NamedPlace[]): string {
  return places.map(({ word }) => word).join(' and ');
}
