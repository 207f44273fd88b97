import type { KvStorage } from '../../../shared/render.ts';
import { decodeKv, encodeKv, kvBytes } from '../../persistence/index.ts';
import { geometryOf, type ModelConfig } from '../model/config.ts';
import type { Device } from '../runtime/device.ts';
import type { PageCodec } from './page-store.ts';

/** Rounds values to how they will be stored, in place; rows are tokens. */
export type RoundKv = (values: Float32Array, rowLength: number) => void;

/** How pages leave the device and come back, as the cache stores them; what they were rounded to comes back as it was. */
export function pageCodec(device: Device, config: ModelConfig, storage: KvStorage): PageCodec {
  const { dim, layers } = config.dit;
  const { tokens } = geometryOf(config);
  return {
    layers,
    packedBytes: kvBytes(tokens, dim, storage),
    pack: async (tensor) => encodeKv(await device.download(tensor), dim, storage),
    unpack: (bytes) => device.upload(decodeKv(bytes, dim, storage), [tokens, dim]),
  };
}
