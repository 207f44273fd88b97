import { basename } from 'node:path';
import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { DeviceName } from '../../../shared/render.ts';
import { DeviceTensor } from './device-tensor.ts';
import { Graph } from './graph.ts';
import { buildIdentityGraph } from './identity-graph.ts';
import { asThroughlineError } from './runtime-errors.ts';

/** What computes, and its version. */
export const runtimeVersion = `onnxruntime ${env.versions.node ?? env.versions.common}`;

export interface DeviceOptions {
  readonly name: DeviceName;
  /** Threads of one run. */
  readonly threads: number;
  /** Fail where a node would silently run on the CPU instead of the device; for tests. */
  readonly forbidFallback?: boolean;
}

/**
 * Where graphs run and tensors live. One per process: two WebGPU sessions at once crash, and releasing the last one
 * destroys the device, so this keeps its upload session alive until {@link dispose}.
 */
export class Device {
  readonly name: DeviceName;
  readonly #options: DeviceOptions;
  readonly #uploads = new Map<number, InferenceSession>();
  readonly #downloads = new Map<number, InferenceSession>();
  readonly #graphs = new Set<Graph>();
  readonly #live = { tensors: 0, bytes: 0 };
  #discardedBytes = 0;
  #disposed = false;

  private constructor(options: DeviceOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** @throws ThroughlineError `device-lost` if the device cannot be used here */
  static async open(options: DeviceOptions): Promise<Device> {
    const device = new Device(options);
    try {
      const probe = await device.upload(new Float32Array([1, 2]), [2]);
      await device.download(probe);
      probe.dispose();
    } catch (cause) {
      await device.dispose();
      if (options.name === 'cpu') throw cause;
      throw new ThroughlineError(
        'device-lost',
        'WebGPU cannot be used on this machine.',
        'Update the graphics driver, or choose the CPU.',
        { cause },
      );
    }
    return device;
  }

  /** Tensors that were made and not yet disposed; for leak checks. */
  get live(): { readonly tensors: number; readonly bytes: number } {
    return { ...this.#live };
  }

  /** Size of all outputs so far that a run had to make although nobody asked for them; for tests. */
  get discardedBytes(): number {
    return this.#discardedBytes;
  }

  /** Whether a run can give some of its graph's outputs; otherwise all of them are made every time. */
  get fetchesSome(): boolean {
    return this.name === 'cpu';
  }

  /** Loads a graph from its file, so that its external weights are found beside it. */
  async load(file: string): Promise<Graph> {
    return this.#open(basename(file), file);
  }

  /** Loads a graph without external weights from memory. Such graphs only move values about: one thread does it soonest. */
  async loadBytes(name: string, bytes: Uint8Array): Promise<Graph> {
    return this.#open(name, bytes, 1);
  }

  /** Takes ownership of `data`: the caller must not write to it again. */
  async upload(data: Float32Array, dims: readonly number[]): Promise<DeviceTensor> {
    const host = new Tensor('float32', data, [...dims]);
    if (this.name === 'cpu') return this.adopt(host);
    const session = await this.#transfer(this.#uploads, dims.length, 'gpu-buffer');
    return this.adopt((await session.run({ x: host })).y as Tensor);
  }

  /** Values of a tensor. On the CPU this is the tensor's own memory: do not write to it, nor use it once the tensor is disposed. */
  async download(tensor: DeviceTensor): Promise<Float32Array> {
    const { ort } = tensor;
    if (ort.location !== 'gpu-buffer') return ort.data as Float32Array;
    const session = await this.#transfer(this.#downloads, ort.dims.length, 'cpu');
    return ((await session.run({ x: ort })).y as Tensor).data as Float32Array;
  }

  /** Wraps a tensor that onnxruntime made, and counts it until it is disposed. */
  adopt(ort: Tensor): DeviceTensor {
    this.#live.tensors++;
    const bytes = sizeBytes(ort);
    this.#live.bytes += bytes;
    return new DeviceTensor(ort, () => {
      this.#live.tensors--;
      this.#live.bytes -= bytes;
    });
  }

  discard(ort: Tensor): void {
    this.#discardedBytes += sizeBytes(ort);
    ort.dispose();
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const graph of this.#graphs) await graph.dispose();
    for (const session of [...this.#downloads.values(), ...this.#uploads.values()]) await session.release();
  }

  async #open(name: string, source: string | Uint8Array, threads = this.#options.threads): Promise<Graph> {
    try {
      const options = { ...this.#sessionOptions(), intraOpNumThreads: threads };
      const session = await create(
        source,
        this.name === 'cpu' ? options : { ...options, preferredOutputLocation: 'gpu-buffer' },
      );
      const graph = new Graph(name, session, this, () => this.#graphs.delete(graph));
      this.#graphs.add(graph);
      return graph;
    } catch (cause) {
      throw asThroughlineError(cause, `The graph ${name} could not be loaded`);
    }
  }

  #sessionOptions(): InferenceSession.SessionOptions {
    const { name, threads, forbidFallback } = this.#options;
    return {
      executionProviders: [name],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      // A plan of allocations for every set of shapes met: as fast without, and a fifth less memory.
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: {
        session: {
          // Every session has threads of its own that look for work long after a run: they would slow the next session's.
          force_spinning_stop: '1',
          ...(forbidFallback && name !== 'cpu' ? { disable_cpu_ep_fallback: '1' } : {}),
        },
      },
    };
  }

  async #transfer(
    sessions: Map<number, InferenceSession>,
    rank: number,
    location: 'cpu' | 'gpu-buffer',
  ): Promise<InferenceSession> {
    const known = sessions.get(rank);
    if (known) return known;
    const session = await create(buildIdentityGraph(rank), {
      ...this.#sessionOptions(),
      preferredOutputLocation: location,
    });
    sessions.set(rank, session);
    return session;
  }
}

function create(source: string | Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> {
  return typeof source === 'string'
    ? InferenceSession.create(source, options)
    : InferenceSession.create(source, options);
}

function sizeBytes(ort: Tensor): number {
  return ort.dims.reduce((product, n) => product * n, 1) * Float32Array.BYTES_PER_ELEMENT;
}
