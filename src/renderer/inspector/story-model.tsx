import { type ModelsHere, placeOfModel, storyModelOf } from '../../shared/models.ts';
import type { StoryModel } from '../../shared/story-model.ts';
import { makeStoryWith } from '../actions/story-model.ts';
import { useStudio } from '../state/index.ts';
import { useModelsHere } from '../state/models-here.ts';
import { Field, Select } from '../ui/index.ts';

/** Which model the story is made with, and the choice among those on this machine. */
export function StoryModelField() {
  const named = useStudio((state) => state.document?.model ?? null);
  const loaded = useStudio((state) => state.loaded);
  const here = useModelsHere();
  const choices = here ? choicesOf(here) : [];
  const known = choices.some(({ model }) => model.digest === named?.digest);
  const options = [
    ...(named === null ? [{ value: '', text: loaded ? `The one in use: ${loaded.name}` : 'The one in use' }] : []),
    ...(named !== null && !known ? [{ value: named.digest, text: missingText(named, here) }] : []),
    ...choices.map(({ text, model }) => ({ value: model.digest, text })),
  ];
  return (
    <Field
      label="Made with the model"
      help={
        named === null
          ? 'The first chunk that is made decides it.'
          : 'With another model every shot is made anew; what is made stays until then.'
      }
    >
      {(id) => (
        <Select
          id={id}
          value={named?.digest ?? ''}
          options={options}
          onChange={(digest) => {
            const chosen = choices.find(({ model }) => model.digest === digest);
            if (here && chosen) void makeStoryWith(chosen.model, here);
          }}
        />
      )}
    </Field>
  );
}

function missingText(named: StoryModel, here: ModelsHere | undefined): string {
  return here && placeOfModel(named, here).kind !== 'here' ? `${named.name} (not on this machine)` : named.name;
}

/** Models on this machine that a story can name: those whose digest is known without loading them. */
function choicesOf(here: ModelsHere): { readonly text: string; readonly model: StoryModel }[] {
  const installed = here.models.flatMap(({ id, state }) =>
    state.kind === 'ready' && state.digest !== null
      ? [{ text: id, model: storyModelOf({ name: state.name, digest: state.digest }, here) }]
      : [],
  );
  if (!here.builtIn) return installed;
  return [{ text: `${here.builtIn.name} (built-in)`, model: storyModelOf(here.builtIn, here) }, ...installed];
}
