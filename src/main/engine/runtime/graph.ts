import type { InferenceSession } from 'onnxruntime-node';
import { Tensor } from 'onnxruntime-node';
import { ThroughlineError } from '../../../shared/errors.ts';
import { DeviceTensor } from './device-tensor.ts';
import { asThroughlineError } from './runtime-errors.ts';

/** What a graph asks of its device: where outputs go, and who counts them. */
interface TensorKeeper {
  readonly fetchesSome: boolean;
  adopt(ort: Tensor): DeviceTensor;
  /** Takes an output that nobody asked for. */
  discard(ort: Tensor): void;
}

/** A tensor on the device, or values that the host passes for this run only. */
export type Feed = DeviceTensor | Tensor;

export function hostFloats(data: Float32Array, dims: readonly number[]): Tensor {
  return new Tensor('float32', data, [...dims]);
}

export function hostInts(values: readonly number[], dims: readonly number[] = [values.length]): Tensor {
  return new Tensor('int64', BigInt64Array.from(values, BigInt), [...dims]);
}

/** One loaded graph. Made by {@link Device.load}; runs are one at a time. */
export class Graph {
  readonly name: string;
  readonly #session: InferenceSession;
  readonly #device: TensorKeeper;
  readonly #onDispose: () => void;
  #disposed = false;

  constructor(name: string, session: InferenceSession, device: TensorKeeper, onDispose: () => void) {
    this.name = name;
    this.#session = session;
    this.#device = device;
    this.#onDispose = onDispose;
  }

  get inputNames(): readonly string[] {
    return this.#session.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.#session.outputNames;
  }

  /**
   * Runs the graph for the outputs asked for. The caller owns the results.
   * @throws ThroughlineError; an unusable feed is reported with every input's type and dimensions
   */
  async run<Name extends string>(
    feeds: Readonly<Record<string, Feed>>,
    fetches: readonly Name[],
  ): Promise<Record<Name, DeviceTensor>> {
    const missing = this.#session.inputNames.filter((name) => !(name in feeds));
    if (missing.length > 0)
      throw new ThroughlineError('internal', `The graph ${this.name} was run without ${missing.join(', ')}.`);
    const inputs: Record<string, Tensor> = {};
    for (const [name, feed] of Object.entries(feeds)) inputs[name] = feed instanceof DeviceTensor ? feed.ort : feed;
    // onnxruntime-node 1.30 with outputs on the GPU: a session keeps what was ever asked of it bound, in that order, so
    // other fetches than last time give swapped tensors or an error. Hence all, always; a graph that has big outputs for
    // some runs only makes them empty for the others.
    const fetched = this.#device.fetchesSome ? fetches : this.#session.outputNames;
    let results: InferenceSession.OnnxValueMapType;
    try {
      results = await this.#session.run(inputs, [...fetched]);
    } catch (cause) {
      const shapes = Object.entries(inputs).map(([name, t]) => `${name}: ${t.type}[${t.dims}]`);
      throw asThroughlineError(
        cause,
        `The graph ${this.name} failed (${shapes.slice(0, 12).join(', ')}${shapes.length > 12 ? ', …' : ''})`,
      );
    }
    const wanted: ReadonlySet<string> = new Set(fetches);
    for (const name of fetched) if (!wanted.has(name)) this.#device.discard(results[name] as Tensor);
    return Object.fromEntries(fetches.map((name) => [name, this.#device.adopt(results[name] as Tensor)])) as Record<
      Name,
      DeviceTensor
    >;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#onDispose();
    await this.#session.release();
  }
}
