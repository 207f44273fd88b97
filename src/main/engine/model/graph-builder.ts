import { basename } from 'node:path';
import { ThroughlineError } from '../../../shared/errors.ts';
import {
  attributeType,
  type ElementType,
  elementType,
  encodeModel,
  externalLocation,
  irVersion,
  opsetVersion,
} from './onnx-proto.ts';
import type { TensorEntry } from './safetensors.ts';

/** Name of a value inside a graph. */
export type Value = string;
/** A number, or the name of a dimension known only at run time. */
export type Dim = number | string;
type Attribute = number | string | readonly number[] | { readonly float: number };

const elementTypeOf: Readonly<Record<string, ElementType>> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/**
 * Writes one ONNX graph, node by node. Weights become initialisers that point into their safetensors files
 * (external data), so nothing is copied. Pure: the result of {@link build} is bytes for a file that must lie in
 * the same folder as the weights.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: Record<string, unknown>[] = [];
  readonly #inputs: Record<string, unknown>[] = [];
  readonly #outputs: Record<string, unknown>[] = [];
  readonly #initializers: Record<string, unknown>[] = [];
  readonly #weights: ReadonlyMap<string, TensorEntry>;
  readonly #cached = new Map<string, Value>();
  readonly #domains = new Set<string>();
  /** Values that a node computes. */
  readonly #results = new Set<Value>();
  /** Values that leave the graph, by their public names. */
  readonly #renamed = new Map<Value, string>();
  #counter = 0;

  /** @param weights tensors by the names that {@link weight} will ask for. */
  constructor(name: string, weights: ReadonlyMap<string, TensorEntry> = new Map()) {
    this.#name = name;
    this.#weights = weights;
  }

  input(name: string, type: ElementType, dims: readonly Dim[]): Value {
    this.#inputs.push(valueInfo(name, type, dims));
    return name;
  }

  /** Gives `value` the public name `name`. */
  output(name: string, value: Value, type: ElementType, dims: readonly Dim[]): void {
    this.#outputs.push(valueInfo(name, type, dims));
    // Renaming saves a copy at every run; what is an input, or has a public name already, is copied.
    if (this.#results.has(value) && !this.#renamed.has(value)) this.#renamed.set(value, name);
    else this.#nodes.push({ opType: 'Identity', input: [value], output: [name], name: `out:${name}` });
  }

  /** Adds a node with one result. */
  op(
    opType: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): Value {
    return this.ops(opType, inputs, 1, attributes, domain)[0] as Value;
  }

  /** Adds a node with `count` results. An empty input name means "left out". */
  ops(
    opType: string,
    inputs: readonly Value[],
    count: number,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): Value[] {
    const id = this.#counter++;
    const output = Array.from({ length: count }, (_, i) => `${opType}_${id}${count > 1 ? `_${i}` : ''}`);
    this.#domains.add(domain);
    for (const value of output) this.#results.add(value);
    this.#nodes.push({
      opType,
      input: [...inputs],
      output,
      name: `${opType}_${id}`,
      domain,
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return output;
  }

  floats(values: readonly number[], dims: readonly number[] = [values.length]): Value {
    return this.#constant('float32', dims, values, () => new Float32Array(values).buffer);
  }

  ints(values: readonly number[], dims: readonly number[] = [values.length]): Value {
    return this.#constant('int64', dims, values, () => new BigInt64Array(values.map(BigInt)).buffer);
  }

  bytes(values: readonly number[], dims: readonly number[] = [values.length]): Value {
    return this.#constant('uint8', dims, values, () => new Uint8Array(values).buffer);
  }

  /** The same values in another type. */
  cast(value: Value, from: 'float32' | 'float16', to: 'float32' | 'float16'): Value {
    return from === to ? value : this.op('Cast', [value], { to: elementType[to] });
  }

  /**
   * A weight in the type that is computed with, checked against the shape that the configuration implies.
   * @throws ThroughlineError `model-inconsistent` if it is missing or has another shape.
   */
  weight(name: string, shape: readonly number[], as: 'float32' | 'float16' = 'float32'): Value {
    const cached = this.#cached.get(`w:${as}:${name}`);
    if (cached) return cached;
    const entry = this.#weights.get(name);
    if (!entry) throw inconsistent(`the weight ${name} is missing`);
    if (entry.shape.join() !== shape.join()) {
      throw inconsistent(
        `the weight ${name} has the shape [${entry.shape}] in ${basename(entry.file)}, but config.json implies [${shape}]`,
      );
    }
    const type = elementTypeOf[entry.dtype];
    if (entry.dtype.startsWith('F8_')) throw fp8(name, entry);
    if (!type) throw inconsistent(`the weight ${name} has the type ${entry.dtype}; F32, F16 and BF16 are supported`);
    const other = as === 'float32' ? 'float16' : 'float32';
    if (!this.#cached.has(`w:${other}:${name}`)) this.#external(name, entry, type, shape);
    const value = type === as ? name : this.op('Cast', [name], { to: elementType[as] });
    this.#cached.set(`w:${as}:${name}`, value);
    return value;
  }

  /**
   * A weight as it is stored, without a cast: whole numbers in blocks, or their scales.
   * @throws ThroughlineError `model-inconsistent` if it is missing, of another shape or of another type
   */
  stored(name: string, type: 'uint8' | 'float32', shape: readonly number[]): Value {
    const entry = this.#weights.get(name);
    if (!entry) throw inconsistent(`the weight ${name} is missing`);
    if (entry.shape.join() !== shape.join() || entry.dtype !== (type === 'uint8' ? 'U8' : 'F32')) {
      throw inconsistent(`${name} is ${entry.dtype} [${entry.shape}] and should be ${type} [${shape}]`);
    }
    this.#external(name, entry, type, shape);
    return name;
  }

  #external(name: string, entry: TensorEntry, type: ElementType, shape: readonly number[]): void {
    this.#initializers.push({
      name,
      dims: [...shape],
      dataType: elementType[type],
      dataLocation: externalLocation,
      externalData: [
        { key: 'location', value: basename(entry.file) },
        { key: 'offset', value: String(entry.offsetBytes) },
        { key: 'length', value: String(entry.sizeBytes) },
      ],
    });
  }

  has(name: string): boolean {
    return this.#weights.has(name);
  }

  /** Serialised ModelProto. */
  build(): Uint8Array {
    const opsetImport = [{ domain: '', version: opsetVersion }];
    if (this.#domains.has('com.microsoft')) opsetImport.push({ domain: 'com.microsoft', version: 1 });
    const named = (values: unknown): Value[] => (values as Value[]).map((value) => this.#renamed.get(value) ?? value);
    const node = this.#nodes.map((n) => ({ ...n, input: named(n.input), output: named(n.output) }));
    return encodeModel({
      irVersion,
      producerName: 'throughline',
      opsetImport,
      graph: { name: this.#name, node, initializer: this.#initializers, input: this.#inputs, output: this.#outputs },
    });
  }

  #constant(
    type: ElementType,
    dims: readonly number[],
    values: readonly number[],
    bytes: () => ArrayBufferLike,
  ): Value {
    const key = `${type}:${dims}:${values}`;
    const cached = this.#cached.get(key);
    if (cached) return cached;
    const name = `const_${this.#counter++}`;
    this.#initializers.push({ name, dims: [...dims], dataType: elementType[type], rawData: new Uint8Array(bytes()) });
    this.#cached.set(key, name);
    return name;
  }
}

function attribute(name: string, value: Attribute): Record<string, unknown> {
  if (typeof value === 'number') return { name, i: value, type: attributeType.int };
  if (typeof value === 'string') return { name, s: Buffer.from(value), type: attributeType.string };
  if ('float' in value) return { name, f: value.float, type: attributeType.float };
  return { name, ints: [...value], type: attributeType.ints };
}

function valueInfo(name: string, type: ElementType, dims: readonly Dim[]): Record<string, unknown> {
  const dim = dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementType[type], shape: { dim } } } };
}

function fp8(name: string, { dtype, file }: TensorEntry): ThroughlineError {
  return new ThroughlineError(
    'model-inconsistent',
    `The weight ${name} in ${basename(file)} is stored in eight bits (${dtype}), which cannot be computed with as it is.`,
    'Import the file (throughline models import): that widens it. Or get the same weights in bf16 or fp16.',
  );
}

function inconsistent(what: string): ThroughlineError {
  return new ThroughlineError(
    'model-inconsistent',
    `The model does not fit its configuration: ${what}.`,
    'Check that config.json belongs to these weights.',
  );
}
