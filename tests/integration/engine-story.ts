import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { EngineClient, type EngineOptions } from '../../src/main/engine/client.ts';
import type { Ancestor } from '../../src/main/engine/protocol.ts';
import type { MemoryOverrides } from '../../src/shared/memory-settings.ts';
import type { ChunkRecipe, ChunkResult } from '../../src/shared/render.ts';
import type { Transition } from '../../src/shared/story.ts';

export const tinyModel = fileURLToPath(new URL('../fixtures/reference-small', import.meta.url));

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestShot {
  readonly prompt: string;
  readonly chunks: number;
  readonly transition?: Transition;
  readonly memory?: MemoryOverrides;
}

/** One line of chunks as the tests name it. Keys name the whole way from the root, so that branches share what they share. */
export function linePlan(engine: EngineClient, shots: readonly TestShot[], seed = 7): Ancestor[] {
  let path = '';
  let chunkIndex = 0;
  return shots.flatMap(({ prompt, chunks, transition = 'continue', memory }) =>
    Array.from({ length: chunks }, (_, i) => {
      const recipe: ChunkRecipe = {
        chunkIndex: chunkIndex++,
        prompt,
        seed,
        transition: i === 0 ? transition : 'continue',
        sampler: engine.info.sampler,
        memory: { ...engine.info.memory, ...memory } as ChunkRecipe['memory'],
      };
      path += `/${prompt}-${recipe.transition}-${i}`;
      return { key: path, recipe };
    }),
  );
}

/** An engine on the tiny model and the latents it was given so far, as a studio would keep them. */
export class TestStudio {
  readonly latents = new Map<string, Float32Array>();
  readonly notices: string[] = [];
  readonly #options: Partial<EngineOptions>;
  #engine: EngineClient | null = null;

  constructor(options: Partial<EngineOptions> = {}) {
    this.#options = options;
    onTestFinished(() => this.close());
  }

  async engine(): Promise<EngineClient> {
    this.#engine ??= await EngineClient.start({
      modelFolder: tinyModel,
      device: 'cpu',
      threads: 1, // tiny graphs: a second thread only waits
      graphsFolder: this.#options.graphsFolder ?? temporaryGraphs(),
      latentsOf: (key) => this.latents.get(key) ?? null,
      onNotice: (text) => this.notices.push(text),
      ...this.#options,
    });
    return this.#engine;
  }

  async close(): Promise<void> {
    await this.#engine?.dispose();
    this.#engine = null;
  }

  /** Renders chunks `from`.. of the line and keeps their latents. */
  async render(line: readonly Ancestor[], from = 0): Promise<ChunkResult[]> {
    const engine = await this.engine();
    const results: ChunkResult[] = [];
    for (let i = from; i < line.length; i++) {
      const { key, recipe } = line[i] as Ancestor;
      const result = await engine.renderChunk({ key, recipe, ancestors: line.slice(0, i) });
      this.latents.set(key, result.latents);
      results.push(result);
    }
    return results;
  }
}

function temporaryGraphs(): string {
  return join(temporaryFolder(), 'graphs');
}

/** The part of a result that must not depend on how the state was reached. */
export function essence({ latents, frames, record }: ChunkResult): unknown {
  const { timings: _, ...rest } = record;
  return { latents: [...latents], frames: Buffer.from(frames).toString('base64'), record: rest };
}
