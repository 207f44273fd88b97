import { dirname, join } from 'node:path';
import { contentBytes, contentOf, notWeights } from '../../model/file-content.ts';
import { type ByteSource, damaged, FileSource, unsupported } from '../byte-source.ts';
import type { StoredTensor } from '../stored-tensor.ts';
import { readSafetensorsTable, readShardIndex } from './safetensors.ts';
import { readTorchLegacy, readTorchZip, type TorchEntry } from './torch.ts';

/** A checkpoint's tensors, in the dictionaries they lay in. Keeps its files open until it is disposed. */
export interface OpenCheckpoint {
  readonly name: string;
  readonly entries: readonly TorchEntry[];
  /** The files read, links as they were given. */
  readonly files: readonly string[];
  dispose(): void;
}

const mostIndexBytes = 16 * 1024 ** 2;

/**
 * Opens a checkpoint of any container, told by its content: safetensors, an index of shards beside it, PyTorch's zip, or its
 * format from before.
 * @throws ThroughlineError saying what the file is, where it is none of these
 */
export function openCheckpoint(path: string): OpenCheckpoint {
  const sources: FileSource[] = [];
  const open = (file: string): FileSource => {
    const source = FileSource.open(file);
    sources.push(source);
    return source;
  };
  const dispose = (): void => {
    for (const source of sources) source.dispose();
  };
  try {
    const source = open(path);
    const entries = readCheckpoint(source, (shard) => open(join(dirname(path), shard)));
    if (entries.length === 0) throw unsupported(source.name, 'holds no tensors', 'Choose the file with the weights.');
    return { name: source.name, entries, files: sources.map((file) => file.path), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/**
 * The tensors of a checkpoint whose bytes are at hand.
 * @param openShard opens a file beside it, named by an index
 * @throws ThroughlineError as {@link openCheckpoint}
 */
export function readCheckpoint(source: ByteSource, openShard: (name: string) => ByteSource): TorchEntry[] {
  const head = source.read(0, Math.min(contentBytes, source.sizeBytes));
  const content = contentOf(head);
  if (content === 'text' && head.toString('latin1').trimStart().startsWith('{')) {
    if (source.sizeBytes > mostIndexBytes) throw damaged(source.name, 'it is too large for an index of shards');
    return readShardIndex(source).flatMap((name) => named(readSafetensorsTable(checked(openShard(name)))));
  }
  checked(source);
  switch (content) {
    case 'zip':
      return readTorchZip(source);
    case 'pickle':
      return readTorchLegacy(source);
    case 'safetensors':
      return named(readSafetensorsTable(source));
    default:
      throw unsupported(
        source.name,
        'is no checkpoint that Throughline knows',
        'Choose a .safetensors, .pt or .pth file with weights.',
      );
  }
}

/** The same source, where it may hold weights. */
function checked(source: ByteSource): ByteSource {
  const other = notWeights(contentOf(source.read(0, Math.min(contentBytes, source.sizeBytes))), source.name);
  if (other) throw other;
  return source;
}

function named(table: ReadonlyMap<string, StoredTensor>): TorchEntry[] {
  return [...table].map(([name, tensor]) => ({ path: [name], tensor }));
}
