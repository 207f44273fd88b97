import type { Geometry } from './config.ts';

/** Cosines and sines, [tokens, headDim/2] each, one row a token. */
export interface RopeTable {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/**
 * 3-D RoPE angles for whole frames, one after the other (model reference A): of the headDim/2 pairs the first
 * headDim/2 - 2*floor(headDim/6) turn with time, then floor(headDim/6) with height and as many with width;
 * pair j of an axis with D channels turns by position * theta^(-2j/D).
 * @param timeIndices time index of each frame
 */
export function ropeTable(
  timeIndices: readonly number[],
  { headDim, rows, columns, tokens }: Geometry,
  theta: number,
): RopeTable {
  const pairs = headDim / 2;
  const spatialPairs = Math.floor(headDim / 6);
  const timePairs = pairs - 2 * spatialPairs;
  const frequencies = (count: number): number[] => Array.from({ length: count }, (_, j) => theta ** (-j / count));
  const timeFrequencies = frequencies(timePairs);
  const spatialFrequencies = frequencies(spatialPairs);
  const cos = new Float32Array(timeIndices.length * tokens * pairs);
  const sin = new Float32Array(cos.length);
  let at = 0;
  const write = (position: number, frequency: number): void => {
    cos[at] = Math.cos(position * frequency);
    sin[at] = Math.sin(position * frequency);
    at++;
  };
  for (const time of timeIndices) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (const frequency of timeFrequencies) write(time, frequency);
        for (const frequency of spatialFrequencies) write(row, frequency);
        for (const frequency of spatialFrequencies) write(column, frequency);
      }
    }
  }
  return { cos, sin };
}

/** Tables kept: with relative positions a model needs about ten, with absolute ones every chunk needs new ones. */
const keptTables = 16;

/** {@link ropeTable} of one model, the last few kept: every layer and step of a chunk asks for the same ones. */
export class RopeTables {
  readonly #geometry: Geometry;
  readonly #theta: number;
  readonly #kept = new Map<string, RopeTable>();

  constructor(geometry: Geometry, theta: number) {
    this.#geometry = geometry;
    this.#theta = theta;
  }

  /** Not to be written to. */
  of(timeIndices: readonly number[]): RopeTable {
    const name = timeIndices.join();
    const table = this.#kept.get(name) ?? ropeTable(timeIndices, this.#geometry, this.#theta);
    this.#kept.delete(name);
    this.#kept.set(name, table);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptTables && oldest !== undefined) this.#kept.delete(oldest);
    return table;
  }
}
