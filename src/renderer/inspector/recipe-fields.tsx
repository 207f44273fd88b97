import { useRef } from 'react';
import type { MemoryOverrides, PolicyName } from '../../shared/memory-settings.ts';
import type { ProjectShot } from '../../shared/project/document.ts';
import { limits } from '../../shared/project/limits.ts';
import { randomSeed } from '../actions/shots.ts';
import { dispatch, Typing, useStudio } from '../state/index.ts';
import { Button, Field, NumberField, Segments, Select } from '../ui/index.ts';
import css from './inspector.module.css';
import { useMemoryChoices, useMemorySettings } from './memory-choices.tsx';
import { common, editAll } from './mixed.ts';
import { useCompletes } from './told-prompt.tsx';

/** What can be set for many shots at once; where they differ, that is said until a value is set for all of them. */
export function RecipeFields({ shots }: { readonly shots: readonly ProjectShot[] }) {
  const model = useStudio((state) => state.model?.memory);
  const story = useStudio((state) => state.document?.memory);
  const typing = useRef(new Typing('many'));
  const choices = useMemoryChoices();
  const settings = useMemorySettings();
  /** @param typed what is typed on in one step; left off: it is chosen, a step by itself */
  const edit = (patchOf: Parameters<typeof editAll>[1], typed?: string) =>
    dispatch(editAll(shots, patchOf), typed === undefined ? null : typing.current.step(typed));
  const remember = (patch: MemoryOverrides, typed?: string) =>
    edit(({ memory }) => ({ memory: { ...memory, ...patch } }), typed);
  const base = { ...model, ...story };
  const chunks = common(shots, (shot) => shot.chunks);
  const seed = common(shots, (shot) => shot.seed);
  const transition = common(shots, (shot) => shot.transition);
  const completes = useCompletes();
  const told = common(shots, (shot) => shot.told ?? 'automatic');
  const policy = common(shots, ({ memory }) => memory.policy ?? base.policy);
  return (
    <>
      <div className={css.pair}>
        <Field label="Length in chunks">
          {(id) => (
            <NumberField
              id={id}
              label="Length in chunks"
              stepper
              mixed={chunks.mixed}
              value={chunks.mixed ? 1 : chunks.value}
              min={1}
              max={limits.shotChunks}
              onChange={(value) => edit(() => ({ chunks: value }), 'length')}
            />
          )}
        </Field>
        <Field label="Seed">
          {(id) => (
            <NumberField
              id={id}
              label="Seed"
              mixed={seed.mixed}
              value={seed.mixed ? 0 : seed.value}
              min={0}
              max={limits.seed}
              onChange={(value) => edit(() => ({ seed: value }), 'seed')}
            />
          )}
        </Field>
      </div>
      <Button small style={{ alignSelf: 'flex-start' }} onClick={() => edit(() => ({ seed: randomSeed() }))}>
        A seed of its own for each
      </Button>
      <Field label="How they begin" help={transition.mixed ? 'Mixed: not all of them begin the same way.' : undefined}>
        {() => (
          <Segments
            label="How they begin"
            value={transition.mixed ? '' : transition.value}
            options={[
              { value: 'automatic', text: 'Automatic' },
              { value: 'continue', text: 'Continue' },
              { value: 'cut', text: 'Cut' },
            ]}
            onChange={(value) => value !== '' && edit(() => ({ transition: value }))}
          />
        )}
      </Field>
      {completes && (
        <Field label="What the model is told" help={told.mixed ? 'Mixed: not all of them are told alike.' : undefined}>
          {() => (
            <Segments
              label="What the model is told"
              value={told.mixed ? '' : told.value}
              options={[
                { value: 'automatic', text: 'Completed' },
                { value: 'as-written', text: 'As written' },
              ]}
              onChange={(value) =>
                value !== '' && edit((shot) => (value === (shot.told ?? 'automatic') ? {} : { told: value }))
              }
            />
          )}
        </Field>
      )}
      <Field label="What they may look back on">
        {(id) => (
          <Select<PolicyName | 'mixed'>
            id={id}
            value={policy.mixed ? 'mixed' : (policy.value ?? 'nam+sma')}
            options={[...(policy.mixed ? [{ value: 'mixed' as const, text: 'Mixed' }] : []), ...choices]}
            onChange={(value) => value !== 'mixed' && remember({ policy: value })}
          />
        )}
      </Field>
      {settings.map(({ name, label, says, min, max }) => {
        const value = common(shots, ({ memory }) => memory[name] ?? base[name] ?? min);
        return (
          <Field key={name} row label={label} help={says}>
            {(id) => (
              <NumberField
                id={id}
                label={label}
                width={120}
                stepper
                mixed={value.mixed}
                value={value.mixed ? min : value.value}
                min={min}
                max={max}
                onChange={(next) => remember({ [name]: next }, name)}
              />
            )}
          </Field>
        );
      })}
    </>
  );
}
