import type { ModelInfo } from '../../../shared/render.ts';
import { deviceClassOf, EngineWorker, type MakerIdentity, type RunWorker } from '../../farm/index.ts';
import type { EngineKeeper } from './engine-keeper.ts';

/** Where the chunks of a queue are made: by the engine of this machine, or by a farm. */
export interface Workplace {
  readonly worker: RunWorker;
  readonly identity: MakerIdentity;
  /** How many of the missing chunks it is asked for before it is asked again what is missing. */
  readonly ahead: number;
  /** Longest run, in chunks. */
  readonly chunksAtMost: number;
}

/** This machine: one chunk at a time, so that an edit counts from the next chunk on. */
export function workHere(keeper: EngineKeeper, model: ModelInfo): Workplace {
  return {
    worker: new EngineWorker((work, options) => keeper.use(work, options)),
    identity: { model, deviceClass: deviceClassOf(model.device, process.arch) },
    ahead: 1,
    chunksAtMost: 1,
  };
}
