import { type FormEvent, useEffect, useState } from 'react';
import { limits } from '../../../shared/project/limits.ts';
import { allSent, api, attempt, forProject, heard, notify, revisionOf } from '../../state/index.ts';
import { closeDialog, openDialog } from '../../state/view.ts';
import { Button, Dialog, EmptyState, Field, TextField } from '../../ui/index.ts';
import { agoWords } from '../words.ts';
import css from './dialogs.module.css';

/** Gives the story as it is now a name to return to. */
export function SaveVersionDialog() {
  const [{ project }] = useState(forProject);
  const [name, setName] = useState('');
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const trimmed = name.trim();
    if (trimmed === '') return;
    closeDialog();
    await allSent();
    try {
      await api.projects.nameVersion({ ...revisionOf(project), name: trimmed });
      notify({ level: 'info', message: `This version is kept as “${trimmed}”.` });
    } catch (error) {
      await attempt(Promise.reject(error));
    }
  };
  return (
    <Dialog
      title="Name this version"
      description="Everything is saved as it happens. A name is for coming back to this point."
      onClose={closeDialog}
    >
      <form className={css.rows} onSubmit={(event) => void save(event)}>
        <Field label="Name">
          {(id) => (
            <TextField
              id={id}
              value={name}
              maxLength={limits.versionName}
              autoFocus
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" look="making" style={{ alignSelf: 'flex-end' }} disabled={name.trim() === ''}>
          Keep this version
        </Button>
      </form>
    </Dialog>
  );
}

type Version = Awaited<ReturnType<typeof api.projects.versions>>[number];

/** The named versions, newest first. Going back to one can be undone. */
export function VersionsDialog() {
  const [{ project }] = useState(forProject);
  const [versions, setVersions] = useState<readonly Version[] | null>(null);
  useEffect(() => {
    void attempt(api.projects.versions({ project })).then((list) => setVersions(list ?? []));
  }, [project]);
  const restore = async ({ id }: Version) => {
    closeDialog();
    await allSent();
    const answer = await attempt(api.projects.restoreVersion({ ...revisionOf(project), id }));
    if (answer) heard(project, answer);
  };
  return (
    <Dialog title="Versions" description="Going back to one can be undone." onClose={closeDialog}>
      {versions?.length === 0 ? (
        <EmptyState
          text="No version has a name yet."
          action={<Button onClick={() => openDialog({ kind: 'save-version' })}>Name this version</Button>}
        />
      ) : (
        <ul className={css.list}>
          {versions?.map((version) => (
            <li key={version.id}>
              <strong>{version.name}</strong>
              <span className={css.note}>{agoWords(version.createdAt, Date.now())}</span>
              <Button small onClick={() => void restore(version)}>
                Go back to it
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
