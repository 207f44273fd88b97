import { ThroughlineError } from '../../../shared/errors.ts';
import { frameSizeText, isSameSize } from '../../../shared/frame-size.ts';
import { atStorySize, modelOfStory } from '../../../shared/project/model-of-story.ts';
import type { ModelInfo } from '../../../shared/render.ts';
import type { EngineKeeper } from '../generation/engine-keeper.ts';
import type { OpenProject } from '../project/open-project.ts';

type Loads = Pick<EngineKeeper, 'info' | 'ready'>;
type Story = Pick<OpenProject, 'document' | 'model'>;

/** The model that a project's keys are computed with, without loading anything; null where nothing is known of it. */
export function storyModel({ document, model }: Story, { info }: Pick<EngineKeeper, 'info'>): ModelInfo | null {
  return modelOfStory(document, info, model);
}

/**
 * As {@link storyModel}; where nothing is known yet, the engine is asked.
 * @throws ThroughlineError `other-model` where the story names another one than there is
 */
export async function knownStoryModel(project: Story, keeper: Loads): Promise<ModelInfo> {
  const known = storyModel(project, keeper);
  if (known) return known;
  const loaded = await keeper.ready();
  requireStoryModel(project, loaded);
  return loaded;
}

/** @throws ThroughlineError `other-model` where the loaded model cannot make this story: it names another one, or another size */
export function requireStoryModel({ document }: Pick<OpenProject, 'document'>, loaded: ModelInfo): void {
  const { model: named, title } = document;
  if (named === null || named.digest === loaded.digest) {
    const { video } = atStorySize(loaded, document.frameSize);
    if (isSameSize(video, loaded.video)) return;
    throw new ThroughlineError(
      'other-model',
      `"${title}" has frames of ${frameSizeText(video)}, and ${loaded.name} is loaded for ${frameSizeText(loaded.video)}.`,
      'It is being loaded for the story’s size. Ask again in a while.',
    );
  }
  throw new ThroughlineError(
    'other-model',
    named.name === loaded.name
      ? `"${title}" is made with other weights of ${named.name} than those in use.`
      : `"${title}" is made with the model ${named.name}; ${loaded.name} is in use.`,
    `Use ${named.name === loaded.name ? 'those' : named.name} again, or let the story go on with ${loaded.name}: both can be chosen above the story.`,
  );
}
