/** Whole numbers from a seed, the same on every machine (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 or more, less than 2^32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** 0 or more, less than `count`. */
  below(count: number): number {
    return count <= 1 ? 0 : this.next() % count;
  }

  chance(share: number): boolean {
    return this.next() < share * 2 ** 32;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }
}

/** A seed of its own for every input, so that one can be made again without those before it. */
export function seedOf(seed: number, parser: string, index: number): number {
  let mixed = seed >>> 0;
  for (const part of `${parser} ${index}`) mixed = Math.imul(mixed ^ part.charCodeAt(0), 0x01000193) >>> 0;
  return mixed;
}
