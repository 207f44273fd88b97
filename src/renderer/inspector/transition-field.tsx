import type { ProjectShot } from '../../shared/project/document.ts';
import type { Beginning } from '../../shared/scene/index.ts';
import { dispatch, useStory } from '../state/index.ts';
import { Field, Segments } from '../ui/index.ts';

const what = {
  continue: 'The picture moves on from the shot before; window and memory carry on.',
  cut: 'A new picture: the window starts empty, what is remembered stays.',
};

/** How a shot begins: decided from the prompts, with the reason, or set by hand. */
export function TransitionField({ shot }: { readonly shot: ProjectShot }) {
  const beginning = useStory((state) => state.plan?.beginningOf(shot.id) ?? null);
  return (
    <Field label="How it begins" help={helpOf(shot, beginning)}>
      {() => (
        <Segments
          label="How it begins"
          value={shot.transition}
          options={[
            { value: 'automatic', text: 'Automatic' },
            { value: 'continue', text: 'Continue' },
            { value: 'cut', text: 'Cut' },
          ]}
          onChange={(transition) => dispatch({ type: 'edit-shot', id: shot.id, patch: { transition } })}
        />
      )}
    </Field>
  );
}

function helpOf({ transition }: ProjectShot, beginning: Beginning | null): string {
  if (transition !== 'automatic') return what[transition];
  if (!beginning) return 'A cut where the prompt names another place, time of day or shot size; else it continues.';
  const chosen = beginning.transition === 'cut' ? 'A cut' : 'Continues';
  return `${chosen}: ${beginning.reason}. ${what[beginning.transition]}`;
}
