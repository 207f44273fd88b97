import { throwIfCancelled } from '../../shared/errors.ts';
import type { ChunkMaker, LendEngine, MadeChunk, RunCall, RunWorker } from './run-worker.ts';
import type { Run } from './runs.ts';

/** Lends an engine that nobody else uses. */
export function lent(engine: ChunkMaker): LendEngine {
  return (work) => work(engine, () => {});
}

/**
 * One engine as a worker: one run at a time, with the pictures of what it makes. It borrows the engine for each chunk, and
 * gives it back before the chunk is handed over.
 */
export class EngineWorker implements RunWorker {
  readonly atOnce = 1;
  readonly #lend: LendEngine;

  constructor(lend: LendEngine) {
    this.#lend = lend;
  }

  async makeRun(run: Run, call: RunCall): Promise<void> {
    const { ancestors, digestOf, onChunk, signal } = call;
    const path = [...ancestors()];
    let parentKey = run.parentKey;
    for (const chunk of run.chunks) {
      throwIfCancelled(signal, 'This run');
      if ((await digestOf(chunk.key)) === null) {
        const { artifact, pictures } = await this.#make(chunk, [...path], call);
        const parentLatentsDigest = parentKey === null ? null : await digestOf(parentKey);
        await onChunk({ artifact: { ...artifact, parentKey, parentLatentsDigest }, pictures });
      }
      path.push({ key: chunk.key, recipe: chunk.recipe });
      parentKey = chunk.key;
    }
  }

  #make(
    { key, recipe }: Run['chunks'][number],
    ancestors: Parameters<ChunkMaker['renderChunk']>[0]['ancestors'],
    { onPhase, onPreview, signal }: RunCall,
  ): Promise<{
    readonly artifact: Omit<MadeChunk['artifact'], 'parentKey' | 'parentLatentsDigest'>;
    readonly pictures: MadeChunk['pictures'];
  }> {
    return this.#lend(
      async (engine, alive) => {
        const startedAt = performance.now();
        const { latents, frames, frameCount, record } = await engine.renderChunk(
          { key, recipe, ancestors },
          {
            onProgress: (phase) => {
              alive();
              onPhase?.(key, phase);
            },
            ...(onPreview ? { onPreview: (step, shown, count) => onPreview(key, step, shown, count) } : {}),
            ...(signal ? { signal } : {}),
          },
        );
        const elapsedMs = performance.now() - startedAt;
        const { digest, numericsVersion, video, kvStorage, device } = engine.info;
        const model = { digest, numericsVersion, video, kvStorage };
        return {
          artifact: { key, model, recipe, record, device, elapsedMs, latents: latents.slice() },
          pictures: { frames, frameCount },
        };
      },
      signal ? { signal } : {},
    );
  }
}
