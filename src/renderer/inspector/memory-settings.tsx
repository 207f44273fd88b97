import { useRef } from 'react';
import type { MemorySetting } from '../../shared/memories/index.ts';
import type { ProjectShot } from '../../shared/project/document.ts';
import { dispatch, newGesture, useStudio } from '../state/index.ts';
import { Button, Field, NumberField, Select } from '../ui/index.ts';
import css from './inspector.module.css';
import { useMemoryChoices, useMemorySettings } from './memory-choices.tsx';

/** How this shot remembers, where it should be otherwise than the model's own way; with its cast and its bans. */
export function MemorySettings({ shot }: { readonly shot: ProjectShot }) {
  const model = useStudio((state) => state.model?.memory);
  const project = useStudio((state) => state.document?.memory);
  const gesture = useRef(newGesture('memory'));
  const choices = useMemoryChoices();
  const settings = useMemorySettings();
  const base = { ...model, ...project };
  const own = shot.memory;
  const edit = (patch: Partial<ProjectShot['memory']>) =>
    dispatch({ type: 'edit-shot', id: shot.id, patch: { memory: { ...own, ...patch } } }, gesture.current);
  const number =
    ({ name, min, max }: MemorySetting) =>
    (id: string) => (
      <NumberField
        id={id}
        label={name}
        stepper
        width={120}
        value={own[name] ?? base[name] ?? min}
        min={min}
        max={max}
        onChange={(value) => edit({ [name]: value })}
      />
    );
  const reset = () => {
    const { pins, bans } = own;
    const memory = { ...(pins ? { pins } : {}), ...(bans ? { bans } : {}) };
    dispatch({ type: 'edit-shot', id: shot.id, patch: { memory } });
  };
  const changed = own.policy ?? own.bankFrames ?? own.activatedFrames ?? own.capacity;
  return (
    <details className={css.more}>
      <summary>Memory of this shot{changed === undefined ? '' : ' · changed'}</summary>
      <div className={css.moreBody}>
        <Field label="What it may look back on">
          {(id) => (
            <Select
              id={id}
              value={own.policy ?? base.policy ?? 'nam+sma'}
              options={choices}
              onChange={(policy) => edit({ policy })}
            />
          )}
        </Field>
        {settings.map((setting) => (
          <Field key={setting.name} row label={setting.label} help={setting.says}>
            {number(setting)}
          </Field>
        ))}
        {changed !== undefined && (
          <Button small style={{ alignSelf: 'flex-start' }} onClick={reset}>
            As the model has it
          </Button>
        )}
      </div>
    </details>
  );
}
