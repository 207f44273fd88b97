import { useRef } from 'react';
import type { PolicyName } from '../../shared/memory-settings.ts';
import type { ShotDefaults } from '../../shared/project/document.ts';
import { limits } from '../../shared/project/limits.ts';
import { dispatch, Typing, useStudio } from '../state/index.ts';
import { Button, Field, NumberField, Segments, Select } from '../ui/index.ts';
import { FrameSizeField } from './frame-size-field.tsx';
import css from './inspector.module.css';
import { useMemoryChoices, useMemorySettings } from './memory-choices.tsx';
import { editAll } from './mixed.ts';
import { StoryModelField } from './story-model.tsx';

/** What the model is told of the story's prompts; a model without a list of its words is told them as they are. */
function PromptsField() {
  const prompts = useStudio((state) => state.document?.prompts ?? 'as-written');
  const model = useStudio((state) => state.model);
  if (model && !model.scene) {
    const why = `${model.name} has no list of its words, so it is told every prompt as written.`;
    return (
      <Field label="What the model is told" help={why}>
        {() => null}
      </Field>
    );
  }
  return (
    <Field
      label="What the model is told"
      help="A prompt that leaves who or where to the shots before it is told in full; what you wrote stays as it is."
    >
      {() => (
        <Segments
          label="What the model is told"
          value={prompts}
          options={[
            { value: 'completed', text: 'Completed' },
            { value: 'as-written', text: 'As written' },
          ]}
          onChange={(value) => dispatch({ type: 'edit-project', prompts: value })}
        />
      )}
    </Field>
  );
}

/** What holds for the story where a shot says nothing of its own, and what new shots begin with. Shown while nothing is selected. */
export function StoryDefaults() {
  const document = useStudio((state) => state.document);
  const model = useStudio((state) => state.model?.memory);
  const typing = useRef(new Typing('story'));
  const choices = useMemoryChoices();
  const settings = useMemorySettings();
  if (!document) return null;
  const { shots } = document;
  const { chunks, transition } = document.defaults;
  const changes = editAll(shots, () => ({ chunks, transition }));
  const { memory, defaults } = document;
  const remember = (patch: typeof memory) =>
    dispatch({ type: 'edit-project', memory: { ...memory, ...patch } }, typing.current.step(Object.keys(patch).join()));
  const begin = (patch: Partial<ShotDefaults>) =>
    dispatch(
      { type: 'edit-project', defaults: { ...defaults, ...patch } },
      typing.current.step(Object.keys(patch).join()),
    );
  const { policy: _policy, bankFrames: _bank, activatedFrames: _active, capacity: _capacity, ...directions } = memory;
  const own = memory.policy ?? memory.bankFrames ?? memory.activatedFrames ?? memory.capacity;
  return (
    <div className={css.form}>
      <p className={css.estimate}>Select a shot to see and change it. This holds for the whole story:</p>
      <StoryModelField />
      <FrameSizeField />
      <PromptsField />
      <Field label="What shots may look back on" help="Shots that say nothing of their own follow it.">
        {(id) => (
          <Select<PolicyName>
            id={id}
            value={memory.policy ?? model?.policy ?? 'nam+sma'}
            options={choices}
            onChange={(policy) => remember({ policy })}
          />
        )}
      </Field>
      {settings.map(({ name, label, says, min, max }) => (
        <Field key={name} row label={label} help={says}>
          {(id) => (
            <NumberField
              id={id}
              label={label}
              stepper
              width={120}
              value={memory[name] ?? model?.[name] ?? min}
              min={min}
              max={max}
              onChange={(value) => remember({ [name]: value })}
            />
          )}
        </Field>
      ))}
      {own !== undefined && (
        <Button
          small
          style={{ alignSelf: 'flex-start' }}
          onClick={() => dispatch({ type: 'edit-project', memory: directions })}
        >
          As the model has it
        </Button>
      )}
      <Field row label="Length of new shots, in chunks">
        {(id) => (
          <NumberField
            id={id}
            label="Length of new shots"
            stepper
            width={120}
            value={defaults.chunks}
            min={1}
            max={limits.shotChunks}
            onChange={(chunks) => begin({ chunks })}
          />
        )}
      </Field>
      <Field label="How new shots begin">
        {() => (
          <Segments
            label="How new shots begin"
            value={defaults.transition}
            options={[
              { value: 'automatic', text: 'Automatic' },
              { value: 'continue', text: 'Continue' },
              { value: 'cut', text: 'Cut' },
            ]}
            onChange={(transition) => begin({ transition })}
          />
        )}
      </Field>
      <Field label="Seed of new shots">
        {(id) => (
          <Select<'before' | 'fixed'>
            id={id}
            value={defaults.seed === null ? 'before' : 'fixed'}
            options={[
              { value: 'before', text: 'As the shot before' },
              { value: 'fixed', text: `Always ${defaults.seed ?? 'the same'}` },
            ]}
            onChange={(value) => begin({ seed: value === 'before' ? null : (document.shots[0]?.seed ?? 0) })}
          />
        )}
      </Field>
      {defaults.seed !== null && (
        <Field row label="That seed">
          {(id) => (
            <NumberField
              id={id}
              label="Seed of new shots"
              width={120}
              value={defaults.seed ?? 0}
              min={0}
              max={limits.seed}
              onChange={(seed) => begin({ seed })}
            />
          )}
        </Field>
      )}
      {shots.length > 0 && (
        <Button
          small
          style={{ alignSelf: 'flex-start', height: 'auto', paddingBlock: 4, whiteSpace: 'normal', textAlign: 'left' }}
          disabled={changes.length === 0}
          onClick={() => dispatch(changes, null)}
        >
          {changes.length === 0
            ? 'Every shot has this length and beginning'
            : 'Give every shot this length and beginning'}
        </Button>
      )}
    </div>
  );
}
