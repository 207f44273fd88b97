import { cpus } from 'node:os';
import type { ThroughlineError } from '../../../shared/errors.ts';
import type { DeviceName } from '../../../shared/render.ts';

export interface DeviceChoice {
  readonly name: DeviceName;
  readonly label: string;
  readonly usable: boolean;
  /** Why it is not usable; empty where it is. */
  readonly why: string;
}

/** Devices that a model may run on, each tried once. */
export class Devices {
  readonly #probe: (device: DeviceName) => Promise<ThroughlineError | null>;
  #graphics: Promise<ThroughlineError | null> | null = null;

  /** @param probe says why a device cannot be used; null if it can */
  constructor(probe: (device: DeviceName) => Promise<ThroughlineError | null>) {
    this.#probe = probe;
  }

  async list(): Promise<DeviceChoice[]> {
    this.#graphics ??= this.#probe('webgpu');
    const failed = await this.#graphics;
    return [
      { name: 'cpu', label: cpus()[0]?.model.trim() || 'Processor', usable: true, why: '' },
      {
        name: 'webgpu',
        label: 'Graphics card (WebGPU)',
        usable: failed === null,
        why: failed ? `${failed.message} ${failed.hint}` : '',
      },
    ];
  }
}
