import { closeSync, openSync, writeSync } from 'node:fs';

export type Shapes = ReadonlyMap<string, readonly number[]>;
export type TorchType = 'float32' | 'bfloat16';

/** As torch lays entries. */
const alignment = 64;
const pieceElements = 4 * 1024 ** 2;

/**
 * Writes seeded random weights as `torch.save` does: a zip of stored entries, a pickle that names them. Norms lie near 1,
 * biases near 0, other values have variance 1 / inputs, so that activations keep their size.
 * @param root a dictionary in which the weights lie, and what stands before their names; null: they lie bare
 * @returns bytes of the file
 */
export function writeTorchFile(
  path: string,
  shapes: Shapes,
  type: TorchType,
  root: { readonly key: string; readonly prefix: string } | null = null,
): number {
  const fd = openSync(path, 'w');
  const zip = new ZipWriter(fd);
  try {
    zip.small('archive/data.pkl', pickleOf(shapes, type, root));
    for (const [index, [name, shape]] of [...shapes].entries()) {
      const count = elements(shape);
      zip.large(`archive/data/${index}`, count * bytesOf(type), (write) => {
        const isNorm = /norm.*\.weight$|\.gamma$/.test(name);
        const scale = isNorm || count === shape[0] ? 0.02 : 1 / Math.sqrt(count / (shape[0] as number));
        for (let done = 0; done < count; done += pieceElements) {
          write(piece(Math.min(pieceElements, count - done), isNorm ? 1 : 0, scale, type, index + done));
        }
      });
    }
    zip.small('archive/version', Buffer.from('3\n'));
    return zip.end();
  } finally {
    closeSync(fd);
  }
}

const bytesOf = (type: TorchType): number => (type === 'float32' ? 4 : 2);
const elements = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Standard normal numbers; a tensor is a stretch of them, each from another place. */
const noise = (() => {
  const values = new Float32Array(2 * pieceElements);
  let state = 1;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  for (let i = 0; i < values.length; i += 2) {
    const [radius, angle] = [Math.sqrt(-2 * Math.log(uniform())), 2 * Math.PI * uniform()];
    values[i] = radius * Math.cos(angle);
    values[i + 1] = radius * Math.sin(angle);
  }
  return values;
})();

function piece(count: number, mean: number, scale: number, type: TorchType, from: number): Uint8Array {
  const start = (Math.imul(from, 7919) >>> 0) % pieceElements;
  const values = noise.slice(start, start + count);
  for (let i = 0; i < count; i++) values[i] = mean + scale * (values[i] as number);
  if (type === 'float32') return new Uint8Array(values.buffer);
  const halves = new Uint16Array(count);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < count; i++) halves[i] = (bits[i] as number) >>> 16;
  return new Uint8Array(halves.buffer);
}

/** Protocol 2, as torch writes it. */
function pickleOf(shapes: Shapes, type: TorchType, root: { key: string; prefix: string } | null): Buffer {
  const parts: Buffer[] = [Buffer.from('\x80\x02', 'latin1')];
  const raw = (text: string): void => void parts.push(Buffer.from(text, 'latin1'));
  const text = (value: string): void => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    parts.push(Buffer.from('X'), length, bytes);
  };
  const integer = (value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    parts.push(Buffer.from('J'), bytes);
  };
  const tuple = (values: readonly number[]): void => {
    raw('(');
    for (const value of values) integer(value);
    raw('t');
  };
  if (root) {
    raw('}');
    text(root.key);
  }
  raw('}');
  for (const [index, [name, shape]] of [...shapes].entries()) {
    text(`${root?.prefix ?? ''}${name}`);
    raw('ctorch._utils\n_rebuild_tensor_v2\n((');
    text('storage');
    raw(`ctorch\n${type === 'float32' ? 'FloatStorage' : 'BFloat16Storage'}\n`);
    text(String(index));
    text('cpu');
    integer(elements(shape));
    raw('tQ');
    integer(0);
    tuple(shape);
    tuple(shape.map((_, axis) => elements(shape.slice(axis + 1))));
    raw('\x89ccollections\nOrderedDict\n)RtRs');
  }
  raw(root ? 's.' : '.');
  return Buffer.concat(parts);
}

/** Stored entries, none over 4 GB, in a file that may be larger. Checksums are left at zero: readers of weights skip them. */
class ZipWriter {
  readonly #fd: number;
  #at = 0;
  readonly #directory: Buffer[] = [];

  constructor(fd: number) {
    this.#fd = fd;
  }

  small(name: string, content: Buffer): void {
    this.large(name, content.length, (write) => write(content));
  }

  large(name: string, sizeBytes: number, fill: (write: (bytes: Uint8Array) => void) => void): void {
    const offset = this.#at;
    const nameBytes = Buffer.from(name);
    const unpadded = offset + 30 + nameBytes.length + 4;
    const padding = Buffer.alloc(4 + ((alignment - (unpadded % alignment)) % alignment));
    padding.writeUInt16LE(0x4246, 0);
    padding.writeUInt16LE(padding.length - 4, 2);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt32LE(sizeBytes, 18);
    header.writeUInt32LE(sizeBytes, 22);
    header.writeUInt16LE(nameBytes.length, 26);
    header.writeUInt16LE(padding.length, 28);
    this.#write(Buffer.concat([header, nameBytes, padding]));
    fill((bytes) => this.#write(bytes));
    const wide = Buffer.alloc(12);
    wide.writeUInt16LE(1, 0);
    wide.writeUInt16LE(8, 2);
    wide.writeBigUInt64LE(BigInt(offset), 4);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt32LE(sizeBytes, 20);
    entry.writeUInt32LE(sizeBytes, 24);
    entry.writeUInt16LE(nameBytes.length, 28);
    entry.writeUInt16LE(wide.length, 30);
    entry.writeUInt32LE(0xffffffff, 42);
    this.#directory.push(Buffer.concat([entry, nameBytes, wide]));
  }

  /** @returns bytes of the file */
  end(): number {
    const directory = Buffer.concat(this.#directory);
    const start = this.#at;
    this.#write(directory);
    const end64 = Buffer.alloc(56);
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(44n, 4);
    end64.writeBigUInt64LE(BigInt(this.#directory.length), 24);
    end64.writeBigUInt64LE(BigInt(this.#directory.length), 32);
    end64.writeBigUInt64LE(BigInt(directory.length), 40);
    end64.writeBigUInt64LE(BigInt(start), 48);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(this.#at), 8);
    locator.writeUInt32LE(1, 16);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(0xffff, 8);
    end.writeUInt16LE(0xffff, 10);
    end.writeUInt32LE(0xffffffff, 12);
    end.writeUInt32LE(0xffffffff, 16);
    this.#write(Buffer.concat([end64, locator, end]));
    return this.#at;
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#fd, bytes, done, bytes.length - done);
    this.#at += bytes.length;
  }
}
