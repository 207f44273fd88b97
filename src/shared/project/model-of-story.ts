import { type FrameSize, isSameSize, sizeOfStory } from '../frame-size.ts';
import type { ModelInfo } from '../render.ts';
import type { StoryModel } from '../story-model.ts';

/** What a story says of how it is made. */
export interface StoryMaker {
  readonly model: StoryModel | null;
  /** Null: the model's own. */
  readonly frameSize: FrameSize | null;
}

/**
 * The model that the keys of a story are computed with: the one it names, at its frame size, as far as anything is known of
 * that, and while it names none the one that is loaded or was last.
 * @param loaded the model the engine has, or had last
 * @param known what was noted of a model when it was loaded for this story; null where nothing was
 * @returns null where nothing is known: what is made is then shown, and nothing can be planned
 */
export function modelOfStory(
  { model: named, frameSize }: StoryMaker,
  loaded: ModelInfo | null,
  known: ModelInfo | null,
): ModelInfo | null {
  const model =
    named === null ? (loaded ?? known) : ([loaded, known].find((one) => one?.digest === named.digest) ?? null);
  return model && atStorySize(model, frameSize);
}

const atOtherSizes = new WeakMap<ModelInfo, Map<string, ModelInfo>>();

/**
 * What a model says of itself when it is loaded for a story's frames, told from what it said at any size. So keys of a size are
 * known without loading the model for it.
 * @param wanted null: the model's own size
 * @returns the same object for the same arguments, and `model` itself where that is its size
 */
export function atStorySize(model: ModelInfo, wanted: FrameSize | null): ModelInfo {
  const size = sizeOfStory(wanted, model.frameSizes);
  if (size === undefined || isSameSize(size, model.video)) return model;
  const made = atOtherSizes.get(model) ?? new Map<string, ModelInfo>();
  atOtherSizes.set(model, made);
  const name = `${size.width}x${size.height}`;
  const other = made.get(name) ?? resized(model, size);
  made.set(name, other);
  return other;
}

function resized(model: ModelInfo, { width, height }: FrameSize): ModelInfo {
  const { video, latent, tokenGrid, frameBytes } = model;
  const [across, down] = [width / video.width, height / video.height];
  return {
    ...model,
    video: { ...video, width, height },
    latent: { ...latent, height: Math.round(latent.height * down), width: Math.round(latent.width * across) },
    tokenGrid: { rows: Math.round(tokenGrid.rows * down), columns: Math.round(tokenGrid.columns * across) },
    frameBytes: Math.round(frameBytes * across * down),
  };
}
