import type { MemoryRecord } from '../../../shared/memory-record.ts';

/** Packs of one kind, nearest first. */
export interface PackRow {
  readonly name: string;
  /** How coarse they are; null where they are whole. */
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
    return {
      name: rate === 1 ? 'Whole frames' : `${rate} frames as one`,
      coarse: rate === 1 ? null : `${rate} times as coarse`,
      tokens: own.reduce((sum, { tokens }) => sum + tokens, 0),
      packs: own.map(({ frames }) => frames),
    };
  });
}
