import { useRef } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { framesOfShot } from '../../shared/project/require-trims.ts';
import { isTrimmed, noTrim, shownPart } from '../../shared/trim.ts';
import { dispatch, Typing, useStudio } from '../state/index.ts';
import { Field, NumberField } from '../ui/index.ts';
import css from './inspector.module.css';

/** More than any shot has: what is too much is refused with a sentence that says how many frames there are. */
const most = 100_000;

/** How many frames of a shot are made but not shown. Its results stay as they are. */
export function TrimField({ shot }: { readonly shot: ProjectShot }) {
  const chunkFrames = useStudio((state) => state.model?.chunkFrames ?? null);
  const typing = useRef(new Typing('trim'));
  if (chunkFrames === null) return null;
  const frames = framesOfShot(shot, chunkFrames);
  const { shown } = shownPart(shot.trim, frames);
  const trim = shot.trim ?? noTrim;
  const field = (edge: 'head' | 'tail', label: string) => (
    <Field label={label}>
      {(id) => (
        <NumberField
          id={id}
          label={label}
          stepper
          value={trim[edge]}
          min={0}
          max={most}
          onChange={(value) =>
            dispatch(
              { type: 'edit-shot', id: shot.id, patch: { trim: { ...trim, [edge]: value } } },
              typing.current.step(edge),
            )
          }
        />
      )}
    </Field>
  );
  return (
    <>
      <div className={css.pair}>
        {field('head', 'Frames off the beginning')}
        {field('tail', 'Frames off the end')}
      </div>
      {isTrimmed(shot.trim) && (
        <p className={css.estimate} role="status">
          Trimmed: {shown} of {frames} frames are shown. Nothing has to be made again.
        </p>
      )}
    </>
  );
}
