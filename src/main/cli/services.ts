import type { DeviceChoice, DeviceReport } from '../../shared/devices.ts';
import type { FrameSize } from '../../shared/frame-size.ts';
import type { KvStorage, Precision } from '../../shared/render.ts';
import type { DeviceQuery } from '../engine/client.ts';
import type { ChunkEngine } from '../studio/generation/chunk-engine.ts';

/** An engine that the command line started and must dispose of. */
export interface OwnedEngine extends ChunkEngine {
  /** Idempotent. */
  dispose(): Promise<void>;
}

export interface EngineSettings {
  readonly modelFolder: string;
  /** Instead of the model's own. */
  readonly frameSize?: FrameSize;
  /** As {@link frameSize}, of a story: where the model cannot draw it, its own is taken. */
  readonly wantedFrameSize?: FrameSize;
  readonly device: DeviceChoice;
  readonly precision: Precision;
  readonly threads?: number;
  readonly kvStorage: KvStorage;
  /** K/V cache, written by the engine. */
  readonly cacheFile: string;
  /** Latents of a chunk in the store; null for one that is not there. */
  readonly latentsOf: (key: string) => Float32Array | null;
  /** A picture that the story names, cut and scaled; see the engine's options. */
  readonly pictureOf?: (asset: string, width: number, height: number) => Promise<Uint8Array | null>;
  /** Takes what is worth a line but no error, such as a cache that had to be thrown away. */
  readonly onNotice: (text: string) => void;
  /** Ends the loading, however long it would take, with a CancelledError. */
  readonly signal: AbortSignal;
}

/** What the commands reach the rest of Throughline through; tests give fakes. */
export interface Services {
  startEngine(settings: EngineSettings): Promise<OwnedEngine>;
  /** What is known of the devices of this machine with a model, or is measured `again`. */
  devices(query: DeviceQuery, how: 'known' | 'again'): Promise<DeviceReport>;
}
