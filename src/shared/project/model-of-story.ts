import type { ModelInfo } from '../render.ts';
import type { StoryModel } from '../story-model.ts';

/**
 * The model that the keys of a story are computed with: the one it names, as far as anything is known of that, and
 * while it names none the one that is loaded or was last.
 * @param loaded the model the engine has, or had last
 * @param known what was noted of a model when it was loaded for this story; null where nothing was
 * @returns null where nothing is known: what is made is then shown, and nothing can be planned
 */
export function modelOfStory(
  named: StoryModel | null,
  loaded: ModelInfo | null,
  known: ModelInfo | null,
): ModelInfo | null {
  if (named === null) return loaded ?? known;
  if (loaded?.digest === named.digest) return loaded;
  return known?.digest === named.digest ? known : null;
}
