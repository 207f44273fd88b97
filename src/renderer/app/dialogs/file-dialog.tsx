import { type FormEvent, useEffect, useState } from 'react';
import type { RecentProject } from '../../../shared/api/types.ts';
import { openFile, saveAs } from '../../actions/files.ts';
import { api, attempt, useStudio } from '../../state/index.ts';
import { closeDialog, useView } from '../../state/view.ts';
import { Button, Dialog, Field, TextField } from '../../ui/index.ts';
import { agoWords } from '../words.ts';
import css from './dialogs.module.css';

/** Asks for a path on the studio's machine, where the host has no file dialog of its own. */
export function FileDialog({ purpose }: { readonly purpose: 'open-project' | 'save-project' }) {
  const file = useStudio((state) => state.project?.file);
  const saving = purpose === 'save-project';
  const [path, setPath] = useState(saving && file ? file.replace(/(\.throughline)?$/, ' copy.throughline') : '');
  const [busy, setBusy] = useState(false);
  const go = async (event: FormEvent) => {
    event.preventDefault();
    const chosen = path.trim();
    if (chosen === '') return;
    setBusy(true);
    const done = await (saving ? saveAs(chosen) : openFile(chosen));
    setBusy(false);
    // A path that does not do stays, to be corrected. What is open by now may be another dialog, which the answer asked for.
    if (done && useView.getState().dialog?.kind === 'file') closeDialog();
  };
  return (
    <Dialog title={saving ? 'Save a copy as' : 'Open'} onClose={closeDialog} width={520}>
      <form className={css.rows} onSubmit={(event) => void go(event)}>
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
              <Button type="submit" look="making" disabled={busy}>
                {saving ? 'Save' : 'Open'}
              </Button>
            </span>
          )}
        </Field>
      </form>
      {!saving && <Recent except={file} />}
    </Dialog>
  );
}

/** Projects opened lately that are still there, but the one that is open. */
function Recent({ except }: { readonly except: string | undefined }) {
  const [recent, setRecent] = useState<readonly RecentProject[]>([]);
  useEffect(() => {
    void attempt(api.projects.recent()).then((projects) => setRecent(projects ?? []));
  }, []);
  const others = recent.filter(({ file, missing }) => !missing && file !== except);
  if (others.length === 0) return null;
  return (
    <section className={css.group} aria-label="Recent projects">
      <h3>Opened lately</h3>
      <ul className={css.list}>
        {others.map(({ file, title, openedAt }) => (
          <li key={file}>
            <strong title={file}>{title}</strong>
            <span className={css.note}>{agoWords(openedAt, Date.now())}</span>
            <Button
              small
              aria-label={`Open ${title}`}
              onClick={() => {
                closeDialog();
                void openFile(file);
              }}
            >
              Open
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
