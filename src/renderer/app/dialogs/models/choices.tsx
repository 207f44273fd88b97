import type { PublishedOffer } from '../../../../shared/models.ts';
import { Field, Select, TextField } from '../../../ui/index.ts';
import css from './models.module.css';

export type TextType = 'int8' | 'int4' | 'fp16';
const sizes = ['832x480', '640x368', '416x240', '256x160'] as const;
type Size = (typeof sizes)[number];

/** How a model is to be made; one form for files that are here and for files that are fetched. */
export interface Choices {
  readonly recipe: string;
  readonly name: string;
  readonly textType: TextType;
  readonly size: Size;
}

export const firstChoices: Choices = { recipe: 'memflow', name: '', textType: 'int8', size: '832x480' };

/** As the studio's API takes them. */
export function asInput({ recipe, name, textType, size }: Choices) {
  const [width = 0, height = 0] = size.split('x').map(Number);
  return { recipe, name: name.trim() || recipe, textType, size: { width, height }, use: true };
}

/** A name that no model has yet: `memflow`, `memflow 2`. */
export function freeName(wanted: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted} ${n}`;
    if (!taken.includes(name)) return name;
  }
}

export function ChoiceFields({
  choices,
  offers,
  withRecipe,
  onChange,
}: {
  readonly choices: Choices;
  readonly offers: readonly PublishedOffer[];
  readonly withRecipe: boolean;
  readonly onChange: (choices: Choices) => void;
}) {
  return (
    <div className={css.choices}>
      {withRecipe && (
        <Field label="Runs like">
          {(id) => (
            <Select
              id={id}
              value={choices.recipe}
              options={offers.map(({ recipe, name }) => ({ value: recipe, text: name }))}
              onChange={(recipe) => onChange({ ...choices, recipe })}
            />
          )}
        </Field>
      )}
      <Field label="Name">
        {(id) => (
          <TextField
            id={id}
            value={choices.name}
            placeholder={choices.recipe}
            maxLength={80}
            spellCheck={false}
            onChange={(event) => onChange({ ...choices, name: event.target.value })}
          />
        )}
      </Field>
      <Field label="Frame size">
        {(id) => (
          <Select
            id={id}
            value={choices.size}
            options={sizes.map((size) => ({
              value: size,
              text: size === '832x480' ? '832 × 480, full' : size.replace('x', ' × '),
            }))}
            onChange={(size) => onChange({ ...choices, size })}
          />
        )}
      </Field>
      <Field label="Text encoder">
        {(id) => (
          <Select
            id={id}
            value={choices.textType}
            options={[
              { value: 'int8', text: '8-bit' },
              { value: 'int4', text: '4-bit, smallest' },
              { value: 'fp16', text: '16-bit, largest' },
            ]}
            onChange={(textType) => onChange({ ...choices, textType })}
          />
        )}
      </Field>
    </div>
  );
}
