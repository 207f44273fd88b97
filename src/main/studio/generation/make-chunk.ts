import type { ChunkPhase } from '../../../shared/render.ts';
import type { OpenProject } from '../project/open-project.ts';
import { chunkMedia, previewImage } from '../project/pictures.ts';
import type { EngineKeeper } from './engine-keeper.ts';
import type { WantedChunk } from './missing-chunks.ts';

export interface MakeChunkOptions {
  readonly wanted: WantedChunk;
  readonly project: OpenProject;
  readonly keeper: EngineKeeper;
  readonly signal: AbortSignal;
  readonly onPhase: (phase: ChunkPhase) => void;
  /** A data URL of a picture of what is being made, after so many denoising steps. */
  readonly onPreview: (step: number, image: string) => void;
}

/** Makes one chunk and commits it with its pictures, and with the take that it completes. */
export async function makeChunk(options: MakeChunkOptions): Promise<void> {
  const { wanted, project, keeper, signal, onPhase } = options;
  const { chunk } = wanted;
  const whole = wanted.whole();
  const ancestors = wanted.ancestors();
  const { key, recipe } = chunk;
  const { result, info, elapsedMs } = await keeper.use(
    async (engine, alive) => {
      const startedAt = performance.now();
      const request = {
        key,
        recipe,
        ancestors: ancestors.map((parent) => ({ key: parent.key, recipe: parent.recipe })),
      };
      const onPreview = (step: number, frames: Uint8Array, frameCount: number): void => {
        // A picture that comes late or fails is not worth a word.
        previewImage(frames, frameCount, engine.info.video).then(
          (image) => options.onPreview(step, image),
          () => {},
        );
      };
      const onProgress = (phase: ChunkPhase): void => {
        alive();
        onPhase(phase);
      };
      const made = await engine.renderChunk(request, { onProgress, onPreview, signal });
      return { result: made, info: engine.info, elapsedMs: performance.now() - startedAt };
    },
    { signal },
  );
  const parentKey = ancestors.at(-1)?.key ?? null;
  const [media, parent] = await Promise.all([
    chunkMedia(result, info.video),
    parentKey === null ? null : project.store.chunk(parentKey),
  ]);
  const { digest, numericsVersion, video, kvStorage, device } = info;
  await project.putChunk(
    {
      key,
      parentKey,
      parentLatentsDigest: parent?.latentsDigest ?? null,
      model: { digest, numericsVersion, video, kvStorage },
      recipe,
      record: result.record,
      device,
      elapsedMs,
      latents: result.latents.slice(),
    },
    result.frameCount,
    media,
    whole,
  );
}
