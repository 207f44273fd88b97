import type { ChunkPhase, ModelInfo } from '../../../shared/render.ts';
import { deviceClassOf, EngineWorker, type MakerIdentity, type RunWorker } from '../../farm/index.ts';
import type { OpenProject } from '../project/open-project.ts';
import type { EngineKeeper } from './engine-keeper.ts';

/** Hears what is being made, by key; not all of it need be for whoever listens. */
export interface MakingListener {
  readonly onMaking: (making: ReadonlyMap<string, ChunkPhase>) => void;
  /** @param image a data URL of frames one below the other */
  readonly onPreview: (key: string, step: number, image: string) => void;
}

/** Where the chunks of a queue are made: by the engine of this machine, or by a farm. */
export interface Workplace {
  readonly worker: RunWorker;
  readonly identity: MakerIdentity;
  /** How many of the missing chunks it is asked for before it is asked again what is missing. */
  readonly ahead: number;
  /** Longest run, in chunks. */
  readonly chunksAtMost: number;
  /** Tells what is being made elsewhere; left off where the worker tells it itself. @returns ends it */
  readonly follow?: (listener: MakingListener) => () => void;
  /** Lets go of it; what others have in hand for it they finish. Never throws. */
  readonly dispose: () => Promise<void>;
}

/** Says where chunks are made. */
export interface Workplaces {
  /**
   * The place of one attempt; whoever opens it disposes of it.
   * @throws ThroughlineError `farm` where it cannot be used
   */
  open(model: ModelInfo, project: OpenProject, signal: AbortSignal): Promise<Workplace>;
}

/** This machine: one chunk at a time, so that an edit counts from the next chunk on. */
export function workHere(keeper: EngineKeeper, model: ModelInfo): Workplace {
  return {
    worker: new EngineWorker((work, options) => keeper.use(work, options)),
    identity: { model, deviceClass: deviceClassOf(model.device, process.arch) },
    ahead: 1,
    chunksAtMost: 1,
    dispose: async () => {},
  };
}
