import { damaged } from './byte-source.ts';
import type { TensorTable } from './names.ts';
import { readWhole, type StoredTensor } from './stored-tensor.ts';

/** One matrix's change: W + scale * up . down. */
export interface LowRank {
  /** [rank, in] */
  readonly down: StoredTensor;
  /** [out, rank] */
  readonly up: StoredTensor;
  readonly scale: number;
}

/**
 * Pairs the matrices of a LoRA by the weight they change.
 * @param alpha where the file does not say it; the rank, if neither does
 * @throws ThroughlineError where one of a pair is missing or they do not fit each other
 */
export async function loraPairs(name: string, tensors: TensorTable, alpha?: number): Promise<Map<string, LowRank>> {
  const pairs = new Map<string, LowRank>();
  for (const [key, down] of tensors) {
    const match = /^(.*)\.lora_(A|down)\.(?:default\.)?weight$/.exec(key);
    if (!match) continue;
    const layer = match[1] as string;
    const upName = key.replace(/\.lora_A\./, '.lora_B.').replace(/\.lora_down\./, '.lora_up.');
    const up = tensors.get(upName);
    const rank = down.shape[0] as number;
    if (!up) throw damaged(name, `${upName} is missing`);
    if (down.shape.length !== 2 || up.shape.length !== 2 || up.shape[1] !== rank || rank < 1) {
      throw damaged(name, `the low-rank matrices of ${layer} do not fit each other`);
    }
    const said = tensors.get(`${layer}.alpha`);
    const strength = said ? ((await readWhole(said))[0] as number) : (alpha ?? rank);
    pairs.set(`${layer}.weight`, { down, up, scale: strength / rank });
  }
  const lone = [...tensors.keys()].find((key) => {
    const match = /^(.*)\.lora_(B|up)\./.exec(key);
    return match !== null && !pairs.has(`${match[1]}.weight`);
  });
  if (lone) throw damaged(name, `${lone} has no counterpart`);
  return pairs;
}

/** a [rows, inner] . b [inner, columns] -> [rows, columns], fp32. */
export type MatMul = (
  a: Float32Array,
  b: Float32Array,
  rows: number,
  inner: number,
  columns: number,
) => Promise<Float32Array>;

/** The whole change of one matrix, scale * up . down, [out, in]. */
export async function lowRankChange({ down, up, scale }: LowRank, multiply: MatMul): Promise<Float32Array> {
  const [rank, columns] = down.shape as [number, number];
  const rows = up.shape[0] as number;
  const change = await multiply(await readWhole(up), await readWhole(down), rows, rank, columns);
  return scale === 1 ? change : change.map((value) => value * scale);
}

/** Plainly, for small matrices and tests. */
export const plainMatMul: MatMul = async (a, b, rows, inner, columns) => {
  const out = new Float32Array(rows * columns);
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    row.fill(0);
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k] as number;
      for (let j = 0; j < columns; j++) row[j] = (row[j] as number) + factor * (b[k * columns + j] as number);
    }
    out.set(row, i * columns);
  }
  return out;
};
