import type { Tensor } from 'onnxruntime-node';

/**
 * A tensor on the device. Whoever receives one owns it and disposes it once; garbage collection does not free
 * memory of a GPU.
 */
export class DeviceTensor {
  readonly ort: Tensor;
  readonly #onDispose: () => void;
  #disposed = false;

  constructor(ort: Tensor, onDispose: () => void) {
    this.ort = ort;
    this.#onDispose = onDispose;
  }

  get dims(): readonly number[] {
    return this.ort.dims;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.ort.dispose();
    this.#onDispose();
  }
}
