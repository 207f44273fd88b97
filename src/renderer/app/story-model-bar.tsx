import { Box } from 'lucide-react';
import { type ModelPlace, type ModelsHere, placeOfModel, storyModelOf } from '../../shared/models.ts';
import type { StoryModel } from '../../shared/story-model.ts';
import { loadModelOf, makeStoryWith } from '../actions/story-model.ts';
import { useReadOnly, useStudio } from '../state/index.ts';
import { useModelsHere } from '../state/models-here.ts';
import { openDialog } from '../state/view.ts';
import { Button } from '../ui/index.ts';
import css from './shell.module.css';

/**
 * Says that the story is made with another model than the one in use, for as long as that is so, and leads to either: one
 * press loads the story's model where it is on this machine; else it says where that can be got.
 */
export function StoryModelBar() {
  const named = useStudio((state) => state.document?.model ?? null);
  const engine = useStudio((state) => state.engine);
  const other =
    named !== null && (engine.state === 'failed' || (engine.state === 'ready' && engine.info.digest !== named.digest));
  const here = useModelsHere(other);
  const readOnly = useReadOnly() !== null;
  if (!other || !named || !here) return null;
  const loaded = engine.state === 'ready' ? engine.info : null;
  const place = placeOfModel(named, here);
  return (
    <section className={`${css.banner} ${css.model}`} data-tone="held" aria-label="The story’s model">
      <Box size={14} aria-hidden="true" />
      <p role="status">
        <strong>
          Made with {loaded?.name === named.name ? `other weights of ${named.name}` : named.name}
          {loaded ? `; ${loaded.name} is in use.` : '.'}
        </strong>{' '}
        {whereWords(named, place)} What is made plays and exports.
      </p>
      <Buttons {...{ named, here, place, loaded, readOnly }} />
    </section>
  );
}

/** Where the model is to be had; nothing where one press loads it. */
function whereWords({ name }: StoryModel, place: ModelPlace): string {
  switch (place.kind) {
    case 'here':
      return `New shots need ${name}.`;
    case 'offered':
      return `${name} is not on this machine: get it under Models.`;
    case 'published':
      return `${name} is not on this machine: it came from ${place.sources.join(' and ')}.`;
    case 'built-in':
      return `${name} came with another version of Throughline.`;
    case 'files':
      return `${name} is not among the models here: it was made of files that somebody had.`;
  }
}

function Buttons({
  named,
  here,
  place,
  loaded,
  readOnly,
}: {
  readonly named: StoryModel;
  readonly here: ModelsHere;
  readonly place: ModelPlace;
  readonly loaded: { readonly name: string; readonly digest: string } | null;
  readonly readOnly: boolean;
}) {
  return (
    <span className={css.modelWays}>
      {place.kind === 'here' && (
        <Button small look="making" onClick={() => void loadModelOf(named, here)}>
          Use {place.id ?? named.name}
        </Button>
      )}
      {(place.kind === 'offered' || place.kind === 'published') && (
        <Button
          small
          onClick={() =>
            openDialog(
              place.kind === 'offered'
                ? { kind: 'models', part: 'get', recipe: place.offer.recipe }
                : { kind: 'models', part: 'get' },
            )
          }
        >
          Get {named.name}…
        </Button>
      )}
      {place.kind === 'files' && (
        <Button small onClick={() => openDialog({ kind: 'models', part: 'files' })}>
          Models…
        </Button>
      )}
      {loaded && !readOnly && (
        <Button small onClick={() => void makeStoryWith(storyModelOf(loaded, here), here)}>
          Go on with {loaded.name}
        </Button>
      )}
    </span>
  );
}
