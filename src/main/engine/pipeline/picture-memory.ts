import { pictureFrame, type RecipePicture } from '../../../shared/pictures.ts';
import type { FrameRef } from '../memory/memory-state.ts';
import { AttentionContext, ownTimes } from './attention-context.ts';
import type { ModelGraphs } from './model-graphs.ts';
import type { PageStore } from './page-store.ts';
import type { Passes } from './passes.ts';
import type { PictureLatents } from './picture-latents.ts';
import type { PromptEncoder } from './prompt.ts';

/** The pages of a recipe's pictures. Picture and encoder alone decide them, so that they are the same in every story. */
export function pictureRefs(pictures: readonly RecipePicture[]): FrameRef[] {
  return pictures.map(({ asset, encoder, says }, i) => ({
    frame: pictureFrame(i),
    pass: `picture:${asset}:${encoder}:${says}`,
  }));
}

/** Makes pages of pictures: each is committed as a frame by itself, that looks at nothing else. */
export class PictureMemory {
  readonly latents: PictureLatents;
  readonly #graphs: ModelGraphs;
  readonly #passes: Passes;
  readonly #pages: PageStore;
  readonly #prompts: PromptEncoder;

  constructor(parts: {
    readonly latents: PictureLatents;
    readonly graphs: ModelGraphs;
    readonly passes: Passes;
    readonly pages: PageStore;
    readonly prompts: PromptEncoder;
  }) {
    this.latents = parts.latents;
    this.#graphs = parts.graphs;
    this.#passes = parts.passes;
    this.#pages = parts.pages;
    this.#prompts = parts.prompts;
  }

  /** Makes the pages that are not there. Prompts that were prepared before may be gone afterwards. */
  async lookAt(pictures: readonly RecipePicture[]): Promise<void> {
    const refs = pictureRefs(pictures);
    for (const [i, { asset, says }] of pictures.entries()) {
      const ref = refs[i] as FrameRef;
      if (this.#pages.has(ref)) continue;
      const latents = await this.latents.of(asset);
      const bank = Array.from({ length: this.#graphs.config.dit.layers }, () => []);
      const nothing = { sink: [], window: [], bank, activation: null };
      const context = await AttentionContext.assemble(this.#graphs, this.#pages, nothing, 0);
      try {
        const [pages = []] = await this.#passes.commit({
          latents,
          times: ownTimes(this.#graphs, 0, 1, 0, context),
          timestep: 0,
          prompt: await this.#prompts.prepare(says),
          context,
        });
        this.#pages.put(ref, pages);
        await this.#pages.trim();
      } finally {
        context.dispose();
      }
    }
  }
}
