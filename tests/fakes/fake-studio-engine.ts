import type { EngineOptions, EngineUsage } from '../../src/main/engine/client.ts';
import type { StudioEngine } from '../../src/main/studio/generation/engine-run.ts';
import { ThroughlineError } from '../../src/shared/errors.ts';
import type { ModelInfo } from '../../src/shared/render.ts';
import { FakeEngine } from './fake-engine.ts';

/** A {@link FakeEngine} as the studio starts it: it can be ended, and can die. */
export class FakeStudioEngine extends FakeEngine implements StudioEngine {
  readonly options: EngineOptions;
  disposed = false;

  constructor(options: EngineOptions, info: Partial<ModelInfo> = {}) {
    super({ device: options.device, kvStorage: options.kvStorage ?? 'fp16', ...info });
    this.options = options;
  }

  async usage(): Promise<EngineUsage> {
    return {
      residentBytes: 1,
      processorMs: 0,
      liveTensors: 0,
      liveTensorBytes: 0,
      pageBytes: { device: 0, host: 0, file: 0 },
      cache: null,
    };
  }

  async dispose(): Promise<void> {
    this.disposed = true;
  }

  /** Ends as a process ends that was killed. Returns what waiting calls would throw. */
  die(): ThroughlineError {
    const death = new ThroughlineError('engine-died', 'The engine process was ended by SIGKILL.', 'Start again.');
    this.options.onDeath?.(death);
    return death;
  }
}
