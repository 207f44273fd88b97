import { useRef } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { type ShotFieldName, withField } from '../../shared/shot-fields.ts';
import { dispatch, Typing } from '../state/index.ts';
import { Field, TextField } from '../ui/index.ts';
import css from './inspector.module.css';
import { common, editAll } from './mixed.ts';

/** The number is not among them: it tells shots apart. */
const fields = [
  { name: 'scene', label: 'Scene', most: 300 },
  { name: 'camera', label: 'Camera', most: 2000 },
  { name: 'action', label: 'Action', most: 2000 },
  { name: 'dialogue', label: 'Dialogue', most: 2000 },
  { name: 'notes', label: 'Notes', most: 2000 },
] as const satisfies readonly { name: ShotFieldName; label: string; most: number }[];

/** What many shots say on boards: one text for all of them where something is typed. */
export function FieldsOfMany({ shots }: { readonly shots: readonly ProjectShot[] }) {
  const typing = useRef(new Typing('fields'));
  return (
    <details className={css.more}>
      <summary>Boards</summary>
      <div className={css.moreBody}>
        {fields.map(({ name, label, most }) => {
          const said = common(shots, (shot) => shot.fields?.[name] ?? '');
          const bind = {
            value: said.mixed ? '' : said.value,
            placeholder: said.mixed ? 'Mixed. What is typed takes the place of all.' : '',
            maxLength: most,
            onFocus: () => typing.current.begin(),
            onChange: ({ target }: { readonly target: { readonly value: string } }) =>
              dispatch(
                editAll(shots, (shot) => ({ fields: withField(shot.fields ?? {}, name, target.value) })),
                typing.current.step(name),
              ),
          };
          return (
            <Field key={name} label={label}>
              {(id) =>
                name === 'scene' || name === 'camera' ? (
                  <TextField id={id} {...bind} />
                ) : (
                  <textarea id={id} rows={2} className={css.area} {...bind} />
                )
              }
            </Field>
          );
        })}
      </div>
    </details>
  );
}
