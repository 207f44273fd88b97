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

/** A picture of one chunk of a clip: a PNG, and how many frames lie one below the other in it. */
export interface Strip {
  readonly png: Uint8Array;
  readonly frames: number;
}

/** A clip whose pictures were looked at: as a project keeps them, without what else stood in their files. */
export interface CheckedStrips {
  readonly width: number;
  readonly height: number;
  /** Of each chunk its PNG, and how recipes name what it shows. */
  readonly chunks: readonly { readonly png: Uint8Array; readonly shows: string }[];
}

/** What the process of footage does. */
export interface FootageFunctions {
  /**
   * Reads an MP4, or PNG frames as `footage-pack.ts` says, and writes what a project keeps of it to `to`.
   * @param name of the file, for sentences
   */
  take(from: string, name: string, shape: FootageShape, to: string): Promise<Outcome<FootageFacts>>;
  /** Looks at the pictures of a clip that was kept before. @param name of the clip, for sentences */
  check(strips: readonly Strip[], name: string): Promise<Outcome<CheckedStrips>>;
}
