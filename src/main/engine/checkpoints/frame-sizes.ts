import { ThroughlineError } from '../../../shared/errors.ts';
import {
  type FrameSize,
  type FrameSizes,
  frameSideStep,
  frameSizeRule,
  frameSizeText,
  isFrameSize,
  isSameSize,
  mostFrameSize,
  sizeOfStory,
} from '../../../shared/frame-size.ts';
import { pictureSize } from '../model/config.ts';
import type { ModelFolder } from '../model/model-folder.ts';
import type { LoadOptions } from '../protocol.ts';
import { readModelDigest } from './model-digest.ts';

/**
 * The sizes that a model can be loaded for; null where it draws its own alone. Published weights were trained at one size and
 * draw others, the worse the farther they are from it. The built-in model knows one grid of places, and a decoder that draws
 * larger pictures than its latents stand for was trained for that one size.
 */
export function frameSizesOf({ path, config }: ModelFolder): FrameSizes | null {
  const { width, height } = config.video;
  const own = { width, height };
  if (readModelDigest(path) === null || !isSameSize(pictureSize(config), own)) return null;
  const longest = config.dit.ropeTableLength * frameSideStep; // places of a row of tokens
  return {
    own,
    most: { width: Math.min(mostFrameSize.width, longest), height: Math.min(mostFrameSize.height, longest) },
  };
}

/**
 * The size that a model is to be loaded for; null where that is its own.
 * @throws ThroughlineError `bad-input` where `frameSize` cannot be drawn; what a story only wants is not taken then
 */
export function otherSize(
  model: ModelFolder,
  { frameSize, wantedFrameSize }: Pick<LoadOptions, 'frameSize' | 'wantedFrameSize'>,
): FrameSize | null {
  const wanted = frameSize ?? sizeOfStory(wantedFrameSize ?? null, frameSizesOf(model) ?? undefined);
  const { width, height } = atFrameSize(model, wanted).config.video;
  return isSameSize({ width, height }, model.config.video) ? null : { width, height };
}

/**
 * A model as it draws frames of another size; itself where that is its own, or none is given.
 * @throws ThroughlineError `bad-input` where it cannot, with the sizes that it can
 */
export function atFrameSize(model: ModelFolder, size: FrameSize | undefined): ModelFolder {
  const { config } = model;
  if (size === undefined || isSameSize(size, config.video)) return model;
  const sizes = frameSizesOf(model);
  if (!sizes) {
    throw new ThroughlineError(
      'bad-input',
      `The model ${config.name} draws frames of ${frameSizeText(config.video)} and no other size, so it cannot draw ${frameSizeText(size)}.`,
      'Leave the size out, or use an imported model (throughline models): those of published weights draw other sizes.',
    );
  }
  if (!isFrameSize(size, sizes.most)) {
    throw new ThroughlineError(
      'bad-input',
      `The model ${config.name} cannot draw frames of ${frameSizeText(size)}.`,
      frameSizeRule(sizes.most),
    );
  }
  const { width, height } = size;
  return { ...model, config: { ...config, video: { ...config.video, width, height } } };
}
