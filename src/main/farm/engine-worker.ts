import { throwIfCancelled } from '../../shared/errors.ts';
import type { ChunkMaker, RunCall, RunWorker } from './run-worker.ts';
import type { Run } from './runs.ts';

/** One engine as a worker: one run at a time, with the pictures of what it makes. The engine stays its owner's. */
export class EngineWorker implements RunWorker {
  readonly atOnce = 1;
  readonly #engine: ChunkMaker;

  constructor(engine: ChunkMaker) {
    this.#engine = engine;
  }

  async makeRun(run: Run, { ancestors, digestOf, onPhase, onChunk, signal }: RunCall): Promise<void> {
    const path = [...ancestors()];
    let parentKey = run.parentKey;
    for (const { key, recipe } of run.chunks) {
      throwIfCancelled(signal, 'This run');
      if ((await digestOf(key)) === null) {
        const startedAt = performance.now();
        const { latents, frames, frameCount, record } = await this.#engine.renderChunk(
          { key, recipe, ancestors: [...path] },
          { ...(onPhase ? { onProgress: (phase) => onPhase(key, phase) } : {}), ...(signal ? { signal } : {}) },
        );
        const { digest, numericsVersion, video, kvStorage, device } = this.#engine.info;
        await onChunk({
          artifact: {
            key,
            parentKey,
            parentLatentsDigest: parentKey === null ? null : await digestOf(parentKey),
            model: { digest, numericsVersion, video, kvStorage },
            recipe,
            record,
            device,
            elapsedMs: performance.now() - startedAt,
            latents: latents.slice(),
          },
          pictures: { frames, frameCount },
        });
      }
      path.push({ key, recipe });
      parentKey = key;
    }
  }
}
