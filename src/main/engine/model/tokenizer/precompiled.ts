/**
 * SentencePiece's precompiled normaliser: a double-array trie from UTF-8 sequences to offsets into a pool of replacements.
 * At every place the longest sequence that the trie knows is replaced; what it does not know stays.
 */
export class PrecompiledNormalizer {
  readonly #units: Uint32Array;
  readonly #pool: Buffer;

  /**
   * @param charsmap length of the trie in bytes (little-endian), the trie, the pool of zero-terminated replacements
   * @throws Error saying what is wrong with it
   */
  constructor(charsmap: Buffer) {
    if (charsmap.length < 4) throw new Error('its precompiled normaliser is cut short');
    const trieBytes = charsmap.readUInt32LE(0);
    if (trieBytes % 4 !== 0 || trieBytes === 0 || 4 + trieBytes > charsmap.length) {
      throw new Error('its precompiled normaliser is damaged');
    }
    this.#units = Uint32Array.from({ length: trieBytes / 4 }, (_, i) => charsmap.readUInt32LE(4 + 4 * i));
    this.#pool = charsmap.subarray(4 + trieBytes);
  }

  /** @throws Error where the trie leads outside the pool */
  normalize(text: string): string {
    const bytes = Buffer.from(text, 'utf8');
    const parts: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const found = this.#longest(bytes, at);
      const length = found ? found.length : sequenceLength(bytes[at] as number);
      parts.push(found ? this.#replacement(found.value) : bytes.subarray(at, at + length));
      at += length;
    }
    return Buffer.concat(parts).toString('utf8');
  }

  #longest(bytes: Buffer, from: number): { value: number; length: number } | null {
    const units = this.#units;
    let found: { value: number; length: number } | null = null;
    let node = offsetOf(units[0] as number);
    for (let i = from; i < bytes.length; i++) {
      node ^= bytes[i] as number;
      const unit = units[node];
      if (unit === undefined || labelOf(unit) !== bytes[i]) break;
      node ^= offsetOf(unit);
      if (((unit >>> 8) & 1) === 1) {
        const leaf = units[node];
        if (leaf === undefined) throw new Error('its precompiled normaliser is damaged');
        found = { value: leaf & 0x7fffffff, length: i + 1 - from };
      }
    }
    return found;
  }

  #replacement(offset: number): Buffer {
    const end = this.#pool.indexOf(0, offset);
    if (offset >= this.#pool.length || end < 0) throw new Error('its precompiled normaliser is damaged');
    return this.#pool.subarray(offset, end);
  }
}

function labelOf(unit: number): number {
  return (unit & 0x800000ff) >>> 0;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

/** Bytes of the UTF-8 sequence that starts with this byte. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}
