import { useRef } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { numbersFor } from '../../shared/project/shot-numbers.ts';
import { pathTo } from '../../shared/project/tree.ts';
import { type ShotFieldName, withField } from '../../shared/shot-fields.ts';
import { useFoundIn } from '../state/find/find.ts';
import { dispatch, Typing, useSelection, useStory } from '../state/index.ts';
import { Button, Field, TextField } from '../ui/index.ts';
import css from './inspector.module.css';

const longFields = [
  { name: 'action', label: 'Action', help: 'Boards show the prompt where this is empty.' },
  { name: 'dialogue', label: 'Dialogue', help: 'A line each, as in MIA: Is anybody here?' },
  { name: 'camera', label: 'Camera', help: undefined },
  { name: 'notes', label: 'Notes', help: undefined },
] as const;

/** What a shot says on boards, in edits and as subtitles. Nothing here makes a result stale. */
export function BoardFields({ shot }: { readonly shot: ProjectShot }) {
  const typing = useRef(new Typing('fields'));
  const fields = shot.fields ?? {};
  const edit = (name: ShotFieldName, value: string, step: string | null) =>
    dispatch({ type: 'edit-shot', id: shot.id, patch: { fields: withField(fields, name, value) } }, step);
  const bind = (name: ShotFieldName) => ({
    value: fields[name] ?? '',
    onFocus: () => typing.current.begin(),
    onChange: (event: { readonly target: { readonly value: string } }) =>
      edit(name, event.target.value, typing.current.step()),
  });
  const place = useFoundIn(shot.id);
  const found = place !== null && place.field !== 'name' && place.field !== 'prompt';
  const said = Object.keys(fields).length;
  return (
    <details className={css.more} open={found || undefined}>
      <summary>
        Boards{said > 0 ? ` (${[fields.number, fields.scene].filter(Boolean).join(' · ') || 'filled in'})` : ''}
      </summary>
      <div className={css.moreBody}>
        <div className={css.pair}>
          <Field label="Scene">
            {(id) => <TextField id={id} placeholder="INT. KITCHEN - DAY" maxLength={300} {...bind('scene')} />}
          </Field>
          <Field label="Number">
            {(id) => <TextField id={id} placeholder="12A" maxLength={30} {...bind('number')} />}
          </Field>
        </div>
        {longFields.map(({ name, label, help }) => (
          <Field key={name} label={label} help={help}>
            {(id) => <textarea id={id} rows={2} maxLength={2000} className={css.area} {...bind(name)} />}
          </Field>
        ))}
        <Button small onClick={() => numberCut()}>
          Number the shots of this cut
        </Button>
        <p className={css.estimate}>Numbers that were handed out stay. A shot put in later becomes 12A.</p>
      </div>
    </details>
  );
}

function numberCut(): void {
  const { document } = useStory.getState();
  const { leaf } = useSelection.getState();
  if (!document || leaf === null) return;
  const numbers = numbersFor(pathTo(document, leaf));
  const commands = [...numbers].map(([id, number]) => ({
    type: 'edit-shot' as const,
    id,
    patch: { fields: { ...document.shots.find((shot) => shot.id === id)?.fields, number } },
  }));
  if (commands.length > 0) dispatch(commands, null);
}
