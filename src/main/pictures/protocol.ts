import type { Outcome } from '../../shared/outcome.ts';
import type { Size } from './cover.ts';
import type { TakenPicture } from './picture-work.ts';

/** What the process of pictures does. */
export interface PictureFunctions {
  take(bytes: Uint8Array, name: string): Promise<Outcome<TakenPicture>>;
  /** @returns RGB, [to.height, to.width, 3] */
  pixels(png: Uint8Array, to: Size): Promise<Outcome<Uint8Array>>;
  /** @returns RGB of all, one below the other: [pngs, to.height, to.width, 3] */
  frames(pngs: readonly Uint8Array[], to: Size): Promise<Outcome<Uint8Array>>;
  /** @returns RGB of the frames of one PNG, cut apart: [count, to.height, to.width, 3] */
  strip(png: Uint8Array, count: number, to: Size): Promise<Outcome<Uint8Array>>;
}
