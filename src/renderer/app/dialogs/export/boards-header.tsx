import { useRef } from 'react';
import { notify } from '../../../state/index.ts';
import { Button, Field, TextField } from '../../../ui/index.ts';
import css from '../dialogs.module.css';
import { keepOptions, useExportChoices } from './choices.ts';

/** Bytes of a logo: it is kept with the other choices, in this browser. */
const largestLogo = 300_000;

/** What stands in the header of every page besides the title: a date as it is written, and a logo. */
export function BoardsHeader({ id }: { readonly id: string }) {
  const date = useExportChoices((state) => state.options[id]?.date);
  const logo = useExportChoices((state) => state.options[id]?.logo);
  const input = useRef<HTMLInputElement>(null);
  const hasLogo = typeof logo === 'string' && logo !== '';
  return (
    <>
      <Field row label="Date">
        {(fieldId) => (
          <TextField
            id={fieldId}
            value={typeof date === 'string' ? date : ''}
            maxLength={40}
            placeholder="printed as it is written"
            onChange={(event) => keepOptions(id, { date: event.target.value })}
          />
        )}
      </Field>
      <Field row label="Logo">
        {(fieldId) => (
          <span className={css.logo}>
            {hasLogo && <img src={logo} alt="The logo" />}
            <Button small id={fieldId} onClick={() => input.current?.click()}>
              {hasLogo ? 'Another…' : 'Choose a picture…'}
            </Button>
            {hasLogo && (
              <Button small onClick={() => keepOptions(id, { logo: '' })}>
                Without
              </Button>
            )}
            <input
              ref={input}
              hidden
              type="file"
              aria-label="Logo file"
              accept="image/png,image/jpeg"
              onChange={(event) => {
                const [file] = event.target.files ?? [];
                event.target.value = '';
                if (file) void readLogo(file).then((data) => data !== null && keepOptions(id, { logo: data }));
              }}
            />
          </span>
        )}
      </Field>
    </>
  );
}

/** A picture as a data URL; null, with a word why, where it cannot be a logo. */
async function readLogo(file: File): Promise<string | null> {
  const refuse = (message: string, hint: string): null => {
    notify({ level: 'error', message, hint });
    return null;
  };
  if (!/^image\/(png|jpeg)$/.test(file.type)) {
    return refuse(`${file.name} is not a PNG or JPEG picture.`, 'Choose another one.');
  }
  if (file.size > largestLogo) {
    return refuse(
      `${file.name} has ${Math.ceil(file.size / 1000)} kB; a logo may have up to ${largestLogo / 1000}.`,
      'Make it smaller: it is printed 20 points high.',
    );
  }
  const reader = new FileReader();
  return new Promise((resolve) => {
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => resolve(refuse(`${file.name} could not be read.`, 'Choose it again.'));
    reader.readAsDataURL(file);
  });
}
