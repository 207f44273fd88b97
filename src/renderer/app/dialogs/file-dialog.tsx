import { type FormEvent, useState } from 'react';
import { openFile, saveAs } from '../../actions/files.ts';
import { useStudio } from '../../state/index.ts';
import { closeDialog } from '../../state/view.ts';
import { Button, Dialog, Field, TextField } from '../../ui/index.ts';
import css from './dialogs.module.css';

/** Asks for a path on the studio's machine, where the host has no file dialog of its own. */
export function FileDialog({ purpose }: { readonly purpose: 'open-project' | 'save-project' }) {
  const file = useStudio((state) => state.project?.file);
  const saving = purpose === 'save-project';
  const [path, setPath] = useState(saving && file ? file.replace(/(\.throughline)?$/, ' copy.throughline') : '');
  const go = (event: FormEvent) => {
    event.preventDefault();
    const chosen = path.trim();
    if (chosen === '') return;
    closeDialog();
    void (saving ? saveAs(chosen) : openFile(chosen));
  };
  return (
    <Dialog title={saving ? 'Save a copy as' : 'Open'} onClose={closeDialog} width={520}>
      <form className={css.rows} onSubmit={go}>
        <Field
          label="Path on this machine"
          help={saving ? 'The copy is opened; the original stays as it is.' : 'A .throughline project, or a script.'}
        >
          {(id) => (
            <span className={css.inline}>
              <TextField
                id={id}
                value={path}
                autoFocus
                spellCheck={false}
                onChange={(event) => setPath(event.target.value)}
              />
              <Button type="submit" look="making">
                {saving ? 'Save' : 'Open'}
              </Button>
            </span>
          )}
        </Field>
      </form>
    </Dialog>
  );
}
