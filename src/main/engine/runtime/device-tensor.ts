import type { Tensor } from 'onnxruntime-node';

/**
 * A tensor on the device. Whoever receives one owns it and disposes it once; garbage collection does not free
 * memory of a GPU, and that of the host so late that a long story's heap breaks into pieces and grows.
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
    const host = this.ort.location === 'cpu' ? (this.ort.data as Float32Array).buffer : null;
    this.ort.dispose();
    if (host instanceof ArrayBuffer) host.transfer(0); // frees it now; views of it are empty from here on
    this.#onDispose();
  }
}
