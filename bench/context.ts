import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { EngineClient, type EngineOptions } from '../src/main/engine/client.ts';
import type { DeviceName } from '../src/shared/render.ts';
import { writeRandomModel } from './random-model.ts';

/** What a benchmark is given. */
export interface BenchContext {
  readonly model: string;
  readonly modelName: string;
  readonly device: DeviceName;
  readonly threads: number;
  /** Fewer repetitions: to see that a benchmark runs, not for figures. */
  readonly quick: boolean;
  /** Of what a benchmark measures, that alone whose name begins so. */
  readonly only?: string;
  /** Another model to compare with. */
  readonly against?: string;
  /** Temporary, removed at the end. */
  readonly folder: string;
}

/** The model asked for; else the built-in one; else random weights of its size. */
export function chooseModel(asked: string | undefined, folder: string): Pick<BenchContext, 'model' | 'modelName'> {
  const builtIn = join(import.meta.dirname, '..', 'resources', 'models', 'animatic');
  if (asked) return { model: asked, modelName: asked };
  if (existsSync(join(builtIn, 'config.json'))) return { model: builtIn, modelName: 'resources/models/animatic' };
  const model = join(folder, 'model');
  writeRandomModel(model);
  return { model, modelName: 'random weights (bench/random-model.ts)' };
}

/** An engine process of its own. The caller disposes it. */
export function startEngine(context: BenchContext, options: Partial<EngineOptions> = {}): Promise<EngineClient> {
  return EngineClient.start({
    modelFolder: context.model,
    device: context.device,
    threads: context.threads,
    graphsFolder: join(context.folder, 'graphs'),
    latentsOf: () => null,
    ...options,
  });
}

export function machine(): string {
  const [first] = cpus();
  return `${cpus().length} x ${first?.model.trim() ?? 'unknown processor'}, ${process.platform}, Node ${process.versions.node}`;
}
