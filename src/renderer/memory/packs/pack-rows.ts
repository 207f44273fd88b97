import type { MemoryRecord } from '../../../shared/memory-record.ts';

/** Packs of one kind, nearest first. */
export interface PackRow {
  readonly name: string;
  /** How coarse they are; null where each is as fine as a whole frame. */
  readonly coarse: string | null;
  /** Of all its packs together. */
  readonly tokens: number;
  /** Latent frames of each pack, oldest first. */
  readonly packs: readonly (readonly number[])[];
}

/** A record's packs by how coarse they are, the finest first; none of other memories. */
export function rowsOfPacks({ packs = [] }: MemoryRecord): PackRow[] {
  const rates = [...new Set(packs.map(({ rate }) => rate))].sort((a, b) => a - b);
  return rates.map((rate) => {
    const own = packs.filter((pack) => pack.rate === rate);
    const side = own[0]?.side ?? rate;
    return {
      name: rate === 1 ? 'Whole frames' : `${rate} frames as one`,
      coarse: side === 1 ? null : `${side} times as coarse`,
      tokens: own.reduce((sum, { tokens }) => sum + tokens, 0),
      packs: own.map(({ frames }) => frames),
    };
  });
}
