import { type ModelsHere, placeOfModel } from '../../shared/models.ts';
import type { StoryModel } from '../../shared/story-model.ts';
import { api, attempt, dispatch, useStudio } from '../state/index.ts';

/** Loads the model that the story is made with, where it is on this machine. */
export async function loadModelOf(named: StoryModel, here: ModelsHere): Promise<void> {
  const place = placeOfModel(named, here);
  if (place.kind === 'here') await attempt(api.models.use({ id: place.id }));
}

/** From now on the story is made with this model, one undo step; what was made with another stays and is stale. */
export async function makeStoryWith(model: StoryModel, here: ModelsHere): Promise<void> {
  if (!dispatch({ type: 'edit-project', model })) return;
  const { engine } = useStudio.getState();
  if (engine.state !== 'ready' || engine.info.digest !== model.digest) await loadModelOf(model, here);
}
