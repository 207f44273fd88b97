import type { FootageFacts } from '../../shared/footage.ts';
import type { Outcome } from '../../shared/outcome.ts';
import type { ModelInfo } from '../../shared/render.ts';

/** What a model and its films want of footage. */
export interface FootageShape {
  readonly video: ModelInfo['video'];
  readonly chunkFrames: number;
  /** No more than these are kept. */
  readonly mostChunks: number;
}

/** What the process of footage does. */
export interface FootageFunctions {
  /**
   * Reads an MP4, or PNG frames as `footage-pack.ts` says, and writes what a project keeps of it to `to`.
   * @param name of the file, for sentences
   */
  take(from: string, name: string, shape: FootageShape, to: string): Promise<Outcome<FootageFacts>>;
}
