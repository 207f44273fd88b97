import { type FormEvent, useState } from 'react';
import type { InstalledModel, PublishedOffer } from '../../../../shared/models.ts';
import { api, attempt } from '../../../state/index.ts';
import { Button, Field, TextField } from '../../../ui/index.ts';
import { sizeWords } from '../../words.ts';
import dialogs from '../dialogs.module.css';
import { asInput, ChoiceFields, type Choices, firstChoices, freeName } from './choices.tsx';
import css from './models.module.css';

function show(row: HTMLElement | null): void {
  row?.scrollIntoView({ block: 'center' });
}

/** Published models: one press each, or any repository by its name. */
export function GetModel({
  offers,
  models,
  wanted,
}: {
  readonly offers: readonly PublishedOffer[];
  readonly models: readonly InstalledModel[];
  /** Recipe of the one that the open story was made with: it is brought into sight and marked. */
  readonly wanted?: string | undefined;
}) {
  const [choices, setChoices] = useState<Choices>(firstChoices);
  const [repository, setRepository] = useState('');
  const taken = models.map(({ id }) => id);
  const get = (recipe: string, named: string | null) =>
    void attempt(
      api.models.get({
        ...asInput({ ...choices, recipe, name: choices.name.trim() || freeName(recipe, taken) }),
        repository: named,
        files: [],
        have: [],
      }),
    );
  const byName = (event: FormEvent) => {
    event.preventDefault();
    const [address = '', file] = repository.trim().split(':');
    if (address === '') return;
    void attempt(
      api.models.get({
        ...asInput({ ...choices, name: choices.name.trim() || freeName(choices.recipe, taken) }),
        repository: address,
        files: file ? [file] : [],
        have: [],
      }),
    );
  };
  return (
    <>
      <ul className={css.models} aria-label="Published models">
        {offers
          .filter(({ canGet }) => canGet)
          .map(({ recipe, name, repository: from, licence, note, aboutBytes }) => (
            <li key={recipe} ref={recipe === wanted ? show : null} aria-current={recipe === wanted || undefined}>
              <div className={css.line}>
                <strong>{name}</strong>
                {recipe === wanted && <span className={css.badge}>The story’s model</span>}
                <Button small aria-label={`Get ${name}`} onClick={() => get(recipe, null)}>
                  Get, about {sizeWords(aboutBytes)}
                </Button>
              </div>
              <p className={dialogs.note}>
                From {from}. Licence: {licence ?? 'see its page'}. {note}
              </p>
            </li>
          ))}
      </ul>
      <ChoiceFields choices={choices} offers={offers} withRecipe onChange={setChoices} />
      <form onSubmit={byName}>
        <Field
          label="By name"
          help="owner/name, owner/name@revision, or owner/name:file. What it lacks of text encoder and decoder is fetched from Wan’s own repository."
        >
          {(id) => (
            <span className={dialogs.inline}>
              <TextField
                id={id}
                value={repository}
                placeholder="owner/name"
                spellCheck={false}
                onChange={(event) => setRepository(event.target.value)}
              />
              <Button type="submit" disabled={!repository.includes('/')}>
                Get
              </Button>
            </span>
          )}
        </Field>
      </form>
      <p className={dialogs.note}>
        Files come from the Hugging Face Hub and are used under their licences. Files of a Hugging Face cache on this
        machine are not fetched again. Nothing else is sent.
      </p>
    </>
  );
}
