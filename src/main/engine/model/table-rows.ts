import { readTensor, type TensorEntry } from './safetensors.ts';

/**
 * Some rows of a table, read one by one from its file: a table of words has gigabytes, and a prompt needs a few of them.
 * @param table [rows, columns]
 * @returns [indices, columns] as fp32
 * @throws ThroughlineError `model-truncated` where the file has become shorter
 */
export function readRows(table: TensorEntry, indices: readonly number[]): Float32Array {
  const columns = table.shape[1] as number;
  const rowBytes = table.sizeBytes / (table.shape[0] as number);
  const rows = new Float32Array(indices.length * columns);
  for (const [i, index] of indices.entries()) {
    const row: TensorEntry = {
      ...table,
      shape: [1, columns],
      offsetBytes: table.offsetBytes + index * rowBytes,
      sizeBytes: rowBytes,
    };
    rows.set(readTensor(row), i * columns);
  }
  return rows;
}
