import { type ByteSource, damaged, truncated, unsupported } from '../byte-source.ts';
import { elementBytes, elementCount, normalizedStrides, type StoredTensor, type StoredType } from '../stored-tensor.ts';
import { PersistentId, type PickleAllowed, type PickleCall, PickleGlobal, PickleReader } from './pickle.ts';
import { dataOffset, readZip } from './zip.ts';

/** What `torch.save` wrote: dictionaries of dictionaries of tensors, and whatever plain values lie beside them. */
export type TorchValue = unknown;

const storageTypes: Readonly<Record<string, StoredType>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  Float8_e4m3fnStorage: 'F8_E4M3',
  Float8_e5m2Storage: 'F8_E5M2',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};

/** A storage as the pickle names it; where its bytes lie is known only once the pickle has been read. */
interface Storage {
  readonly key: string;
  readonly type: StoredType;
  readonly elements: number;
}

/** A tensor as the pickle describes it. */
class TorchTensor {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

const mostAxes = 8;
/** Dictionaries inside dictionaries, in what is looked through for tensors. */
const deepest = 6;
/** Values looked at for tensors, those met again among them. */
const mostValues = 2_000_000;

/** Tensors by where they lie: the keys of the dictionaries on the way, and their own. */
export interface TorchEntry {
  readonly path: readonly string[];
  readonly tensor: StoredTensor;
}

/** The zip format: `data.pkl`, and a file for every storage. */
export function readTorchZip(source: ByteSource): TorchEntry[] {
  const entries = readZip(source);
  const pickle = [...entries.values()].find(({ name }) => /(^|\/)data\.pkl$/.test(name));
  if (!pickle) {
    throw unsupported(source.name, 'is a zip archive without weights', 'Unpack it, and use the weights inside.');
  }
  const prefix = pickle.name.slice(0, -'data.pkl'.length);
  if (entries.has(`${prefix}constants.pkl`)) {
    throw unsupported(source.name, 'is a TorchScript program and not a checkpoint', 'Get the weights as safetensors.');
  }
  const order = entries.get(`${prefix}byteorder`);
  if (order && source.read(dataOffset(source, order), Math.min(order.sizeBytes, 16)).toString() !== 'little') {
    throw unsupported(source.name, 'was written on a big-endian machine', 'Get the weights as safetensors.');
  }
  const reader = new PickleReader(source, dataOffset(source, pickle), allowed(source));
  const value = reader.read();
  return resolve(source, value, ({ key, type, elements }) => {
    const entry = entries.get(`${prefix}data/${key}`);
    if (!entry) throw damaged(source.name, `the storage ${key} is missing`);
    if (elements * elementBytes[type] > entry.sizeBytes) throw damaged(source.name, `the storage ${key} is too short`);
    return dataOffset(source, entry);
  });
}

const legacyMagic = 0x1950a86a20f9469cfc6cn;
const legacyProtocol = 1001;

/** The format before zip: pickles one after the other, then the storages. */
export function readTorchLegacy(source: ByteSource): TorchEntry[] {
  const rules = allowed(source);
  let position = 0;
  const next = (): unknown => {
    const reader = new PickleReader(source, position, rules);
    const value = reader.read();
    position = reader.position;
    return value;
  };
  if (next() !== legacyMagic) {
    throw unsupported(source.name, 'is a pickle, but not of PyTorch', 'Get the weights as safetensors, .pt or .pth.');
  }
  if (next() !== legacyProtocol) throw damaged(source.name, 'it is of a version that is not known');
  next(); // sizes of the machine that wrote it
  const value = next();
  const keys = next();
  if (!Array.isArray(keys)) throw damaged(source.name, 'its list of storages is missing');
  const storages = new Map<string, Storage>();
  collectStorages(source, value, storages);
  const offsets = new Map<string, number>();
  for (const key of keys.map(String)) {
    const storage = storages.get(key);
    if (!storage) throw damaged(source.name, `nothing says what the storage ${key} is`);
    const elements = Number(source.read(position, 8).readBigInt64LE());
    position += 8;
    if (elements !== storage.elements) throw damaged(source.name, `the storage ${key} has ${elements} elements`);
    offsets.set(key, position);
    position += elements * elementBytes[storage.type];
    if (position > source.sizeBytes) throw truncated(source);
  }
  return resolve(source, value, ({ key }) => {
    const offset = offsets.get(key);
    if (offset === undefined) throw damaged(source.name, `the storage ${key} is missing`);
    return offset;
  });
}

/** Looks through dictionaries for tensors and finds where each lies. */
function resolve(source: ByteSource, value: unknown, offsetOf: (storage: Storage) => number): TorchEntry[] {
  const entries: TorchEntry[] = [];
  const offsets = new Map<string, number>();
  walk(source, value, (path, { storage, offset, shape, strides }) => {
    const start = offsets.get(storage.key) ?? offsetOf(storage);
    offsets.set(storage.key, start);
    const tensor: StoredTensor = {
      source,
      type: storage.type,
      shape,
      offsetBytes: start + offset * elementBytes[storage.type],
      strides: normalizedStrides(shape, strides),
    };
    entries.push({ path, tensor });
  });
  return entries;
}

function collectStorages(source: ByteSource, value: unknown, into: Map<string, Storage>): void {
  walk(source, value, (_path, { storage }) => into.set(storage.key, storage));
}

function walk(
  source: ByteSource,
  value: unknown,
  found: (path: readonly string[], tensor: TorchTensor) => void,
  path: readonly string[] = [],
  seen = { count: 0 },
): void {
  if (++seen.count > mostValues) throw damaged(source.name, `it describes more than ${mostValues} values`);
  if (value instanceof TorchTensor) {
    found(path, value);
    return;
  }
  // Lists hold a trainer's state, never weights.
  if (!(value instanceof Map) || path.length >= deepest) return;
  for (const [key, inner] of value) if (typeof key === 'string') walk(source, inner, found, [...path, key], seen);
}

/** The allow-list: plain containers, tensors and their storages. */
function allowed(source: ByteSource): PickleAllowed {
  const tensor: PickleCall = ([storage, offset, shape, strides]) => {
    const { key, type, elements } = storageOf(source, storage);
    const from = wholeNumber(source, offset);
    const sizes = wholeNumbers(source, shape);
    const steps = wholeNumbers(source, strides);
    if (steps.length !== sizes.length) throw damaged(source.name, 'a tensor has more axes than sizes');
    const count = elementCount(sizes);
    const last = from + sizes.reduce((sum, n, axis) => sum + (n - 1) * (steps[axis] as number), 0);
    // A view that repeats elements could claim any size.
    if (count > elements || (count > 0 && last >= elements)) {
      throw damaged(source.name, `a tensor [${sizes}] reaches beyond its storage of ${elements}`);
    }
    return new TorchTensor({ key, type, elements }, from, sizes, steps);
  };
  const calls = new Map<string, PickleCall>([
    ['collections.OrderedDict', ([pairs]) => ordered(source, pairs)],
    ['torch._utils._rebuild_tensor_v2', tensor],
    ['torch._utils._rebuild_tensor', tensor],
    ['torch._utils._rebuild_parameter', ([data]) => data],
    ['torch.Size', ([sizes]) => sizes],
  ]);
  return { calls, isValue: (name) => storageName(name) !== null || elementTypeName.test(name) };
}

/** Element types, which stand beside weights as plain values. */
const elementTypeName = /^torch\.(float(16|32|64)|bfloat16|half|u?int(8|16|32|64)|bool|float8_e4m3fn|float8_e5m2)$/;

function storageName(name: string): string | null {
  const match = /^torch\.(?:cuda\.)?([A-Za-z0-9_]+Storage)$/.exec(name)?.[1];
  return match !== undefined && match in storageTypes ? match : null;
}

function storageOf(source: ByteSource, id: unknown): Storage {
  const value = id instanceof PersistentId ? id.value : null;
  if (!Array.isArray(value) || value[0] !== 'storage') throw damaged(source.name, 'a tensor has no storage');
  const [, kind, key, , elements, view] = value as unknown[];
  const name = kind instanceof PickleGlobal ? storageName(kind.name) : null;
  if (name === null) throw damaged(source.name, 'a storage is of an unknown type');
  if (view !== undefined && view !== null) throw damaged(source.name, 'a storage is a part of another one');
  if (typeof key !== 'string' && typeof key !== 'number') throw damaged(source.name, 'a storage has no name');
  return { key: String(key), type: storageTypes[name] as StoredType, elements: wholeNumber(source, elements) };
}

function ordered(source: ByteSource, pairs: unknown): Map<unknown, unknown> {
  if (pairs === undefined) return new Map();
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    throw damaged(source.name, 'a dictionary is made of something else than pairs');
  }
  return new Map(pairs as [unknown, unknown][]);
}

function wholeNumber(source: ByteSource, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw damaged(source.name, `a size is ${typeof value === 'number' ? value : typeof value}`);
}

function wholeNumbers(source: ByteSource, value: unknown): number[] {
  if (!Array.isArray(value) || value.length > mostAxes) throw damaged(source.name, 'a tensor has no sizes');
  return value.map((n) => wholeNumber(source, n));
}
