/** A shot of either script, as far as matching goes. */
export interface Matchable {
  /** Equal for shots that say the same. */
  readonly fingerprint: string;
  /** Number and heading of its scene, as far as there are any. */
  readonly scene: string;
  /** What it shows, in words; compared where fingerprints differ. */
  readonly text: string;
}

/** Pairs of shots compared by their words in one scene, and in the whole script; more are matched by order alone. */
const mostPairsInScene = 40_000;
const mostPairsInAll = 400_000;
/** Shares of words in common from which on two shots are the same one: in one scene, and anywhere. */
const alikeInScene = 0.4;
const alikeAnywhere = 0.7;

/**
 * Which shot of the old script each of the new one is: those that say the same first, wherever they stand; then, scene
 * by scene, those with the most words in common; then those that went to another scene and were changed a little.
 *
 * @returns for every new shot the place of its old one, or null
 */
export function matchShots(before: readonly Matchable[], after: readonly Matchable[]): (number | null)[] {
  const matched: (number | null)[] = after.map(() => null);
  const free = new Set(before.keys());
  const pair = (old: number, now: number) => {
    matched[now] = old;
    free.delete(old);
  };

  // The same words more than once, "The cat waves.": in one scene before anywhere, and in order.
  const key = (shot: Matchable) => `${shot.scene}\n${shot.fingerprint}`;
  for (const keyOf of [key, (shot: Matchable) => shot.fingerprint]) {
    const places = new Map<string, number[]>();
    for (const old of free) {
      const name = keyOf(before[old] as Matchable);
      const list = places.get(name);
      if (list) list.push(old);
      else places.set(name, [old]);
    }
    for (const list of places.values()) list.reverse();
    for (const [now, shot] of after.entries()) {
      if (matched[now] !== null) continue;
      const old = places.get(keyOf(shot))?.pop();
      if (old !== undefined) pair(old, now);
    }
  }

  const scenes = new Map<string, { old: number[]; now: number[] }>();
  const sceneOf = (name: string) => {
    const scene = scenes.get(name) ?? { old: [], now: [] };
    scenes.set(name, scene);
    return scene;
  };
  for (const old of free) sceneOf((before[old] as Matchable).scene).old.push(old);
  for (const [now, old] of matched.entries()) if (old === null) sceneOf((after[now] as Matchable).scene).now.push(now);
  const words = new WordSets();
  for (const { old, now } of scenes.values()) {
    if (old.length * now.length > mostPairsInScene) {
      for (const [i, place] of now.entries()) if (old[i] !== undefined) pair(old[i], place);
      continue;
    }
    pairAlike(old, now, alikeInScene);
  }
  const left = [...matched.entries()].filter(([, old]) => old === null).map(([now]) => now);
  if (free.size * left.length <= mostPairsInAll) pairAlike([...free], left, alikeAnywhere);
  return matched;

  /** The most alike first. */
  function pairAlike(old: readonly number[], now: readonly number[], least: number): void {
    const pairs: { old: number; now: number; share: number }[] = [];
    for (const o of old) {
      for (const n of now) {
        const share = words.share((before[o] as Matchable).text, (after[n] as Matchable).text);
        if (share >= least) pairs.push({ old: o, now: n, share });
      }
    }
    // Of those equally alike, the ones that stand alike.
    pairs.sort((a, b) => b.share - a.share || Math.abs(a.old - a.now) - Math.abs(b.old - b.now));
    for (const { old: o, now: n } of pairs) if (free.has(o) && matched[n] === null) pair(o, n);
  }
}

/** How many of their words two texts share (Dice), from 0 to 1. Each text is taken apart once. */
class WordSets {
  readonly #sets = new Map<string, ReadonlySet<string>>();

  share(one: string, other: string): number {
    const [a, b] = [this.#of(one), this.#of(other)];
    if (a.size + b.size === 0) return 0;
    let common = 0;
    for (const word of a) if (b.has(word)) common += 1;
    return (2 * common) / (a.size + b.size);
  }

  #of(text: string): ReadonlySet<string> {
    const known = this.#sets.get(text);
    if (known) return known;
    const set = new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
    this.#sets.set(text, set);
    return set;
  }
}

/**
 * Of matches in the new order, those that stand in the old order too: as many as can be (the longest rising run). The
 * others have moved.
 * @param places old places, in the new order
 */
export function unmoved(places: readonly number[]): Set<number> {
  /** The place that ends a rising run of each length, lowest first; and what comes before each place in its run. */
  const ends: number[] = [];
  const previous = new Map<number, number | undefined>();
  for (const place of places) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    previous.set(place, ends[low - 1]);
    ends[low] = place;
  }
  const run = new Set<number>();
  for (let at = ends.at(-1); at !== undefined; at = previous.get(at)) run.add(at);
  return run;
}
