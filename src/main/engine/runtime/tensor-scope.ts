import type { DeviceTensor } from './device-tensor.ts';

/** Owns tensors until they are released to another owner; what it still owns at its end is freed. */
export interface TensorScope {
  own(tensor: DeviceTensor): DeviceTensor;
  /** All results of a run. */
  ownAll<Name extends string>(tensors: Record<Name, DeviceTensor>): Record<Name, DeviceTensor>;
  /** The caller's business from now on. */
  release(tensor: DeviceTensor): DeviceTensor;
}

/** Runs work whose tensors are freed however it ends, a failed upload or download in the middle included. */
export async function withTensors<T>(work: (scope: TensorScope) => Promise<T>): Promise<T> {
  const owned = new Set<DeviceTensor>();
  const own = (tensor: DeviceTensor): DeviceTensor => {
    owned.add(tensor);
    return tensor;
  };
  try {
    return await work({
      own,
      ownAll: (tensors) => {
        for (const tensor of Object.values<DeviceTensor>(tensors)) own(tensor);
        return tensors;
      },
      release: (tensor) => {
        owned.delete(tensor);
        return tensor;
      },
    });
  } finally {
    for (const tensor of owned) tensor.dispose();
  }
}
